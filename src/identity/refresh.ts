/**
 * Refresh tokens: each is spent for one successor, and a spent one that comes back means theft (RFC 9700
 * §4.14.2). A client whose answer got lost may ask again: within ten seconds, while the successor is unspent,
 * it gets the same successor, because that is derived from the old token and not drawn anew.
 *
 *     live ──rotate──▶ spent ──again within the grace, successor live──▶ the same successor
 *       └── its time is up      └── again otherwise ──▶ the whole session ends
 */
import { record } from "./audit.ts";
import { type Core, later } from "./core.ts";
import type { Place } from "./known.ts";
import { isOpen } from "./life.ts";
import { write } from "./mail.ts";
import { type Policy, policy } from "./policy.ts";
import { Refusal } from "./refusal.ts";
import { hashSecret, mintSecret } from "./secret.ts";
import type { Caller, Session } from "./session.ts";
import type { Writes } from "./store.ts";

export interface RefreshToken {
  readonly tokenHash: string;
  readonly sessionId: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;

  /** When it was spent for its successor. */
  readonly rotatedAt: Date | null;
}

export interface RefreshReads {
  find(tokenHash: string): Promise<RefreshToken | null>;
}

export interface RefreshWrites extends RefreshReads {
  insert(token: RefreshToken): Promise<void>;

  /** live → spent; `null` when it was spent already or its time was up. */
  rotate(tokenHash: string, at: Date): Promise<RefreshToken | null>;
}

/** A refresh token as its client holds it. */
export interface Refresh {
  readonly token: string;
  readonly expiresAt: Date;
}

export interface Refreshed extends Caller {
  readonly refresh: Refresh;
}

/** How long a client whose answer got lost may ask again. */
const graceMs = 10_000;

/** The first token of a family, in the write that opens its session. */
export async function openFamily(core: Core, tx: Writes, session: Session, rules: Policy): Promise<Refresh> {
  const token = mintSecret(32);
  const expiresAt = familyEnd(core, session, rules);
  await tx.refreshes.insert(row(core, token, session.id, expiresAt));
  return { token, expiresAt };
}

/** Spends a token for its successor. Refuses: `INVALID_TOKEN`, whatever was wrong with it. */
export async function refreshSession(core: Core, token: string, place: Place): Promise<Refreshed> {
  const tokenHash = hashSecret(token);
  if (!(await core.store.read.refreshes.find(tokenHash))) throw new Refusal("INVALID_TOKEN");
  const successor = Buffer.from(core.keys.mac("refresh", token), "base64url").toString("hex");
  const answer = await core.store.write(async (tx) => {
    const caller = await openCaller(core, tx, tokenHash);
    if (!caller) return null;
    const refresh = await spend(core, tx, tokenHash, successor, caller.session);
    if (refresh) {
      await tx.sessions.seen(caller.session.id, core.clock());
      return { ...caller, refresh };
    }
    await endReused(core, tx, caller, place, tokenHash);
    return null;
  });
  if (!answer) throw new Refusal("INVALID_TOKEN");
  return answer;
}

/** Rotates, or repeats a rotation that may be repeated; null when the token may not be used. */
async function spend(
  core: Core,
  tx: Writes,
  tokenHash: string,
  successor: string,
  session: Session,
): Promise<Refresh | null> {
  const now = core.clock();
  if (await tx.refreshes.rotate(tokenHash, now)) {
    const expiresAt = familyEnd(core, session, await policy(core, tx));
    await tx.refreshes.insert(row(core, successor, session.id, expiresAt));
    return { token: successor, expiresAt };
  }
  const spent = await tx.refreshes.find(tokenHash);
  const next = await tx.refreshes.find(hashSecret(successor));
  // A clock that was set back must not make the grace any longer.
  const inGrace = spent?.rotatedAt && Math.abs(now.getTime() - spent.rotatedAt.getTime()) <= graceMs;
  return inGrace && next && next.rotatedAt === null ? { token: successor, expiresAt: next.expiresAt } : null;
}

/** The session a token belongs to, if both could still be used for anything. */
async function openCaller(core: Core, tx: Writes, tokenHash: string): Promise<Caller | null> {
  const token = await tx.refreshes.find(tokenHash);
  const session = token && (await tx.sessions.find(token.sessionId));
  const user = session && (await tx.users.find(session.userId));
  const now = core.clock();
  if (!user || user.disabledAt) return null;
  if (token.rotatedAt === null && token.expiresAt <= now) return null;
  const { lifetimes } = await policy(core, tx);
  return isOpen(session, now, lifetimes, core.sightings.get(session.id)) ? { session, user } : null;
}

/** Two hold a token that one was given: nobody can tell which is the thief, so both are out. */
async function endReused(
  core: Core,
  tx: Writes,
  { session, user }: Caller,
  place: Place,
  tokenHash: string,
): Promise<void> {
  const at = core.clock();
  const spent = await tx.refreshes.find(tokenHash);
  if (!spent?.rotatedAt) return;
  await tx.sessions.end(session.id, null, at);
  await record(core, tx, place, {
    event: "refresh.reused",
    userId: user.id,
    sessionId: session.id,
    result: "refused",
    reason: `a token spent at ${spent.rotatedAt.toISOString()} was used again; the session was ended`,
  });
  if (user.email !== null) await write(core, tx, { to: user.email, notice: { kind: "family_ended", at } });
}

/** Ends the session a refresh token belongs to, dead or alive; for a client that signs out with nothing else. */
export async function endByRefresh(core: Core, token: string, place: Place): Promise<void> {
  const found = await core.store.read.refreshes.find(hashSecret(token));
  if (!found) return;
  await core.store.write(async (tx) => {
    const ended = await tx.sessions.end(found.sessionId, null, core.clock());
    if (!ended) return;
    const facts = { actorId: ended.userId, userId: ended.userId, sessionId: ended.id };
    await record(core, tx, place, { event: "session.ended", ...facts });
  });
}

/** A token's own life, never past its family's. */
function familyEnd(core: Core, session: Session, { lifetimes }: Policy): Date {
  const own = later(core, lifetimes.refresh);
  return new Date(Math.min(own.getTime(), session.expiresAt.getTime()));
}

const row = (core: Core, token: string, sessionId: string, expiresAt: Date): RefreshToken => ({
  tokenHash: hashSecret(token),
  sessionId,
  createdAt: core.clock(),
  expiresAt,
  rotatedAt: null,
});
