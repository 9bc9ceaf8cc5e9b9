/** An API key exchanged for a JWT, for programs whose libraries want one. It is the key for an hour, never a session. */
import { issueKeyToken } from "./access-token.ts";
import { type ApiKey, isLive, type KeyCaller, type OwnedKey } from "./api-key.ts";
import { type Core, later } from "./core.ts";
import type { Found } from "./found.ts";
import { newId } from "./id.ts";
import type { Place } from "./known.ts";
import { isOpen } from "./life.ts";
import { policy } from "./policy.ts";
import { Refusal } from "./refusal.ts";
import { hashSecret, mintSecret } from "./secret.ts";
import { type Caller, type Session, sight } from "./session.ts";
import type { Writes } from "./store.ts";

export interface KeyToken {
  readonly token: string;
  readonly expiresAt: Date;
}

/**
 * A JWT for a live key. The key has one session, which all its JWTs name: opened by the first of them, used
 * again while it stands, opened anew once it was ended. Refuses: `UNAUTHENTICATED` a key that died meanwhile.
 */
export async function exchangeKey(core: Core, { key }: OwnedKey, place: Place): Promise<KeyToken> {
  const session =
    (await keySession(core, key)) ??
    (await core.store.write((tx) => openKeySession(core, tx, { id: key.id, place })));
  sight(core, session.id, session.lastSeenAt);
  sight(core, key.id, key.lastUsedAt);
  return issueKeyToken(core, key, session);
}

/** The session of a key, when it has one that stands. */
async function keySession(core: Core, { sessionId }: ApiKey, tx?: Writes): Promise<Session | null> {
  if (sessionId === null) return null;
  const found = await (tx ? tx.sessions : core.store.read.sessions).checkId(sessionId);
  const session = found?.session;
  const { lifetimes } = await policy(core, tx);
  return session && isOpen(session, core.clock(), lifetimes, core.sightings.get(sessionId)) ? session : null;
}

/** The session that a caller came by, or that the key they showed has; null for a key that has none. */
export const sessionOf = (core: Core, holder: Caller | KeyCaller): Found<Session | null> =>
  holder.session ?? ("key" in holder ? keySession(core, holder.key) : null);

async function openKeySession(
  core: Core,
  tx: Writes,
  { id, place }: { id: string; place: Place },
): Promise<Session> {
  const owned = await tx.apiKeys.checkId(id);
  if (!owned || !isLive(core, owned)) throw new Refusal("UNAUTHENTICATED");
  const { key } = owned;
  // Another exchange of the same key may have been first.
  const standing = await keySession(core, key, tx);
  if (standing) return standing;
  const now = core.clock();
  const { lifetimes } = await policy(core, tx);
  const end = later(core, lifetimes.session);
  const session: Session = {
    id: newId("ses", now),
    userId: key.userId,
    // Nobody ever gets the token that this is the hash of.
    tokenHash: hashSecret(mintSecret(48)),
    kind: "api_key",
    device: key.name,
    ip: place.address,
    userAgent: place.userAgent,
    methods: ["key"],
    createdAt: now,
    lastSeenAt: now,
    expiresAt: key.expiresAt !== null && key.expiresAt < end ? key.expiresAt : end,
    provedAt: null,
    endedAt: null,
  };
  await tx.sessions.insert(session);
  if (key.sessionId !== null) await tx.sessions.end(key.sessionId, key.userId, now);
  if (!(await tx.apiKeys.attach(key.id, key.sessionId, session.id))) throw new Refusal("UNAUTHENTICATED");
  return session;
}
