import { desc, notInArray, sql } from "drizzle-orm";
import type { GuardedHostWrites } from "../identity/guarded-host.ts";
import type { Db, Schema } from "./db.ts";

export const guardedHostTable = (db: Db, { guardedHosts }: Schema): GuardedHostWrites => {
  const newestFirst = [desc(guardedHosts.lastAt), guardedHosts.host];

  return {
    async list() {
      return db
        .select()
        .from(guardedHosts)
        .orderBy(...newestFirst);
    },

    async seen(host, at) {
      const lastAt = sql`max(${guardedHosts.lastAt}, excluded.last_at)`;
      await db
        .insert(guardedHosts)
        .values({ host, firstAt: at, lastAt: at })
        .onConflictDoUpdate({ target: guardedHosts.host, set: { lastAt } });
    },

    async sweep(most) {
      const kept = db
        .select({ host: guardedHosts.host })
        .from(guardedHosts)
        .orderBy(...newestFirst)
        .limit(most);
      await db.delete(guardedHosts).where(notInArray(guardedHosts.host, kept));
    },
  };
};
