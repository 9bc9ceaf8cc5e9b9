/** Ending sessions: one's own, another's, everybody's. */
import { requireStill } from "./actor.ts";
import { record } from "./audit.ts";
import { authenticate } from "./caller.ts";
import { type Core, later } from "./core.ts";
import type { Place } from "./known.ts";
import { may } from "./permission.ts";
import { Refusal } from "./refusal.ts";
import { type Caller, openAt, type SessionStats } from "./session.ts";

/** Ends one session of the caller's, whatever else they may do. Refuses: `NOT_FOUND`, also for another person's. */
export function endOwnSession(
  core: Core,
  caller: Caller,
  { id, place }: { id: string; place: Place },
): Promise<void> {
  return end(core, caller, { id, place, whose: caller.user.id });
}

/** Ends one session of the caller's, or anybody's when the caller may. Refuses: `NOT_FOUND`, also for another person's. */
export async function endSession(
  core: Core,
  caller: Caller,
  { id, place }: { id: string; place: Place },
): Promise<void> {
  const whose = may(caller.user.role, "sessions:admin") ? null : caller.user.id;
  await end(core, caller, { id, place, whose });
}

async function end(
  core: Core,
  caller: Caller,
  { id, place, whose }: { id: string; place: Place; whose: string | null },
): Promise<void> {
  await core.store.write(async (tx) => {
    const ended = await tx.sessions.end(id, whose, core.clock());
    // Two sign-outs at once: the later one comes with a credential that is none any more.
    if (!ended) throw new Refusal(id === caller.session.id ? "UNAUTHENTICATED" : "NOT_FOUND");
    await record(core, tx, place, {
      event: "session.ended",
      actorId: caller.user.id,
      userId: ended.userId,
      sessionId: ended.id,
    });
  });
}

/**
 * Signs a client out by whatever token it holds; one that is dead already is no error. Refuses:
 * `API_KEY_NOT_ALLOWED` a live API key, which ends nothing.
 */
export async function endByToken(core: Core, token: string, place: Place): Promise<void> {
  await endHolder(core, token, place).catch((error) => {
    if (!(error instanceof Refusal) || error.code !== "INVALID_TOKEN") throw error;
  });
}

/** Signs a client out by the session token it holds. Refuses: `INVALID_TOKEN` for one that is dead already. */
export async function endHolder(core: Core, token: string, place: Place): Promise<void> {
  try {
    const caller = await authenticate(core, token);
    await endOwnSession(core, caller, { id: caller.session.id, place });
  } catch (error) {
    throw error instanceof Refusal && error.code === "UNAUTHENTICATED" ? new Refusal("INVALID_TOKEN") : error;
  }
}

/** Ends every session of the caller's but the one that asks; answers how many. */
export function endOtherSessions(core: Core, { user, session }: Caller, place: Place): Promise<number> {
  return core.store.write(async (tx) => {
    const revoked = await tx.sessions.endAll(user.id, session.id, core.clock());
    await record(core, tx, place, { event: "sessions.revoked", actorId: user.id, userId: user.id });
    return revoked;
  });
}

/** Ends every session of the caller's, the one that asks too. */
export async function endOwnSessions(core: Core, caller: Caller, place: Place): Promise<void> {
  await core.store.write(async (tx) => {
    await tx.sessions.endAll(caller.user.id, null, core.clock());
    await record(core, tx, place, {
      event: "sessions.revoked",
      actorId: caller.user.id,
      userId: caller.user.id,
    });
  });
}

export interface RevokeAll {
  /** Null: everybody's. */
  readonly userId: string | null;

  readonly keepCurrent: boolean;
  readonly reason: string | null;
  readonly place: Place;
}

/** Ends the sessions of every kind, of one account or of the whole house. Refuses: `NOT_FOUND`. */
export async function revokeAll(core: Core, caller: Caller, asked: RevokeAll): Promise<void> {
  await core.store.write(async (tx) => {
    await requireStill(tx, { userId: caller.user.id, place: asked.place }, "sessions:admin");
    if (asked.userId !== null && !(await tx.users.find(asked.userId))) throw new Refusal("NOT_FOUND");
    await tx.sessions.endAll(asked.userId, asked.keepCurrent ? caller.session.id : null, core.clock());
    await record(core, tx, asked.place, {
      event: "sessions.revoked",
      actorId: caller.user.id,
      userId: asked.userId,
      reason: asked.reason,
    });
  });
}

export async function sessionStats(core: Core): Promise<SessionStats> {
  return core.store.read.sessions.stats(await openAt(core), later(core, -86_400));
}
