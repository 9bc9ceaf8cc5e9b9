/**
 * The keys that sign access tokens (RSA 2048, RS256). One signs; a rotated one verifies until the last token
 * it signed has expired.
 *
 *     signing ──rotate──▶ verifying ──its last token expired──▶ gone
 */
import { createPublicKey, type KeyObject } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, exportPKCS8, generateKeyPair, importPKCS8, type JWK } from "jose";
import { record } from "./audit.ts";
import { type Core, later } from "./core.ts";
import { policy } from "./policy.ts";

export interface SigningKey {
  /** The RFC 7638 thumbprint of the public key. */
  readonly kid: string;

  readonly publicJwk: JWK;

  /** PKCS#8, sealed. */
  readonly sealed: string;

  readonly createdAt: Date;

  /** Set when it signs no more: until when it still verifies. */
  readonly verifiesUntil: Date | null;
}

export interface SigningKeyReads {
  /** All there are, the same array until one changed, in this process or another. */
  current(): Promise<readonly SigningKey[]> | readonly SigningKey[];
}

export interface SigningKeyWrites extends SigningKeyReads {
  insert(key: SigningKey): Promise<void>;

  /** The ones that sign become ones that verify until then. */
  retire(verifiesUntil: Date): Promise<void>;

  sweep(now: Date): Promise<void>;
}

export interface Signer {
  readonly kid: string;
  readonly key: CryptoKey;
}

/** Longest life of a token that is not set by `lifetimes.access`: the JWT of an API key. */
const apiKeySeconds = 3600;

/** The first key, made when there is none. Takes a moment: call it once the house already answers. */
export async function ensureSigningKey(core: Core): Promise<void> {
  const keys = await core.store.read.signingKeys.current();
  if (keys.some(({ verifiesUntil }) => verifiesUntil === null)) return;
  const made = await makeKey(core);
  await core.store.write(async (tx) => {
    const now = await tx.signingKeys.current();
    if (now.some(({ verifiesUntil }) => verifiesUntil === null)) return;
    await tx.signingKeys.insert(made);
  });
}

/** A new key signs from now on; the old one verifies as long as one of its tokens may live. */
export async function rotateSigningKey(core: Core): Promise<string> {
  const made = await makeKey(core);
  const { lifetimes } = await policy(core);
  await core.store.write(async (tx) => {
    await tx.signingKeys.sweep(core.clock());
    await tx.signingKeys.retire(later(core, Math.max(lifetimes.access, apiKeySeconds)));
    await tx.signingKeys.insert(made);
    await record(core, tx, null, { event: "signing_key.rotated", reason: made.kid });
  });
  return made.kid;
}

async function makeKey(core: Core): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair("RS256", {
    modulusLength: 2048,
    extractable: true,
  });
  const publicJwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(publicJwk);
  return {
    kid,
    publicJwk: { ...publicJwk, kid, alg: "RS256", use: "sig" },
    sealed: core.keys.seal("signing_key", kid, await exportPKCS8(privateKey)),
    createdAt: core.clock(),
    verifiesUntil: null,
  };
}

const signers = new WeakMap<SigningKey, Promise<Signer>>();

/** The key that signs. Makes the first one if nobody has yet. */
export async function signer(core: Core): Promise<Signer> {
  await ensureSigningKey(core);
  const keys = await core.store.read.signingKeys.current();
  const key = keys.find(({ verifiesUntil }) => verifiesUntil === null);
  if (!key) throw new Error("there is no signing key");
  const known = signers.get(key);
  if (known !== undefined) return known;
  const opened = importPKCS8(core.keys.open("signing_key", key.kid, key.sealed), "RS256").then(
    (imported) => ({
      kid: key.kid,
      key: imported,
    }),
  );
  signers.set(key, opened);
  return opened;
}

const verifiers = new WeakMap<SigningKey, KeyObject>();

/** The public key `kid`, if its tokens may still be good; `keys` is what `current` answered. */
export function verifier(keys: readonly SigningKey[], kid: string, now: Date): KeyObject | null {
  const key = keys.find((one) => one.kid === kid);
  if (!key || (key.verifiesUntil !== null && key.verifiesUntil <= now)) return null;
  const known = verifiers.get(key);
  if (known) return known;
  const made = createPublicKey({ key: { ...key.publicJwk }, format: "jwk" });
  verifiers.set(key, made);
  return made;
}

/** The JSON Web Key Set (RFC 7517 §5): public halves of everything that may still verify. */
export async function publicKeys(core: Core): Promise<{ keys: JWK[] }> {
  await ensureSigningKey(core);
  const now = core.clock();
  const keys = await core.store.read.signingKeys.current();
  return {
    keys: keys
      .filter(({ verifiesUntil }) => verifiesUntil === null || verifiesUntil > now)
      .map(({ publicJwk }) => publicJwk),
  };
}
