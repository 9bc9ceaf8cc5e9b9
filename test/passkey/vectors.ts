/**
 * The test vectors of WebAuthn Level 3 §16, made as the specification makes them: everything random comes from
 * HKDF-SHA-256 over the words "WebAuthn test vectors" (§16.1), ECDSA nonces from RFC 6979.
 *
 * `vectors.test.ts` holds what comes out against values as they are published.
 */
import { createECDH, createHash, createHmac, createPrivateKey, hkdfSync, sign } from "node:crypto";
import { AT, BE, cbor, UP } from "./authenticator.ts";

export interface Vector {
  readonly name: string;
  readonly creation: { challenge: string; clientDataJSON: Buffer; attestationObject: Buffer };
  readonly credentialId: Buffer;
  readonly publicKey: Buffer;
  readonly flags: number;
  readonly assertion: {
    challenge: string;
    clientDataJSON: Buffer;
    authenticatorData: Buffer;
    signature: Buffer;
  };
}

interface Recipe {
  readonly key: "P-256" | "P-384" | "P-521" | "RSA" | "Ed25519";
  readonly idBytes?: number;
  readonly challengeBytes?: number;
  readonly crossOrigin?: true;
  readonly topOrigin?: true;

  /** How many random values its attestation draws: the key and the serial number of a certificate. */
  readonly attestationDraws?: number;

  /** The flags of a U2F key are never drawn. */
  readonly plainFlags?: true;
}

const recipes: Readonly<Record<string, Recipe>> = {
  "none.ES256": { key: "P-256" },
  "packed-self.ES256": { key: "P-256" },
  "none.ES256.crossOrigin": { key: "P-256", crossOrigin: true },
  "none.ES256.topOrigin": { key: "P-256", crossOrigin: true, topOrigin: true },
  "none.ES256.long-credential-id": { key: "P-256", idBytes: 1023 },
  "packed.ES256": { key: "P-256", attestationDraws: 2 },
  "packed.ES384": { key: "P-384", attestationDraws: 2 },
  "packed.ES512": { key: "P-521", challengeBytes: 128, attestationDraws: 2 },
  "packed.RS256": { key: "RSA", attestationDraws: 2 },
  "packed.EdDSA": { key: "Ed25519", attestationDraws: 2 },
  "tpm.ES256": { key: "P-256", attestationDraws: 2 },
  "android-key.ES256": { key: "P-256", attestationDraws: 1 },
  "apple.ES256": { key: "P-256", attestationDraws: 1 },
  "fido-u2f.ES256": { key: "P-256", attestationDraws: 2, plainFlags: true },
};

export const vectors = (): Vector[] => Object.entries(recipes).map(([name, recipe]) => make(name, recipe));

const partyHash = createHash("sha256").update("example.org").digest();

function make(name: string, recipe: Recipe): Vector {
  let salt = 0;
  const draw = (length: number) =>
    Buffer.from(hkdfSync("sha256", "WebAuthn test vectors", Buffer.from([salt++]), name, length));
  const flag = () => draw(1).readUInt8(0);

  function clientData(type: string, challenge: Buffer): Buffer {
    const data: Record<string, unknown> = {
      type,
      challenge: challenge.toString("base64url"),
      origin: "https://example.org",
      crossOrigin: recipe.crossOrigin ?? false,
    };
    const extended = (flag() & 1) === 1;
    if (recipe.topOrigin) data.topOrigin = "https://example.com";
    if (extended)
      data.extraData = `clientDataJSON may be extended with additional fields in the future, such as this: ${draw(16).toString("base64url")}`;
    return Buffer.from(JSON.stringify(data));
  }

  const challenge = draw(recipe.challengeBytes ?? 32);
  const key = keyOf(recipe.key, draw);
  const created = clientData("webauthn.create", challenge);
  const aaguid = draw(16);
  const credentialId = draw(recipe.idBytes ?? 32);
  let drawn = recipe.plainFlags ? 0 : flag() & 0x1c;
  if (!(drawn & BE)) drawn &= ~0x18;
  const flags = UP | AT | drawn;
  const length = Buffer.alloc(2);
  length.writeUInt16BE(credentialId.length);
  const data = Buffer.concat([
    partyHash,
    Buffer.from([flags]),
    Buffer.alloc(4),
    aaguid,
    length,
    credentialId,
    key.cose,
  ]);
  const object = new Map<unknown, unknown>([
    ["fmt", name.split(".")[0]?.replace("packed-self", "packed")],
    ["attStmt", new Map()],
    ["authData", data],
  ]);
  for (let n = 0; n < (recipe.attestationDraws ?? 0); n++) draw(32);

  const asked = draw(recipe.challengeBytes ?? 32);
  const got = clientData("webauthn.get", asked);
  const used = UP | (flags & BE) | (flag() & (flags & BE ? 0x14 : 0x04));
  const authenticatorData = Buffer.concat([partyHash, Buffer.from([used]), Buffer.alloc(4)]);
  const signed = Buffer.concat([authenticatorData, createHash("sha256").update(got).digest()]);
  return {
    name,
    creation: {
      challenge: challenge.toString("base64url"),
      clientDataJSON: created,
      attestationObject: cbor(object),
    },
    credentialId,
    publicKey: key.cose,
    flags,
    assertion: {
      challenge: asked.toString("base64url"),
      clientDataJSON: got,
      authenticatorData,
      signature: key.sign(signed),
    },
  };
}

type Draw = (length: number) => Buffer;

function keyOf(kind: Recipe["key"], draw: Draw): { cose: Buffer; sign: (data: Buffer) => Buffer } {
  if (kind === "Ed25519") {
    const prefix = Buffer.from("302e020100300506032b657004220420", "hex");
    const key = createPrivateKey({ key: Buffer.concat([prefix, draw(32)]), format: "der", type: "pkcs8" });
    const x = Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url");
    const cose = coseKey([
      [1, 1],
      [3, -8],
      [-1, 6],
      [-2, x],
    ]);
    return { cose, sign: (data) => sign(null, data, key) };
  }
  if (kind === "RSA") return mersenneKey();
  const curve = curves[kind];
  const secret = draw(curve.secretBytes);
  const ecdh = createECDH(curve.name);
  ecdh.setPrivateKey(Buffer.concat([Buffer.alloc(curve.bytes - secret.length), secret]));
  const point = ecdh.getPublicKey();
  const x = point.subarray(1, 1 + curve.bytes);
  const y = point.subarray(1 + curve.bytes);
  const cose = coseKey([
    [1, 2],
    [3, curve.alg],
    [-1, curve.id],
    [-2, x],
    [-3, y],
  ]);
  return { cose, sign: (data) => signDeterministically(curve, secret, data) };
}

const coseKey = (entries: [number, unknown][]): Buffer => cbor(new Map<unknown, unknown>(entries));

const curves = {
  "P-256": {
    name: "prime256v1",
    id: 1,
    alg: -7,
    hash: "sha256",
    bytes: 32,
    secretBytes: 32,
    order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  },
  "P-384": {
    name: "secp384r1",
    id: 2,
    alg: -35,
    hash: "sha384",
    bytes: 48,
    secretBytes: 48,
    order:
      0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  },
  "P-521": {
    name: "secp521r1",
    id: 3,
    alg: -36,
    hash: "sha512",
    bytes: 66,
    secretBytes: 65,
    order:
      0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  },
} as const;

type Curve = (typeof curves)[keyof typeof curves];

/** ECDSA with the nonce of RFC 6979 §3.2; the signature in DER. */
function signDeterministically({ name, hash, bytes, order }: Curve, secret: Buffer, data: Buffer): Buffer {
  const digest = createHash(hash).update(data).digest();
  const bits = order.toString(2).length;
  const hashBits = digest.length * 8;
  const h = number(digest) >> BigInt(Math.max(0, hashBits - bits));
  const d = number(secret);
  const mac = (key: Buffer, ...parts: Buffer[]) =>
    createHmac(hash, key).update(Buffer.concat(parts)).digest();
  const seed = Buffer.concat([octets(d, bytes), octets(h % order, bytes)]);
  let v: Buffer = Buffer.alloc(digest.length, 1);
  let k: Buffer = Buffer.alloc(digest.length, 0);
  for (const step of [0, 1]) {
    k = mac(k, v, Buffer.from([step]), seed);
    v = mac(k, v);
  }
  for (;;) {
    let t = Buffer.alloc(0);
    while (t.length < bytes) {
      v = mac(k, v);
      t = Buffer.concat([t, v]);
    }
    const nonce = number(t) >> BigInt(Math.max(0, t.length * 8 - bits));
    if (nonce > 0n && nonce < order) {
      const ecdh = createECDH(name);
      ecdh.setPrivateKey(octets(nonce, bytes));
      const r = number(ecdh.getPublicKey().subarray(1, 1 + bytes)) % order;
      const s = (inverse(nonce, order) * (h + r * d)) % order;
      return sequence(r, s);
    }
    k = mac(k, v, Buffer.from([0]));
    v = mac(k, v);
  }
}

/** The key of the two smallest Mersenne primes 2^p - 1 with p >= 1024; what it signs is PKCS#1 v1.5. */
function mersenneKey(): { cose: Buffer; sign: (data: Buffer) => Buffer } {
  const p = 2n ** 1279n - 1n;
  const q = 2n ** 2203n - 1n;
  const e = 65_537n;
  const d = inverse(e, ((p - 1n) * (q - 1n)) / gcd(p - 1n, q - 1n));
  const text = (value: bigint) => octets(value).toString("base64url");
  const jwk = {
    kty: "RSA",
    n: text(p * q),
    e: text(e),
    d: text(d),
    p: text(p),
    q: text(q),
    dp: text(d % (p - 1n)),
    dq: text(d % (q - 1n)),
    qi: text(inverse(q, p)),
  };
  const key = createPrivateKey({ key: jwk, format: "jwk" });
  const cose = coseKey([
    [1, 3],
    [3, -257],
    [-1, octets(p * q)],
    [-2, octets(e)],
  ]);
  return { cose, sign: (data) => sign("sha256", data, key) };
}

const number = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString("hex") || "0"}`);

function octets(value: bigint, length?: number): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex");
  return length === undefined ? bytes : Buffer.concat([Buffer.alloc(length - bytes.length), bytes]);
}

function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [((value % modulus) + modulus) % modulus, modulus, 1n, 0n];
  while (b > 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y];
  return ((x % modulus) + modulus) % modulus;
}

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));

function sequence(...values: bigint[]): Buffer {
  const body = Buffer.concat(
    values.map((value) => {
      const bytes = octets(value);
      const padded = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes;
      return Buffer.concat([Buffer.from([2, padded.length]), padded]);
    }),
  );
  return Buffer.concat([
    Buffer.from(body.length < 128 ? [0x30, body.length] : [0x30, 0x81, body.length]),
    body,
  ]);
}
