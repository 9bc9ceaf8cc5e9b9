/** Reads ID tokens (OpenID Connect Core 1.0 §3.1.3.7), of every provider and for every flow alike. */
import {
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyResult,
  jwtVerify,
} from "jose";
import { algorithms, type Directory } from "./directory.ts";
import { denied } from "./fault.ts";

export interface Expected {
  readonly issuer: string;

  /** The client it must have been made for. */
  readonly audience: string;

  readonly token: string;

  /** Undefined: the flow has none. */
  readonly nonce?: string;
}

export type IdToken = JWTPayload & { readonly sub: string; readonly exp: number };

const skewSeconds = 60;

/** Rejects with `denied` what does not hold, with `unavailable` when the keys cannot be had: never a pass. */
export async function readIdToken(directory: Directory, expected: Expected, now: Date): Promise<IdToken> {
  const description = await directory.describe(expected.issuer, now);
  const keys = await directory.keys(description, now);
  try {
    return judge(await verified(keys, expected, now), expected, now);
  } catch (error) {
    if (!(error instanceof errors.JWKSNoMatchingKey)) throw meaning(error);
  }
  // It may be signed with a key that is newer than what is known.
  const newer = await directory.newKeys(description, now);
  if (!newer) throw denied("The ID token is signed with a key the provider does not publish.");
  try {
    return judge(await verified(newer, expected, now), expected, now);
  } catch (error) {
    throw meaning(error);
  }
}

const verified = (
  keys: JSONWebKeySet,
  { issuer, audience, token }: Expected,
  now: Date,
): Promise<JWTVerifyResult> =>
  jwtVerify(token, createLocalJWKSet(keys), {
    algorithms: [...algorithms],
    issuer,
    audience,
    currentDate: now,
    clockTolerance: skewSeconds,
    requiredClaims: ["sub", "iat", "exp"],
  });

function judge(
  { payload, protectedHeader }: JWTVerifyResult,
  { audience, nonce }: Expected,
  now: Date,
): IdToken {
  const { sub, iat, exp, aud, azp } = payload;
  // An access token or a logout token of the same provider says what it is (RFC 8725 §3.11).
  if (protectedHeader.typ !== undefined && protectedHeader.typ.toLowerCase() !== "jwt")
    throw denied("The token is of another kind than an ID token.");
  if (protectedHeader.crit !== undefined)
    throw denied("The ID token wants more understood than this house does (crit).");
  if (typeof sub !== "string" || sub === "" || sub.length > 255) throw denied("The ID token names nobody.");
  if (!Number.isSafeInteger(iat) || !Number.isSafeInteger(exp))
    throw denied("The ID token has no proper times.");
  if (Number(iat) * 1000 > now.getTime() + skewSeconds * 1000)
    throw denied("The ID token was made in the future: one of the two clocks is wrong.");
  if ((Array.isArray(aud) && aud.length > 1 && azp === undefined) || (azp !== undefined && azp !== audience))
    throw denied("The ID token was made for another client.");
  if (nonce !== undefined && payload.nonce !== nonce)
    throw denied("The ID token belongs to another sign-in (nonce).");
  return { ...payload, sub, exp: Number(exp) };
}

const aboutClaims: Readonly<Record<string, string>> = {
  iss: "The ID token is of another issuer.",
  aud: "The ID token was made for another client.",
  exp: "The ID token has expired, or one of the two clocks is wrong.",
  nbf: "The ID token is not valid yet, or one of the two clocks is wrong.",
  iat: "The ID token does not say when it was made.",
  sub: "The ID token names nobody.",
};

function meaning(error: unknown): unknown {
  if (error instanceof errors.JWKSMultipleMatchingKeys)
    return denied("The ID token does not say which of the provider's keys signed it.", error);
  if (error instanceof errors.JWKSNoMatchingKey)
    return denied("The ID token is signed with a key the provider does not publish.", error);
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return denied("The signature of the ID token is wrong.", error);
  if (error instanceof errors.JOSEAlgNotAllowed)
    return denied(`The ID token is signed otherwise than with ${algorithms.join(", ")}.`, error);
  if (error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired)
    return denied(aboutClaims[error.claim] ?? "The ID token says something that cannot be.", error);
  if (error instanceof errors.JOSEError || error instanceof TypeError)
    return denied("The ID token is malformed.", error);
  return error;
}
