/** An authenticator that signs whatever it is told to, also what no real one would. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

export type Algorithm = "ES256" | "EdDSA" | "RS256";

/** What an answer may say in place of the truth. */
export interface Bend {
  readonly origin?: string;
  readonly type?: string;
  readonly challenge?: string;
  readonly crossOrigin?: unknown;
  readonly topOrigin?: unknown;
  readonly rpId?: string;
  readonly flags?: number;
  readonly counter?: number;
  readonly fmt?: string;
  readonly attStmt?: Map<unknown, unknown>;
  readonly coseKey?: Map<unknown, unknown>;
  readonly userHandle?: string | null;
  readonly signWith?: KeyObject;

  /** Put into the answer around what was signed. */
  readonly id?: string;
  readonly rawId?: string;
  readonly credentialType?: string;
  readonly transports?: readonly string[];
}

export const UP = 0x01;
export const UV = 0x04;
export const BE = 0x08;
export const BS = 0x10;
export const AT = 0x40;

interface CreationOptions {
  readonly challenge: string;
  readonly rp: { readonly id: string };
  readonly user: { readonly id: string };
}

interface RequestOptions {
  readonly challenge: string;
  readonly rpId: string;
}

export interface KeyFacts {
  readonly algorithm?: Algorithm;
  readonly idBytes?: number;
  readonly credentialId?: Buffer;
  readonly origin?: string;

  /** Counts its uses; otherwise it says 0 for ever, as phones do. */
  readonly counts?: boolean;
}

export type Key = ReturnType<typeof makeKey>;

export function makeKey({
  algorithm = "ES256",
  idBytes = 32,
  credentialId = randomBytes(idBytes),
  origin = "http://localhost:8420",
  counts = false,
}: KeyFacts = {}) {
  const { privateKey, publicKey } = pairOf(algorithm);
  const rawId = credentialId.toString("base64url");
  let userHandle = "";
  let counter = 0;

  return {
    id: rawId,
    cose: coseOf(algorithm, publicKey),
    privateKey,
    get userHandle() {
      return userHandle;
    },

    create(options: CreationOptions, bend: Bend = {}) {
      userHandle = options.user.id;
      const clientData = clientDataOf("webauthn.create", options.challenge, origin, bend);
      const authData = Buffer.concat([
        head(bend.rpId ?? options.rp.id, bend.flags ?? UP | UV | BE | BS | AT, bend.counter ?? counter),
        Buffer.alloc(16),
        uint16(credentialId.length),
        credentialId,
        cbor(bend.coseKey ?? this.cose),
      ]);
      const object = new Map<unknown, unknown>([
        ["fmt", bend.fmt ?? "none"],
        ["attStmt", bend.attStmt ?? new Map()],
        ["authData", authData],
      ]);
      return {
        id: bend.id ?? rawId,
        rawId: bend.rawId ?? bend.id ?? rawId,
        type: bend.credentialType ?? "public-key",
        response: {
          clientDataJSON: clientData.toString("base64url"),
          attestationObject: cbor(object).toString("base64url"),
          transports: bend.transports ?? ["internal", "hybrid"],
        },
        clientExtensionResults: {},
      };
    },

    get(options: RequestOptions, bend: Bend = {}) {
      if (counts) counter++;
      const clientData = clientDataOf("webauthn.get", options.challenge, origin, bend);
      const authData = head(
        bend.rpId ?? options.rpId,
        bend.flags ?? UP | UV | BE | BS,
        bend.counter ?? counter,
      );
      const signed = Buffer.concat([authData, createHash("sha256").update(clientData).digest()]);
      const handle = bend.userHandle === undefined ? userHandle : bend.userHandle;
      return {
        id: bend.id ?? rawId,
        rawId: bend.rawId ?? bend.id ?? rawId,
        type: bend.credentialType ?? "public-key",
        response: {
          clientDataJSON: clientData.toString("base64url"),
          authenticatorData: authData.toString("base64url"),
          signature: signatureOf(algorithm, bend.signWith ?? privateKey, signed).toString("base64url"),
          ...(handle !== null && { userHandle: handle }),
        },
        clientExtensionResults: {},
      };
    },
  };
}

function pairOf(algorithm: Algorithm): { privateKey: KeyObject; publicKey: KeyObject } {
  if (algorithm === "ES256") return generateKeyPairSync("ec", { namedCurve: "P-256" });
  if (algorithm === "EdDSA") return generateKeyPairSync("ed25519");
  return generateKeyPairSync("rsa", { modulusLength: 2048 });
}

const signatureOf = (algorithm: Algorithm, key: KeyObject, data: Buffer): Buffer =>
  sign(algorithm === "EdDSA" ? null : "sha256", data, key);

export function coseOf(algorithm: Algorithm, key: KeyObject): Map<unknown, unknown> {
  const jwk = key.export({ format: "jwk" });
  const bytes = (text: string | undefined) => Buffer.from(text ?? "", "base64url");
  if (algorithm === "ES256")
    return new Map<unknown, unknown>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, bytes(jwk.x)],
      [-3, bytes(jwk.y)],
    ]);
  if (algorithm === "EdDSA")
    return new Map<unknown, unknown>([
      [1, 1],
      [3, -8],
      [-1, 6],
      [-2, bytes(jwk.x)],
    ]);
  return new Map<unknown, unknown>([
    [1, 3],
    [3, -257],
    [-1, bytes(jwk.n)],
    [-2, bytes(jwk.e)],
  ]);
}

/** As a browser writes it (§5.8.1.1): the fields in this order, what is not there left out. */
function clientDataOf(type: string, challenge: string, origin: string, bend: Bend): Buffer {
  const data: Record<string, unknown> = {
    type: bend.type ?? type,
    challenge: bend.challenge ?? challenge,
    origin: bend.origin ?? origin,
    crossOrigin: bend.crossOrigin ?? false,
  };
  if (bend.topOrigin !== undefined) data.topOrigin = bend.topOrigin;
  return Buffer.from(JSON.stringify(data));
}

function head(rpId: string, flags: number, counter: number): Buffer {
  const count = Buffer.alloc(4);
  count.writeUInt32BE(counter);
  return Buffer.concat([createHash("sha256").update(rpId).digest(), Buffer.from([flags]), count]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

/** As much of CBOR (RFC 8949) as authenticators speak. */
export function cbor(value: unknown): Buffer {
  if (typeof value === "number") return value < 0 ? item(1, -1 - value) : item(0, value);
  if (typeof value === "boolean") return Buffer.from([value ? 0xf5 : 0xf4]);
  if (value === undefined) return Buffer.from([0xf7]);
  if (typeof value === "string")
    return Buffer.concat([item(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([item(2, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([item(4, value.length), ...value.map(cbor)]);
  if (value instanceof Map)
    return Buffer.concat([
      item(5, value.size),
      ...[...value].flatMap(([name, one]) => [cbor(name), cbor(one)]),
    ]);
  throw new Error("no authenticator says this");
}

function item(major: number, value: number): Buffer {
  const type = major << 5;
  if (value < 24) return Buffer.from([type | value]);
  if (value < 256) return Buffer.from([type | 24, value]);
  return Buffer.concat([Buffer.from([type | 25]), uint16(value)]);
}
