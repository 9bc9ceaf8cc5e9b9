import { expect, test } from "bun:test";
import { newId } from "../../src/identity/id.ts";
import { hashSecret, mintSecret } from "../../src/identity/secret.ts";

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const uuidOf = (id: string): string =>
  [...id.slice(4)]
    .reduce((sum, letter) => (sum << 5n) | BigInt(alphabet.indexOf(letter)), 0n)
    .toString(16)
    .padStart(32, "0");

test("an identifier is its prefix and a UUIDv7 in Crockford base32 that carries its moment", () => {
  const now = new Date("2026-01-01T00:00:00.123Z");
  const id = newId("ses", now);
  expect(id).toMatch(/^ses_[0-7][0-9a-hjkmnp-tv-z]{25}$/);
  const uuid = uuidOf(id);
  expect(Number.parseInt(uuid.slice(0, 12), 16)).toBe(now.getTime());
  expect(uuid[12]).toBe("7");
  expect("89ab").toContain(uuid[16] ?? "");
});

test("identifiers differ, and sort by their moment", () => {
  const ids = Array.from({ length: 2000 }, (_, n) => newId("usr", new Date(1_700_000_000_000 + n)));
  expect(new Set(ids).size).toBe(2000);
  expect([...ids].sort()).toEqual(ids);
});

test("a secret is random hex, and only its hash can be kept", () => {
  const secrets = new Set(Array.from({ length: 1000 }, () => mintSecret(48)));
  expect(secrets.size).toBe(1000);
  for (const secret of secrets) expect(secret).toMatch(/^[0-9a-f]{96}$/);
  // FIPS 180-4, "abc".
  const abc = Buffer.from("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "hex");
  expect(hashSecret("abc")).toBe(abc.toString("base64url"));
});
