/** Public identifiers: a prefix that says what it names, then a UUIDv7 (RFC 9562 §5.7) in Crockford base32. */
/** `mai`, a queued letter, never leaves the house. */
export type IdPrefix = "usr" | "ten" | "ses" | "psk" | "key" | "bst" | "dev" | "inv" | "idn" | "aud" | "mai";

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/** Sorts by the moment it was made, to the millisecond. */
export function newId(prefix: IdPrefix, now: Date): string {
  let value = Bun.randomUUIDv7("buffer", now.getTime()).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  let text = "";
  for (let digit = 0; digit < 26; digit++) {
    text = alphabet.charAt(Number(value & 31n)) + text;
    value >>= 5n;
  }
  return `${prefix}_${text}`;
}
