/** Whom a request comes from: what it shows, judged against what stands. Every surface takes the same credentials. */
import { type AccessClaims, readAccessToken } from "./access-token.ts";
import { isLive, type KeyCaller, keyPrefix, liveKey } from "./api-key.ts";
import type { Core } from "./core.ts";
import { andThen, type Found } from "./found.ts";
import { isOpen } from "./life.ts";
import { policy } from "./policy.ts";
import { Refusal } from "./refusal.ts";
import { hashSecret } from "./secret.ts";
import { type Caller, type Session, sight } from "./session.ts";
import type { Writes } from "./store.ts";
import type { User } from "./user.ts";

const tokenForm = /^[0-9a-f]{96}$/;

/**
 * The person a token stands for: an opaque session token, or an access token that names a session. Refuses
 * `UNAUTHENTICATED` one that is malformed, unknown, ended, expired, idle too long or of a disabled account, and
 * `API_KEY_NOT_ALLOWED` a live API key.
 */
export async function authenticate(core: Core, token: string): Promise<Caller> {
  const caller = await authenticateAny(core, token);
  if ("key" in caller) throw new Refusal("API_KEY_NOT_ALLOWED");
  return caller;
}

/**
 * The same where API keys are welcome: the key itself, or the JWT it was exchanged for. What is remembered is there at
 * once, of one state of the store. Refuses, either way: `UNAUTHENTICATED`.
 */
export function authenticateAny(core: Core, token: string): Found<Caller | KeyCaller> {
  if (token.startsWith(keyPrefix)) return callerOfKey(core, token);
  if (tokenForm.test(token))
    return andThen(core.store.read.sessions.check(hashSecret(token)), (caller) =>
      standing(core, caller, null),
    );
  return andThen(readAccessToken(core, token), (claims) => {
    if (!claims) throw new Refusal("UNAUTHENTICATED");
    return andThen(core.store.read.sessions.checkId(claims.sid), (caller) => standing(core, caller, claims));
  });
}

function standing(core: Core, caller: Caller | null, claims: AccessClaims | null): Found<Caller | KeyCaller> {
  if (!caller || caller.user.disabledAt) throw new Refusal("UNAUTHENTICATED");
  if (claims && !isNamed(caller, claims)) throw new Refusal("UNAUTHENTICATED");
  const { session } = caller;
  return andThen(policy(core), ({ lifetimes }): Found<Caller | KeyCaller> => {
    if (!isOpen(session, core.clock(), lifetimes, core.sightings.get(session.id)))
      throw new Refusal("UNAUTHENTICATED");
    sight(core, session.id, session.lastSeenAt);
    return claims === null || claims.keyId === null ? caller : withKey(core, claims.keyId, session);
  });
}

/** Only sessions of the two kinds that are given such tokens may be named by one. */
const isNamed = ({ session, user }: Caller, { sub, keyId }: AccessClaims): boolean =>
  session.kind === (keyId === null ? "spa" : "api_key") && user.id === sub;

async function callerOfKey(core: Core, token: string): Promise<KeyCaller> {
  const owned = await liveKey(core, token);
  if (!owned) throw new Refusal("UNAUTHENTICATED");
  sight(core, owned.key.id, owned.key.lastUsedAt);
  return { ...owned, session: null };
}

/** The key that a JWT was exchanged for, as long as it lives and the JWT names the session it has now. */
async function withKey(core: Core, keyId: string, session: Session): Promise<KeyCaller> {
  const owned = await core.store.read.apiKeys.checkId(keyId);
  if (!owned || owned.key.sessionId !== session.id || !isLive(core, owned))
    throw new Refusal("UNAUTHENTICATED");
  sight(core, keyId, owned.key.lastUsedAt);
  return { ...owned, session };
}

/**
 * The caller's account, if their session still stands: asked in the write itself, because the guard judged the
 * request as it came in, and it may have been ended since. Refuses: `UNAUTHENTICATED`.
 */
export async function requireOpen(core: Core, tx: Writes, { session, user }: Caller): Promise<User> {
  const [current, owner] = [await tx.sessions.find(session.id), await tx.users.find(user.id)];
  const { lifetimes } = await policy(core, tx);
  const stands = current && isOpen(current, core.clock(), lifetimes, core.sightings.get(session.id));
  if (!stands || !owner || owner.disabledAt) throw new Refusal("UNAUTHENTICATED");
  return owner;
}

/** Whether the person proved who they are recently enough for what cannot be undone. */
export async function isFresh(core: Core, session: Session): Promise<boolean> {
  const { lifetimes } = await policy(core);
  const age = session.provedAt
    ? core.clock().getTime() - session.provedAt.getTime()
    : Number.POSITIVE_INFINITY;
  return age <= lifetimes.fresh * 1000;
}
