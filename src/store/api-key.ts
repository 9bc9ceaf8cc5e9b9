import { and, count, desc, eq, isNull, lt, or, sql } from "drizzle-orm";
import type { ApiKeyWrites } from "../identity/api-key.ts";
import { type Db, notBefore, once, one, type Schema } from "./db.ts";
import type { Changes } from "./memory.ts";

export const apiKeyTable = (db: Db, { apiKeys, users }: Schema, changes: Changes): ApiKeyWrites => {
  const value = sql.placeholder("value");
  const byHash = once(() => db.select().from(apiKeys).where(eq(apiKeys.tokenHash, value)).prepare());
  const byId = once(() => db.select().from(apiKeys).where(eq(apiKeys.id, value)).prepare());
  const owner = once(() => db.select().from(users).where(eq(users.id, value)).prepare());

  async function owned(found: ReturnType<typeof byHash>, named: string) {
    const key = await one(found.execute({ value: named }));
    const user = key && (await one(owner().execute({ value: key.userId })));
    return user ? { key, user } : null;
  }

  return {
    check: (tokenHash) => owned(byHash(), tokenHash),
    checkId: (id) => owned(byId(), id),

    list: async (userId) =>
      db
        .select()
        .from(apiKeys)
        .where(eq(apiKeys.userId, userId))
        .orderBy(desc(apiKeys.createdAt), desc(apiKeys.id)),

    async count(userId) {
      const row = await one(db.select({ total: count() }).from(apiKeys).where(eq(apiKeys.userId, userId)));
      return row?.total ?? 0;
    },

    async insert(key) {
      await db.insert(apiKeys).values(key);
    },

    delete(id, userId) {
      changes.account(userId);
      const own = and(eq(apiKeys.id, id), eq(apiKeys.userId, userId));
      return one(db.delete(apiKeys).where(own).returning());
    },

    async deleteFor(userId) {
      changes.account(userId);
      await db.delete(apiKeys).where(eq(apiKeys.userId, userId));
    },

    async attach(id, before, next) {
      const held = before === null ? isNull(apiKeys.sessionId) : eq(apiKeys.sessionId, before);
      const key = await one(
        db
          .update(apiKeys)
          .set({ sessionId: next })
          .where(and(eq(apiKeys.id, id), held))
          .returning(),
      );
      if (key) changes.account(key.userId);
      return key;
    },

    async seen(id, at) {
      const earlier = or(isNull(apiKeys.lastUsedAt), lt(apiKeys.lastUsedAt, at));
      const key = await one(
        db
          .update(apiKeys)
          .set({ lastUsedAt: notBefore(at, apiKeys.createdAt) })
          .where(and(eq(apiKeys.id, id), earlier))
          .returning({ userId: apiKeys.userId }),
      );
      if (key) changes.account(key.userId);
    },
  };
};
