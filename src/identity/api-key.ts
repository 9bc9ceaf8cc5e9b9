/**
 * A key for a program: it acts as its owner, within its scopes, where an endpoint takes keys at all.
 *
 *     live ──delete, or its owner is locked out──▶ gone
 *       └──── its time is up ────▶ expired (a matter of the clock; shown for a month, then swept)
 *
 * A key is no session. Exchanged for a JWT (`key-token.ts`) it gets one, so that its use stands in the
 * account's list of sessions; ending that one leaves the key alone.
 */
import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import { requireStill } from "./actor.ts";
import { record } from "./audit.ts";
import { type Core, later } from "./core.ts";
import { newId } from "./id.ts";
import type { Place } from "./known.ts";
import { write } from "./mail.ts";
import { may, type Permission, permissionsOf } from "./permission.ts";
import { Refusal } from "./refusal.ts";
import { hashSecret } from "./secret.ts";
import type { Caller, Session } from "./session.ts";
import type { User } from "./user.ts";

export interface ApiKey {
  readonly tokenHash: string;
  readonly id: string;
  readonly userId: string;
  readonly name: string;

  /** How the key begins, for people to tell one from another. */
  readonly prefix: string;

  /** What it was made for. What it may is less when its owner may less: `scopesOf`. */
  readonly scopes: readonly Permission[];

  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;

  /** Null: never. */
  readonly expiresAt: Date | null;

  /** The session its JWTs name, open or not; null before the first of them. */
  readonly sessionId: string | null;
}

/** Whose key it is. */
export interface OwnedKey {
  readonly key: ApiKey;
  readonly user: User;
}

/** Whom an API key stands for: its owner, within its scopes. */
export interface KeyCaller extends OwnedKey {
  /** The one its JWT names; null for the key itself. */
  readonly session: Session | null;
}

export interface ApiKeyReads {
  /** The key behind a hash and its owner, whatever their state. Asked on every request that shows one, so it may answer at once. */
  check(tokenHash: string): Promise<OwnedKey | null> | OwnedKey | null;

  /** The same by the key's identifier, as its JWT names it. */
  checkId(id: string): Promise<OwnedKey | null> | OwnedKey | null;

  /** Newest first, expired ones too. */
  list(userId: string): Promise<ApiKey[]>;

  count(userId: string): Promise<number>;
}

export interface ApiKeyWrites extends ApiKeyReads {
  insert(key: ApiKey): Promise<void>;

  /** live → gone; `null` when it was gone already, or is not `userId`'s. */
  delete(id: string, userId: string): Promise<ApiKey | null>;

  deleteFor(userId: string): Promise<void>;

  /** Gives the key the session `next` in place of `before`; `null` when it has another by now, or is gone. */
  attach(id: string, before: string | null, next: string): Promise<ApiKey | null>;

  /** Moves `lastUsedAt` on, never back. */
  seen(id: string, at: Date): Promise<void>;
}

/** Everything a key can be made for. */
export const scopes = permissionsOf("admin");

/** What one gets that asks for nothing. */
export const defaultScopes: readonly Permission[] = ["profile:read"];

export const keyPrefix = "hk_";

/** Base 62 in the order of ASCII. */
const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const bodyLength = 43;
const checksumLength = 6;
const form = new RegExp(`^${keyPrefix}([0-9A-Za-z]{${bodyLength}})([0-9A-Za-z]{${checksumLength}})$`);
const shownLength = 9;

/** 256 random bits fill 43 digits. */
export function mintKey(): string {
  const body = base62(BigInt(`0x${randomBytes(32).toString("hex")}`), bodyLength);
  return keyPrefix + body + checksum(body);
}

/** So that a scanner for leaked secrets, and the house itself, can tell a key from what looks like one. */
const checksum = (body: string): string => base62(BigInt(crc32(body)), checksumLength);

function base62(value: bigint, digits: number): string {
  let text = "";
  for (let rest = value; text.length < digits; rest /= 62n) text = alphabet.charAt(Number(rest % 62n)) + text;
  return text;
}

/** Whether every character of `token` is as the house wrote it, which takes no look at the store. */
function isWellFormed(token: string): boolean {
  const [, body, check] = form.exec(token) ?? [];
  return body !== undefined && checksum(body) === check;
}

/** The live key that `token` is, of an owner who may sign in; null for anything else. */
export async function liveKey(core: Core, token: string): Promise<OwnedKey | null> {
  if (!isWellFormed(token)) return null;
  const owned = await core.store.read.apiKeys.check(hashSecret(token));
  return owned && isLive(core, owned) ? owned : null;
}

export const isLive = (core: Core, { key, user }: OwnedKey): boolean =>
  user.disabledAt === null && (key.expiresAt === null || key.expiresAt > core.clock());

/** What a key may do right now: what it was made for, as far as its owner still may. */
export const scopesOf = ({ key, user }: OwnedKey): Permission[] =>
  key.scopes.filter((scope) => may(user.role, scope));

export interface NewKey {
  readonly name: string;
  readonly scopes: readonly Permission[];

  /** Null: it never expires. */
  readonly days: number | null;

  readonly place: Place;
}

/** So many keys an account has room for, expired ones included. */
const mostKeys = 50;

/**
 * Makes a key of the caller's and tells them by mail. Its text is in the answer and nowhere else.
 *
 * Refuses: `UNAUTHENTICATED` a session that was ended meanwhile, `FORBIDDEN` a scope the caller does not have,
 * `INVALID_REQUEST` the key that is one too many.
 */
export async function createKey(
  core: Core,
  caller: Caller,
  { name, scopes, days, place }: NewKey,
): Promise<{ key: ApiKey; token: string }> {
  const { id: userId } = caller.user;
  const token = mintKey();
  const createdAt = core.clock();
  const key: ApiKey = {
    tokenHash: hashSecret(token),
    id: newId("key", createdAt),
    userId,
    name,
    prefix: token.slice(0, shownLength),
    scopes: [...new Set(scopes)],
    createdAt,
    lastUsedAt: null,
    expiresAt: days === null ? null : later(core, days * 86_400),
    sessionId: null,
  };
  await core.store.write(async (tx) => {
    // A reset that voided every key must not be followed by one that was asked for before it.
    if ((await tx.sessions.find(caller.session.id))?.endedAt !== null) throw new Refusal("UNAUTHENTICATED");
    for (const scope of key.scopes) await requireStill(tx, { userId, place }, scope);
    if ((await tx.apiKeys.count(userId)) >= mostKeys) throw tooMany();
    await tx.apiKeys.insert(key);
    const owner = await tx.users.find(userId);
    if (owner && owner.email !== null)
      await write(core, tx, { to: owner.email, notice: { kind: "api_key_created", name, at: createdAt } });
    await record(core, tx, place, { event: "api_key.created", ...facts(caller, key) });
  });
  return { key, token };
}

/** Deletes a key of the caller's, and ends its session. Refuses: `NOT_FOUND`, also for another person's. */
export async function deleteKey(
  core: Core,
  caller: Caller,
  { id, place }: { id: string; place: Place },
): Promise<void> {
  await core.store.write(async (tx) => {
    const key = await tx.apiKeys.delete(id, caller.user.id);
    if (!key) throw new Refusal("NOT_FOUND");
    if (key.sessionId !== null) await tx.sessions.end(key.sessionId, key.userId, core.clock());
    await record(core, tx, place, { event: "api_key.deleted", ...facts(caller, key) });
  });
}

/** The account's keys, newest first. Uses that are not in the store yet are shown. */
export async function listKeys(core: Core, userId: string): Promise<ApiKey[]> {
  const keys = await core.store.read.apiKeys.list(userId);
  return keys.map((key) => ({ ...key, lastUsedAt: core.sightings.get(key.id) ?? key.lastUsedAt }));
}

const facts = ({ user, session }: Caller, key: ApiKey) => ({
  actorId: user.id,
  userId: user.id,
  sessionId: session.id,
  reason: `${key.id} ${key.prefix}`,
});

const tooMany = (): Refusal => {
  const message = `An account has room for ${mostKeys} API keys. Delete one that is no longer used.`;
  return new Refusal("INVALID_REQUEST", { message, details: [{ path: "", message }] });
};
