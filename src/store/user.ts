import { type AnyColumn, and, asc, count, eq, gt, isNull, ne, or, type SQL, sql } from "drizzle-orm";
import type { User, UserWrites } from "../identity/user.ts";
import { type Db, once, one, type Schema } from "./db.ts";
import type { Changes } from "./memory.ts";

/** Rows looked at together when a search cannot be left to the engine. */
const scanned = 500;

const holds = ({ username, email, name }: Schema["users"], part: string) => {
  const pattern = `%${part.replace(/[\\%_]/g, "\\$&")}%`;
  const has = (column: AnyColumn) => sql`lower(${column}) LIKE ${pattern} ESCAPE '\\'`;
  return or(has(username), has(email), has(name));
};

export const userTable = (db: Db, { users }: Schema, changes: Changes): UserWrites => {
  const value = sql.placeholder("value");
  const byId = once(() => db.select().from(users).where(eq(users.id, value)).prepare());
  const byName = once(() => db.select().from(users).where(eq(users.username, value)).prepare());
  const byEmail = once(() => db.select().from(users).where(eq(users.email, value)).prepare());
  const { id } = users;
  const idBy = {
    username: once(() => db.select({ id }).from(users).where(eq(users.username, value)).prepare()),
    email: once(() => db.select({ id }).from(users).where(eq(users.email, value)).prepare()),
  };

  return {
    find: (id) => one(byId().execute({ value: id })),
    findByUsername: (username) => one(byName().execute({ value: username })),
    findByEmail: (email) => one(byEmail().execute({ value: email })),
    findId: async (by, value) => (await one(idBy[by]().execute({ value })))?.id ?? null,

    async count(most = Number.MAX_SAFE_INTEGER) {
      const some = db.select({ id: users.id }).from(users).limit(most).as("some");
      const row = await one(db.select({ total: count() }).from(some));
      return row?.total ?? 0;
    },

    async hasAdmin() {
      const admins = db.select({ id: users.id }).from(users).where(eq(users.role, "admin")).limit(1);
      return (await one(admins)) !== null;
    },

    async hasLiveAdmin() {
      const live = and(eq(users.role, "admin"), isNull(users.disabledAt));
      return (await one(db.select({ id: users.id }).from(users).where(live).limit(1))) !== null;
    },

    async hasVerifiedAdmin() {
      const proved = and(eq(users.role, "admin"), isNull(users.disabledAt), eq(users.emailVerified, true));
      return (await one(db.select({ id: users.id }).from(users).where(proved).limit(1))) !== null;
    },

    async list(q, { after, limit }) {
      const pageAfter = (cursor: string | null, size: number, matches?: SQL) =>
        db
          .select()
          .from(users)
          .where(and(matches, cursor === null ? undefined : gt(users.id, cursor)))
          .orderBy(asc(users.id))
          .limit(size);
      if (q === null) return pageAfter(after, limit);
      const part = q.toLowerCase();
      // Engines fold only ASCII alike: what is beyond it is looked for here, piece by piece.
      if (/^[\x20-\x7e]*$/.test(part)) return pageAfter(after, limit, holds(users, part));
      const found: User[] = [];
      for (let cursor = after; found.length < limit; ) {
        const rows = await pageAfter(cursor, scanned);
        found.push(
          ...rows.filter(({ username, email, name }) =>
            `${username}\n${email}\n${name}`.toLowerCase().includes(part),
          ),
        );
        cursor = rows.at(-1)?.id ?? null;
        if (rows.length < scanned) break;
      }
      return found.slice(0, limit);
    },

    async update(id, set) {
      changes.account(id);
      if (Object.keys(set).length === 0) return one(byId().execute({ value: id }));
      const { username = null, email = null } = set;
      const others = and(
        ne(users.id, id),
        or(eq(users.username, username ?? ""), eq(users.email, email ?? "")),
      );
      if (await one(db.select({ id: users.id }).from(users).where(others).limit(1))) return null;
      return one(db.update(users).set(set).where(eq(users.id, id)).returning());
    },

    async delete(id) {
      changes.account(id);
      await db.delete(users).where(eq(users.id, id));
    },

    insert: (user) => one(db.insert(users).values(user).onConflictDoNothing().returning()),

    setPassword(id, expected, passwordHash) {
      changes.account(id);
      const same = expected === null ? isNull(users.passwordHash) : eq(users.passwordHash, expected);
      return one(
        db
          .update(users)
          .set({ passwordHash })
          .where(and(eq(users.id, id), same))
          .returning(),
      );
    },
  };
};
