/** Keys derived from the one master key (HKDF, RFC 5869), one for each use, so that no use can stand in for another. */
import { createHmac, hkdfSync } from "node:crypto";

export type KeyUse = "check" | "throttle";

export interface Keyring {
  /** HMAC-SHA-256 of `message` under the key for `use`, base64url. */
  mac(use: KeyUse, message: string): string;
}

/** `master` is 32 random bytes. */
export function makeKeyring(master: Uint8Array): Keyring {
  const derived = new Map<KeyUse, Uint8Array>();

  function key(use: KeyUse): Uint8Array {
    const known = derived.get(use);
    if (known) return known;
    const made = new Uint8Array(hkdfSync("sha256", master, "", `housekey/${use}`, 32));
    derived.set(use, made);
    return made;
  }

  return {
    mac: (use, message) => createHmac("sha256", key(use)).update(message).digest("base64url"),
  };
}
