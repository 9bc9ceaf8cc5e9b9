/**
 * Judging what an authenticator signed (WebAuthn Level 3 §7.1 and §7.2). Bytes go in, and what they prove comes
 * out: which ceremony they belong to, whose passkey it is and what happens then stands elsewhere.
 *
 * `@simplewebauthn/server` does the cryptography, and is loaded when the first passkey is seen. What it does not
 * check, or checks more generously than this house, is checked here first.
 */
import { hash } from "node:crypto";
import { type CoseKey, isGoodKey, offeredAlgorithms } from "./cose.ts";

/** Why an answer was not accepted. For the audit: nobody who answers is told. */
export type Reason =
  | "account"
  | "attestation"
  | "backup"
  | "challenge"
  | "counter"
  | "credential"
  | "cross_origin"
  | "key"
  | "known_credential"
  | "malformed"
  | "origin"
  | "rp_id"
  | "session"
  | "signature"
  | "too_many"
  | "type"
  | "user_absent"
  | "user_handle"
  | "user_unverified";

export class Unacceptable extends Error {
  readonly reason: Reason;

  constructor(reason: Reason, options?: ErrorOptions) {
    super(reason, options);
    this.name = "Unacceptable";
    this.reason = reason;
  }
}

/** Who the house is to an authenticator; from the configuration, never from a request. */
export interface RelyingParty {
  /** The host name of the house. */
  readonly id: string;

  /** Taken exactly as they are written; an app's scheme and `android:apk-key-hash:…` are origins, too. */
  readonly origins: readonly string[];
}

/** The parts of an `AuthenticationResponseJSON` that count. All of them base64url. */
export interface Assertion {
  readonly id: string;
  readonly rawId: string;
  readonly type: string;
  readonly response: {
    readonly clientDataJSON: string;
    readonly authenticatorData: string;
    readonly signature: string;
    readonly userHandle?: string | undefined;
  };
}

/** The parts of a `RegistrationResponseJSON` that count. */
export interface Creation {
  readonly id: string;
  readonly rawId: string;
  readonly type: string;
  readonly response: {
    readonly clientDataJSON: string;
    readonly attestationObject: string;
    readonly transports?: readonly string[] | undefined;
  };
}

export interface ClientData {
  readonly type: string;
  readonly challenge: string;
  readonly origin: string;

  /** Said by a page in a frame of another origin's; none of ours is ever in one. */
  readonly framed: boolean;
}

/** What a new passkey brings with it. */
export interface Credential {
  /** The name of the house that it was made for, and works for alone. */
  readonly rpId: string;

  /** Base64url, at most 1023 bytes. */
  readonly credentialId: string;

  /** COSE, base64url. */
  readonly publicKey: string;

  readonly counter: number;

  /** `multiDevice`: it may be copied to other devices of its owner's (the BE flag). */
  readonly deviceType: DeviceType;

  /** It has been (the BS flag). */
  readonly backedUp: boolean;

  readonly aaguid: string;
}

export type DeviceType = "singleDevice" | "multiDevice";

/** What an accepted assertion says anew about its passkey. */
export type Used = Pick<Credential, "counter" | "backedUp">;

const mostIdBytes = 1023;

/** What authenticators are told of an account, and tell us again: its identifier, which says nothing about anybody. */
export const userHandleOf = (userId: string): string => Buffer.from(userId).toString("base64url");

/** What the client says it was asked, and where. Throws `Unacceptable`. */
export function readClientData({ clientDataJSON }: { readonly clientDataJSON: string }): ClientData {
  const data = parse(bytesOf(clientDataJSON));
  const { type, challenge, origin, crossOrigin = false } = data;
  if (typeof type !== "string" || typeof challenge !== "string" || typeof origin !== "string")
    throw new Unacceptable("malformed");
  return { type, challenge, origin, framed: crossOrigin !== false || "topOrigin" in data };
}

/** Judges a new passkey (§7.1). The caller has found the ceremony by its challenge. Throws `Unacceptable`. */
export async function verifyCreation(rp: RelyingParty, answer: Creation): Promise<Credential> {
  const client = readClientData(answer.response);
  checkClient(client, "webauthn.create", rp);
  checkId(answer);
  const { helpers, verifyRegistrationResponse } = await library();
  const object = helpers.attestationOf(bytesOf(answer.response.attestationObject));
  // The house asks for no attestation. A statement could name addresses to be fetched, and none ever is.
  if (object.format !== "none") throw new Unacceptable("attestation");
  const data = helpers.dataOf(object.authData);
  checkParty(data, rp);
  checkFlags(data.flags);
  if (!data.flags.uv) throw new Unacceptable("user_unverified");
  const { credentialID, credentialPublicKey } = data;
  if (!credentialID || !credentialPublicKey) throw new Unacceptable("malformed");
  if (credentialID.length > mostIdBytes || Buffer.from(credentialID).toString("base64url") !== answer.id)
    throw new Unacceptable("credential");
  if (!isGoodKey(helpers.keyOf(credentialPublicKey))) throw new Unacceptable("key");

  const judged = await orUnacceptable("signature", () =>
    verifyRegistrationResponse({
      response: answer as never,
      expectedChallenge: client.challenge,
      expectedOrigin: [...rp.origins],
      expectedRPID: rp.id,
      requireUserVerification: true,
      supportedAlgorithmIDs: [...offeredAlgorithms],
    }),
  );
  if (!judged.verified) throw new Unacceptable("signature");
  const { credential, credentialDeviceType, credentialBackedUp, aaguid } = judged.registrationInfo;
  return {
    rpId: rp.id,
    credentialId: answer.id,
    publicKey: Buffer.from(credential.publicKey).toString("base64url"),
    counter: credential.counter,
    deviceType: credentialDeviceType,
    backedUp: credentialBackedUp,
    aaguid,
  };
}

/**
 * Judges a use of `known` (§7.2). The signature is judged before what it vouches for, so that the audit never
 * blames an authenticator for flags or a counter that somebody else wrote. Throws `Unacceptable`.
 */
export async function verifyAssertion(
  rp: RelyingParty,
  known: Pick<Credential, "credentialId" | "publicKey" | "counter" | "deviceType">,
  answer: Assertion,
): Promise<Used> {
  const client = readClientData(answer.response);
  checkClient(client, "webauthn.get", rp);
  checkId(answer);
  if (answer.id !== known.credentialId) throw new Unacceptable("credential");
  const { helpers, verifyAuthenticationResponse } = await library();
  const { flags, counter, rpIdHash } = helpers.dataOf(bytesOf(answer.response.authenticatorData));
  bytesOf(answer.response.signature);
  checkParty({ rpIdHash }, rp);
  checkFlags(flags);
  const judged = await orUnacceptable("signature", () =>
    verifyAuthenticationResponse({
      response: answer as never,
      expectedChallenge: client.challenge,
      expectedOrigin: [...rp.origins],
      expectedRPID: rp.id,
      // The last two are judged below, once it is known who wrote them.
      credential: { id: known.credentialId, publicKey: bytesOf(known.publicKey), counter: 0 },
      requireUserVerification: false,
    }),
  );
  if (!judged.verified) throw new Unacceptable("signature");
  if (!flags.uv) throw new Unacceptable("user_unverified");
  if (flags.be !== (known.deviceType === "multiDevice")) throw new Unacceptable("backup");
  // Authenticators that do not count say 0 for ever; one that counts and does not get ahead may be a copy.
  if ((counter > 0 || known.counter > 0) && counter <= known.counter) throw new Unacceptable("counter");
  return { counter, backedUp: flags.bs };
}

function checkClient(
  { type, origin, framed }: ClientData,
  expected: string,
  { origins }: RelyingParty,
): void {
  if (type !== expected) throw new Unacceptable("type");
  if (framed) throw new Unacceptable("cross_origin");
  if (!origins.includes(origin)) throw new Unacceptable("origin");
}

function checkId({ id, rawId, type }: Pick<Assertion, "id" | "rawId" | "type">): void {
  if (type !== "public-key") throw new Unacceptable("type");
  if (id !== rawId || bytesOf(id).length > mostIdBytes) throw new Unacceptable("credential");
}

function checkParty({ rpIdHash }: { readonly rpIdHash: Uint8Array }, { id }: RelyingParty): void {
  if (Buffer.from(rpIdHash).toString("hex") !== hash("sha256", id, "hex")) throw new Unacceptable("rp_id");
}

function checkFlags({ up, be, bs }: { up: boolean; be: boolean; bs: boolean }): void {
  if (!up) throw new Unacceptable("user_absent");
  if (bs && !be) throw new Unacceptable("backup");
}

/** Base64url as there is one way to write it. */
function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from(Buffer.from(text, "base64url"));
  if (bytes.length === 0 || Buffer.from(bytes).toString("base64url") !== text)
    throw new Unacceptable("malformed");
  return bytes;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function parse(bytes: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes));
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new Unacceptable("malformed");
}

/** Runs `judge`; what it throws becomes `reason`. */
async function orUnacceptable<T>(reason: Reason, judge: () => T | Promise<T>): Promise<T> {
  try {
    return await judge();
  } catch (cause) {
    throw new Unacceptable(reason, { cause });
  }
}

/** The library, with readers of bytes that say `malformed` of what cannot be read. */
async function library() {
  // What the library is built on wants this to be there before it, and a bundle does not keep their order.
  await import("reflect-metadata");
  const { verifyAuthenticationResponse, verifyRegistrationResponse } = await import("@simplewebauthn/server");
  const { decodeAttestationObject, ...rest } = await import("@simplewebauthn/server/helpers");
  const { decodeCredentialPublicKey, parseAuthenticatorData } = rest;
  const helpers = {
    dataOf: readable(parseAuthenticatorData),
    keyOf: readable(
      (bytes: Uint8Array<ArrayBuffer>) => decodeCredentialPublicKey(bytes) as unknown as CoseKey,
    ),
    attestationOf: readable((bytes: Uint8Array<ArrayBuffer>) => {
      const object = decodeAttestationObject(bytes);
      const authData = object.get("authData");
      if (!(authData instanceof Uint8Array)) throw new Error("no authenticator data");
      return { format: object.get("fmt"), authData };
    }),
  };
  return { helpers, verifyAuthenticationResponse, verifyRegistrationResponse };
}

function readable<In, Out>(read: (bytes: In) => Out): (bytes: In) => Out {
  return (bytes) => {
    try {
      return read(bytes);
    } catch (cause) {
      throw new Unacceptable("malformed", { cause });
    }
  };
}
