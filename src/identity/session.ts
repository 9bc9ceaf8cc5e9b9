/**
 * A signed-in client. Whatever kind it is, it stands in the one list of its account and can be ended from
 * any other.
 *
 *     open ──end (sign-out, revocation, password change …)──▶ ended
 *       └──── absolute or idle time is up ────▶ expired (a matter of the clock; nothing is written)
 */
import { record } from "./audit.ts";
import { type Core, later } from "./core.ts";
import { newId } from "./id.ts";
import { noteSignIn, type Place } from "./known.ts";
import { policy } from "./policy.ts";
import { openFamily, type Refresh } from "./refresh.ts";
import { Refusal } from "./refusal.ts";
import { hashSecret, mintSecret } from "./secret.ts";
import type { Aside } from "./shelf.ts";
import type { Writes } from "./store.ts";
import type { User } from "./user.ts";

export const sessionKinds = ["web", "spa", "mobile", "connector", "cli", "api_key"] as const;
export type SessionKind = (typeof sessionKinds)[number];

export const signInMethods = ["pwd", "otp", "totp", "backup", "passkey", "oidc", "device", "key"] as const;
export type Method = (typeof signInMethods)[number];

export interface Session {
  readonly id: string;
  readonly userId: string;
  readonly tokenHash: string;
  readonly kind: SessionKind;

  /** The client in words ("Chrome on macOS"), when it can be told. */
  readonly device: string | null;

  readonly ip: string;
  readonly userAgent: string | null;
  readonly methods: readonly Method[];
  readonly createdAt: Date;
  readonly lastSeenAt: Date;

  /** The absolute end, whatever happens in between. */
  readonly expiresAt: Date;

  /** When the person last proved who they are; null for a session nobody proved anything in. */
  readonly provedAt: Date | null;

  readonly endedAt: Date | null;
}

/** Whom a credential stands for. */
export interface Caller {
  readonly session: Session;
  readonly user: User;

  /** For what is made of both, where they are remembered. */
  readonly aside?: Aside;
}

/** Sessions that are open at `now` were used after `idleSince` and opened after `createdSince`. */
export interface OpenAt {
  readonly now: Date;
  readonly idleSince: Date;

  /** A lifetime that was shortened holds for sessions that are open already. */
  readonly createdSince: Date;
}

export interface SessionReads {
  /** The session behind a token and its account, whatever their state. Asked on every request, so it may answer at once. */
  check(tokenHash: string): Promise<Caller | null> | Caller | null;

  /** The same by the session's identifier, as an access token names it. */
  checkId(id: string): Promise<Caller | null> | Caller | null;

  find(id: string): Promise<Session | null>;

  /** Newest first. */
  listOpen(userId: string, at: OpenAt): Promise<Session[]>;

  /** When a session each of these accounts still has, open or not, was last used. */
  lastSeen(userIds: readonly string[]): Promise<ReadonlyMap<string, Date>>;

  stats(at: OpenAt, since: Date): Promise<SessionStats>;

  /** Kinds of which none is open may be absent. */
  countOpen(at: OpenAt): Promise<Partial<Record<SessionKind, number>>>;
}

export interface SessionWrites extends SessionReads {
  insert(session: Session): Promise<void>;

  /** open → ended; `null` when it was not open any more, or not `userId`'s (null: anybody's). */
  end(id: string, userId: string | null, at: Date): Promise<Session | null>;

  /** Ends all, of one account or (null) of all, but `exceptId`; answers how many were open. */
  endAll(userId: string | null, exceptId: string | null, at: Date): Promise<number>;

  /** Moves `lastSeenAt` on, never back. */
  seen(id: string, at: Date): Promise<void>;

  /** Moves `provedAt` on while the session is open; `null` when it is not. */
  prove(id: string, at: Date): Promise<Session | null>;
}

export interface SessionStats {
  readonly active: number;
  readonly users: number;
  readonly byKind: Readonly<Record<SessionKind, number>>;
  readonly last24h: { readonly created: number; readonly ended: number; readonly expired: number };
  readonly oldestCreatedAt: Date | null;
}

/** A new session and what its client will carry: nothing of it is stored. */
export interface Opened extends Caller {
  /** The opaque token; of no use to kinds that carry a refresh token instead. */
  readonly token: string;

  /** The device cookie a browser should hold. */
  readonly browser: string;

  /** The first of its family, for the kind `spa`. */
  readonly refresh: Refresh | null;
}

export interface Opening {
  readonly userId: string;
  readonly kind: SessionKind;
  readonly methods: readonly Method[];
  readonly place: Place;

  /** False when nobody proved at this very client who they are. */
  readonly fresh?: boolean;
}

/**
 * Opens a session in the write that earned it: proof and session stand or fall together, and a disabling
 * cannot come between. Refuses: `ACCOUNT_DISABLED`.
 */
export async function openSession(
  core: Core,
  tx: Writes,
  { userId, kind, methods, place, fresh = true }: Opening,
): Promise<Opened> {
  const user = await tx.users.find(userId);
  if (!user || user.disabledAt) throw new Refusal("ACCOUNT_DISABLED");
  const rules = await policy(core, tx);
  const token = mintSecret(48);
  const now = core.clock();
  const session: Session = {
    id: newId("ses", now),
    userId,
    tokenHash: hashSecret(token),
    kind,
    device: place.device,
    ip: place.address,
    userAgent: place.userAgent,
    methods,
    createdAt: now,
    lastSeenAt: now,
    expiresAt: later(core, rules.lifetimes.session),
    provedAt: fresh ? now : null,
    endedAt: null,
  };
  await tx.sessions.insert(session);
  const refresh = kind === "spa" ? await openFamily(core, tx, session, rules) : null;
  const browser = await noteSignIn(core, tx, user, place);
  await record(core, tx, place, {
    event: "signin.succeeded",
    actorId: userId,
    userId,
    sessionId: session.id,
    methods,
  });
  return { session, user, token, browser, refresh };
}

/** The moment `at` as session queries want it. */
export async function openAt(core: Core): Promise<OpenAt> {
  const { lifetimes } = await policy(core);
  return {
    now: core.clock(),
    idleSince: later(core, -lifetimes.idle),
    createdSince: later(core, -lifetimes.session),
  };
}

export async function listSessions(core: Core, userId: string): Promise<Session[]> {
  const sessions = await core.store.read.sessions.listOpen(userId, await openAt(core));
  // Uses that are not in the store yet are shown, not written: looking must work on a full disk.
  return sessions.map((session) => {
    const lastSeenAt = core.sightings.get(session.id);
    return lastSeenAt && lastSeenAt > session.lastSeenAt ? { ...session, lastSeenAt } : session;
  });
}

const sightingInterval = 60_000;

/** Notes the use of a session or an API key, at most once a minute, in memory; `writeSightings` makes it last. */
export function sight(core: Core, id: string, before: Date | null): void {
  const now = core.clock();
  const last = core.sightings.get(id) ?? before;
  if (!last || now.getTime() - last.getTime() >= sightingInterval) core.sightings.set(id, now);
}

/** So many in a commit: more would keep requests waiting. */
const sightingsPerCommit = 100;

/** Puts the noted uses into the store, at most `most` of them. */
export async function writeSightings(core: Core, most = Number.POSITIVE_INFINITY): Promise<void> {
  for (let left = most; left > 0 && core.sightings.size > 0; left -= sightingsPerCommit) {
    const batch = [...core.sightings.entries().take(Math.min(left, sightingsPerCommit))];
    await core.store.write(async (tx) => {
      for (const [id, at] of batch) await (id.startsWith("key_") ? tx.apiKeys : tx.sessions).seen(id, at);
    });
    for (const [id, at] of batch) if (core.sightings.get(id) === at) core.sightings.delete(id);
  }
}
