/** Public keys of passkeys as authenticators write them: COSE (RFC 9052 §7, RFC 8152 §13), of the three kinds the house offers. */
import { createPublicKey } from "node:crypto";
import type { JWK } from "jose";

/** ES256, EdDSA (Ed25519) and RS256: what every authenticator has one of. In the order the house likes them. */
export const offeredAlgorithms = [-7, -8, -257] as const;

/** By label: numbers and bytes. */
export type CoseKey = ReadonlyMap<number, unknown>;

const label = { kty: 1, alg: 3, crv: -1, x: -2, y: -3, n: -1, e: -2 } as const;

/** So many bytes of modulus: 2048 to 8192 bits. A longer one would only make every sign-in dear. */
const modulusBytes = { least: 256, most: 1024 };

/** Whether the key is one the house takes: of an offered algorithm, of the kind and curve it needs, and not weak. */
export function isGoodKey(key: CoseKey): boolean {
  const jwk = jwkOf(key);
  if (!jwk) return false;
  try {
    // A point that is not on its curve is no key.
    createPublicKey({ key: jwk, format: "jwk" });
    return true;
  } catch {
    return false;
  }
}

function jwkOf(key: CoseKey): JWK | null {
  const kind = `${key.get(label.alg)} ${key.get(label.kty)}`;
  if (kind === "-7 2" && key.get(label.crv) === 1) return pointOf(key);
  if (kind === "-8 1" && key.get(label.crv) === 6) {
    const x = bytes(key.get(label.x), 32, 32);
    return x === null ? null : { kty: "OKP", crv: "Ed25519", x };
  }
  return kind === "-257 3" ? modulusOf(key) : null;
}

function pointOf(key: CoseKey): JWK | null {
  const x = bytes(key.get(label.x), 32, 32);
  const y = bytes(key.get(label.y), 32, 32);
  return x === null || y === null ? null : { kty: "EC", crv: "P-256", x, y };
}

function modulusOf(key: CoseKey): JWK | null {
  const modulus = key.get(label.n);
  const exponent = key.get(label.e);
  const n = bytes(modulus, modulusBytes.least, modulusBytes.most);
  const e = bytes(exponent, 1, 4);
  if (!n || !e || !(modulus instanceof Uint8Array) || !(exponent instanceof Uint8Array)) return null;
  // Leading zeros make a key look longer than it is; an even exponent, or 1, signs nothing.
  const least = modulus.length === modulusBytes.least ? 0x80 : 1;
  const strong = (modulus[0] ?? 0) >= least && ((modulus.at(-1) ?? 0) & 1) === 1;
  const sound = ((exponent.at(-1) ?? 0) & 1) === 1 && (exponent.length > 1 || (exponent[0] ?? 0) > 1);
  return strong && sound ? { kty: "RSA", n, e } : null;
}

/** Base64url when `value` is bytes, as many as it should be. */
function bytes(value: unknown, least: number, most: number): string | null {
  if (!(value instanceof Uint8Array) || value.length < least || value.length > most) return null;
  return Buffer.from(value).toString("base64url");
}
