/**
 * Access tokens: JWTs (RFC 9068) that name a session and live for a day, and, under a type of their own, those
 * that an API key was exchanged for. Signed with jose, verified at once.
 */
import { randomUUID, verify } from "node:crypto";
import { SignJWT } from "jose";
import type { ApiKey } from "./api-key.ts";
import type { Core } from "./core.ts";
import { andThen, type Found } from "./found.ts";
import { policy } from "./policy.ts";
import { hashSecret } from "./secret.ts";
import type { Session } from "./session.ts";
import { type Codec, makeShelf, type Shelf } from "./shelf.ts";
import { type SigningKey, signer, verifier } from "./signing-key.ts";

export interface AccessClaims {
  readonly sub: string;
  readonly sid: string;

  /** The API key that the token was exchanged for; null for a person's. */
  readonly keyId: string | null;

  /** Seconds since 1970. */
  readonly exp: number;

  readonly iat: number;
}

export interface Issued {
  readonly token: string;

  /** Seconds. */
  readonly expiresIn: number;
}

/**
 * Of a person, and of an API key. They differ so that neither passes for the other, here or at an application
 * that checks tokens by itself (RFC 8725 §3.11).
 */
const types = { person: "at+jwt", key: "key+jwt" } as const;

/** A token for `session`, which never outlives it. */
export async function issueAccessToken(core: Core, session: Session): Promise<Issued> {
  const { lifetimes } = await policy(core);
  const now = seconds(core.clock());
  const end = Math.max(now, Math.min(now + lifetimes.access, seconds(session.expiresAt)));
  const token = await sign(core, session, { typ: types.person, now, end, claims: {} });
  return { token, expiresIn: end - now };
}

const keySeconds = 3600;

/** A token that is `key` for an hour, and never outlives it or its session. */
export async function issueKeyToken(
  core: Core,
  { id, scopes, expiresAt }: ApiKey,
  session: Session,
): Promise<{ token: string; expiresAt: Date }> {
  const now = seconds(core.clock());
  const ends = [now + keySeconds, seconds(session.expiresAt), seconds(expiresAt ?? session.expiresAt)];
  const end = Math.min(...ends);
  const token = await sign(core, session, { typ: types.key, now, end, claims: { key_id: id, scopes } });
  return { token, expiresAt: new Date(end * 1000) };
}

const seconds = (at: Date): number => Math.floor(at.getTime() / 1000);

interface Statement {
  readonly typ: string;
  readonly now: number;
  readonly end: number;
  readonly claims: Readonly<Record<string, unknown>>;
}

async function sign(core: Core, session: Session, { typ, now, end, claims }: Statement): Promise<string> {
  const { url } = await policy(core);
  const { kid, key } = await signer(core);
  return new SignJWT({ sid: session.id, ...claims })
    .setProtectedHeader({ alg: "RS256", typ, kid })
    .setIssuer(url)
    .setAudience(url)
    .setSubject(session.userId)
    .setIssuedAt(now)
    .setExpirationTime(end)
    .setJti(randomUUID())
    .sign(key);
}

const form = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const longest = 4096;

export const looksLikeJwt = (token: string): boolean => token.length <= longest && form.test(token);

/** Tokens that verified, by their hashes: the text of one would take four times as much. */
interface Verified {
  readonly shelf: Shelf<AccessClaims>;
  readonly keys: readonly SigningKey[];
  readonly url: string;
}

const claimsCodec: Codec<AccessClaims> = {
  owner: () => null,
  numbers: ({ exp, iat }) => [exp, iat],
  texts: ({ sub, sid, keyId }) => [sub, sid, keyId],
  make: (row) => ({
    sub: row.text(0),
    sid: row.text(1),
    keyId: row.textOrNull(2),
    exp: row.number(0),
    iat: row.number(1),
  }),
};

/** In bytes: some forty thousand tokens. */
const mostRemembered = 8 * 1024 * 1024;
const memories = new WeakMap<Core, Verified>();

/** Nothing is known any more once the keys are others, or the address is. */
function verifiedBefore(core: Core, keys: readonly SigningKey[], url: string): Shelf<AccessClaims> {
  const known = memories.get(core);
  if (known?.keys === keys && known.url === url) return known.shelf;
  const shelf = known?.shelf ?? makeShelf(claimsCodec, mostRemembered);
  shelf.clear();
  memories.set(core, { shelf, keys, url });
  return shelf;
}

/**
 * The claims of a token of ours that has not expired, or null for anything else. A token that verified once is
 * remembered by the hash of its exact bytes, as long as keys and address are the same; its end is looked at every time.
 * Whether its session still stands is the caller's question.
 */
export function readAccessToken(core: Core, token: string): Found<AccessClaims | null> {
  if (!looksLikeJwt(token)) return null;
  return andThen(core.store.read.signingKeys.current(), (keys) =>
    andThen(policy(core), ({ url }) => claimsIn(core, token, keys, url)),
  );
}

function claimsIn(core: Core, token: string, keys: readonly SigningKey[], url: string): AccessClaims | null {
  const shelf = verifiedBefore(core, keys, url);
  const mark = hashSecret(token);
  const known = shelf.get(mark);
  const now = core.clock();
  const claims = known ?? verified(token, keys, url, now);
  if (!claims || claims.exp * 1000 <= now.getTime()) return null;
  if (!known) shelf.put(mark, claims);
  return claims;
}

function verified(token: string, keys: readonly SigningKey[], url: string, now: Date): AccessClaims | null {
  const [head = "", body = "", signature = ""] = token.split(".");
  const header = json(head);
  // The header chooses nothing but one of our own keys (RFC 8725 §3.1, §3.10, §3.11).
  if (header?.alg !== "RS256" || typeof header.kid !== "string") return null;
  if (header.typ !== types.person && header.typ !== types.key) return null;
  if ("crit" in header || "b64" in header) return null;
  const key = verifier(keys, header.kid, now);
  if (!key) return null;
  const signed = Buffer.from(signature, "base64url");
  if (signed.toString("base64url") !== signature) return null;
  if (!verify("RSA-SHA256", Buffer.from(`${head}.${body}`), key, signed)) return null;
  return claimsOf(json(body), { url, now, ofKey: header.typ === types.key });
}

const skewSeconds = 60;

function claimsOf(
  claims: Record<string, unknown> | null,
  { url, now, ofKey }: { url: string; now: Date; ofKey: boolean },
): AccessClaims | null {
  if (!claims || claims.iss !== url || claims.aud !== url || claims.nbf !== undefined) return null;
  const { sub, sid, exp, iat, key_id: keyId = null } = claims;
  if (typeof sub !== "string" || typeof sid !== "string") return null;
  if (ofKey ? typeof keyId !== "string" : keyId !== null) return null;
  if (!Number.isSafeInteger(exp) || !Number.isSafeInteger(iat)) return null;
  if (Number(iat) * 1000 > now.getTime() + skewSeconds * 1000) return null;
  return { sub, sid, keyId: keyId as string | null, exp: Number(exp), iat: Number(iat) };
}

function json(part: string): Record<string, unknown> | null {
  const bytes = Buffer.from(part, "base64url");
  // One text for one value: base64url has spare bits that a lenient reader ignores.
  if (bytes.toString("base64url") !== part) return null;
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
