import { and, count, eq, isNull, sql } from "drizzle-orm";
import type { UserWrites } from "../identity/user.ts";
import { type Db, once, one, type Schema } from "./db.ts";
import type { Changes } from "./memory.ts";

export const userTable = (db: Db, { users }: Schema, changes: Changes): UserWrites => {
  const value = sql.placeholder("value");
  const byId = once(() => db.select().from(users).where(eq(users.id, value)).prepare());
  const byName = once(() => db.select().from(users).where(eq(users.username, value)).prepare());
  const byEmail = once(() => db.select().from(users).where(eq(users.email, value)).prepare());

  return {
    find: (id) => one(byId().execute({ value: id })),
    findByUsername: (username) => one(byName().execute({ value: username })),
    findByEmail: (email) => one(byEmail().execute({ value: email })),

    async count() {
      const row = await one(db.select({ total: count() }).from(users));
      return row?.total ?? 0;
    },

    async hasAdmin() {
      const admins = db.select({ id: users.id }).from(users).where(eq(users.role, "admin")).limit(1);
      return (await one(admins)) !== null;
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
