import {
  and,
  count,
  countDistinct,
  desc,
  eq,
  gt,
  gte,
  inArray,
  isNull,
  lt,
  lte,
  max,
  min,
  ne,
  sql,
} from "drizzle-orm";
import {
  type OpenAt,
  type SessionKind,
  type SessionStats,
  type SessionWrites,
  sessionKinds,
} from "../identity/session.ts";
import { type Db, notBefore, once, one, type Schema } from "./db.ts";
import type { Changes } from "./memory.ts";

/** The table in pieces of about one size, by the first letter (base64url, in the order of bytes) of the hash it is ordered by. */
const letters = [..."37BFJNRVZcgkosw"];
const slices = [undefined, ...letters].map((from, index) => ({ from, to: letters[index] }));

export const sessionTable = (db: Db, { sessions, users }: Schema, changes: Changes): SessionWrites => {
  const open = ({ now, idleSince, createdSince }: OpenAt) =>
    and(
      isNull(sessions.endedAt),
      gt(sessions.expiresAt, now),
      gt(sessions.lastSeenAt, idleSince),
      gt(sessions.createdAt, createdSince),
    );

  const within = ({ from, to }: (typeof slices)[number]) =>
    and(
      from === undefined ? undefined : gte(sessions.tokenHash, from),
      to === undefined ? undefined : lt(sessions.tokenHash, to),
    );

  // Two look-ups by key: Bun's SQLite takes several times as long for a join of the same two rows.
  const byHash = once(() =>
    db
      .select()
      .from(sessions)
      .where(eq(sessions.tokenHash, sql.placeholder("tokenHash")))
      .prepare(),
  );
  const byId = once(() =>
    db
      .select()
      .from(sessions)
      .where(eq(sessions.id, sql.placeholder("id")))
      .prepare(),
  );
  const owner = once(() =>
    db
      .select()
      .from(users)
      .where(eq(users.id, sql.placeholder("id")))
      .prepare(),
  );
  const later = once(() =>
    db
      .update(sessions)
      .set({ lastSeenAt: sql`${sql.placeholder("at")}` })
      .where(
        and(
          eq(sessions.id, sql.placeholder("id")),
          isNull(sessions.endedAt),
          sql`${sessions.lastSeenAt} < ${sql.placeholder("at")}`,
        ),
      )
      .returning({ userId: sessions.userId })
      .prepare(),
  );

  return {
    async check(tokenHash) {
      const session = await one(byHash().execute({ tokenHash }));
      const user = session && (await one(owner().execute({ id: session.userId })));
      return user ? { session, user } : null;
    },

    async checkId(id) {
      const session = await one(byId().execute({ id }));
      const user = session && (await one(owner().execute({ id: session.userId })));
      return user ? { session, user } : null;
    },

    find: (id) => one(byId().execute({ id })),

    listOpen: (userId, at) =>
      db
        .select()
        .from(sessions)
        .where(and(eq(sessions.userId, userId), open(at)))
        .orderBy(desc(sessions.createdAt), desc(sessions.id)),

    async lastSeen(userIds) {
      const seen = await db
        .select({ userId: sessions.userId, at: max(sessions.lastSeenAt) })
        .from(sessions)
        .where(inArray(sessions.userId, [...userIds]))
        .groupBy(sessions.userId);
      return new Map(seen.flatMap(({ userId, at }) => (at === null ? [] : [[userId, at] as const])));
    },

    async stats(at, since) {
      const kinds = await db
        .select({ kind: sessions.kind, total: count() })
        .from(sessions)
        .where(open(at))
        .groupBy(sessions.kind);
      const live = await one(
        db
          .select({ users: countDistinct(sessions.userId), oldest: min(sessions.createdAt) })
          .from(sessions)
          .where(open(at)),
      );
      const total = (condition: ReturnType<typeof and>) =>
        one(db.select({ total: count() }).from(sessions).where(condition));
      // A session runs out once: at its end, or when it was left alone for too long, whichever comes first.
      const idleSpan = at.now.getTime() - at.idleSince.getTime();
      const idleEnd = sql`${sessions.lastSeenAt} + ${idleSpan}`;
      const end = sql<number>`CASE WHEN ${sessions.expiresAt} < ${idleEnd} THEN ${sessions.expiresAt} ELSE ${idleEnd} END`;
      const ranOut = and(gt(end, since.getTime()), lte(end, at.now.getTime()));
      const created = await total(gt(sessions.createdAt, since));
      const ended = await total(gt(sessions.endedAt, since));
      const expired = await total(and(isNull(sessions.endedAt), ranOut));
      const byKind = Object.fromEntries(sessionKinds.map((kind) => [kind, 0])) as Record<SessionKind, number>;
      for (const { kind, total } of kinds) byKind[kind] = total;
      return {
        active: kinds.reduce((sum, { total }) => sum + total, 0),
        users: live?.users ?? 0,
        byKind,
        last24h: {
          created: created?.total ?? 0,
          ended: ended?.total ?? 0,
          expired: expired?.total ?? 0,
        },
        oldestCreatedAt: live?.oldest ?? null,
      } satisfies SessionStats;
    },

    async countOpen(at) {
      const found: Partial<Record<SessionKind, number>> = {};
      for (const slice of slices) {
        const kinds = await db
          .select({ kind: sessions.kind, total: count() })
          .from(sessions)
          .where(and(open(at), within(slice)))
          .groupBy(sessions.kind);
        for (const { kind, total } of kinds) found[kind] = (found[kind] ?? 0) + total;
        // All of a big table in one go would hold up everybody else's request.
        await new Promise((resolve) => setImmediate(resolve));
      }
      return found;
    },

    async insert(session) {
      await db.insert(sessions).values(session);
    },

    async end(id, userId, at) {
      const whose = userId === null ? undefined : eq(sessions.userId, userId);
      const live = and(eq(sessions.id, id), whose, isNull(sessions.endedAt), gt(sessions.expiresAt, at));
      const endedAt = notBefore(at, sessions.createdAt);
      const ended = await one(db.update(sessions).set({ endedAt }).where(live).returning());
      if (ended) changes.account(ended.userId);
      return ended;
    },

    async endAll(userId, exceptId, at) {
      if (userId === null) changes.everyAccount();
      else changes.account(userId);
      const live = and(
        userId === null ? undefined : eq(sessions.userId, userId),
        exceptId === null ? undefined : ne(sessions.id, exceptId),
        isNull(sessions.endedAt),
      );
      // What ran out is ended as well, at its own end: the clock that says so may be set back.
      const endedAt = sql`CASE WHEN ${sessions.expiresAt} < ${at.getTime()} THEN ${sessions.expiresAt} ELSE ${notBefore(at, sessions.createdAt)} END`;
      const { expiresAt } = sessions;
      const ended = await db.update(sessions).set({ endedAt }).where(live).returning({ expiresAt });
      return ended.filter((session) => session.expiresAt > at).length;
    },

    async seen(id, at) {
      const moved = await one(later().execute({ id, at: at.getTime() }));
      if (moved) changes.sighted(moved.userId, id, at);
    },

    async prove(id, at) {
      const live = and(eq(sessions.id, id), isNull(sessions.endedAt), gt(sessions.expiresAt, at));
      const proved = await one(db.update(sessions).set({ provedAt: at }).where(live).returning());
      if (proved) changes.account(proved.userId);
      return proved;
    },
  };
};
