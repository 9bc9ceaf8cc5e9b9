/** Keys derived from the one master key (HKDF, RFC 5869), one for each use, so that no use can stand in for another. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";

/** Keys that authenticate. */
export type MacUse =
  | "backup_code"
  | "check"
  | "decoy"
  | "device"
  | "mail_code"
  | "refresh"
  | "throttle"
  | "upstream";

/** Keys that encrypt. */
export type SealUse = "mail" | "mail_code" | "provider" | "signing_key" | "totp" | "upstream";

export interface Keyring {
  /** HMAC-SHA-256 of `message` under the key for `use`, base64url. */
  mac(use: MacUse, message: string): string;

  /** Encrypts `text` for keeping (AES-256-GCM); `context` names the row, and only with it does it open again. */
  seal(use: SealUse, context: string, text: string): string;

  /** What was sealed. Throws when the box, its context or the master key is another. */
  open(use: SealUse, context: string, box: string): string;
}

/** `master` is 32 random bytes. */
export function makeKeyring(master: Uint8Array): Keyring {
  const derived = new Map<string, Uint8Array>();

  function key(use: string): Uint8Array {
    const known = derived.get(use);
    if (known) return known;
    const made = new Uint8Array(hkdfSync("sha256", master, "", `housekey/${use}`, 32));
    derived.set(use, made);
    return made;
  }

  return {
    mac: (use, message) => createHmac("sha256", key(use)).update(message).digest("base64url"),

    seal(use, context, text) {
      const iv = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key(`seal/${use}`), iv);
      cipher.setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), body]).toString("base64url");
    },

    open(use, context, box) {
      const bytes = Buffer.from(box, "base64url");
      const decipher = createDecipheriv("aes-256-gcm", key(`seal/${use}`), bytes.subarray(0, 12));
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(bytes.subarray(12, 28));
      return decipher.update(bytes.subarray(28), undefined, "utf8") + decipher.final("utf8");
    },
  };
}
