/**
 * Passkeys that nobody has, for names that have none: who asks for options by a name always hears of some, so
 * that nobody learns which names are somebody's. They are the same every time, after a restart, and on every surface.
 */
import type { Keyring } from "./keyring.ts";

/** An entry of `allowCredentials` or `excludeCredentials` (`PublicKeyCredentialDescriptorJSON`). */
export interface Descriptor {
  readonly id: string;
  readonly type: "public-key";
  readonly transports: readonly string[];
}

/** What the passkeys of this world look like: of a phone, a password manager, a computer, a security key. */
const looks = [
  { bytes: 20, transports: ["hybrid", "internal"] },
  { bytes: 16, transports: ["hybrid", "internal"] },
  { bytes: 32, transports: ["internal"] },
  { bytes: 32, transports: ["hybrid", "internal"] },
  { bytes: 16, transports: ["internal"] },
  { bytes: 48, transports: ["nfc", "usb"] },
  { bytes: 64, transports: ["usb"] },
  { bytes: 64, transports: [] },
] as const;

const anewSeconds = 30 * 86_400;

/** When, in a house that moved at `since`, such a name enrols another passkey: within a month, as people do. */
export function enrolsAnew(keys: Keyring, subject: string, since: Date): Date {
  const drawn = Buffer.from(keys.mac("decoy", `anew ${subject}`), "base64url").readUInt32BE(0) / 2 ** 32;
  return new Date(since.getTime() + drawn * anewSeconds * 1000);
}

/** One name in four has two. */
export function decoys(keys: Keyring, subject: string): Descriptor[] {
  const draw = (what: string) => Buffer.from(keys.mac("decoy", `${what} ${subject}`), "base64url");
  const count = draw("count").readUInt8(0) < 64 ? 2 : 1;
  return Array.from({ length: count }, (_, n) => {
    const { bytes, transports } = looks[draw(`look ${n}`).readUInt8(0) % looks.length] ?? looks[0];
    const id = Buffer.concat([draw(`id ${n}`), draw(`more ${n}`)]).subarray(0, bytes);
    return { id: id.toString("base64url"), type: "public-key", transports };
  });
}
