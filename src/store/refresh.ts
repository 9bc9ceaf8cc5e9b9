import { and, eq, gt, isNull, sql } from "drizzle-orm";
import type { RefreshWrites } from "../identity/refresh.ts";
import { type Db, once, one, type Schema } from "./db.ts";

export const refreshTable = (db: Db, { refreshes }: Schema): RefreshWrites => {
  const byHash = once(() =>
    db
      .select()
      .from(refreshes)
      .where(eq(refreshes.tokenHash, sql.placeholder("tokenHash")))
      .prepare(),
  );

  return {
    find: (tokenHash) => one(byHash().execute({ tokenHash })),

    async insert(token) {
      await db.insert(refreshes).values(token);
    },

    rotate(tokenHash, at) {
      const live = and(
        eq(refreshes.tokenHash, tokenHash),
        isNull(refreshes.rotatedAt),
        gt(refreshes.expiresAt, at),
      );
      return one(db.update(refreshes).set({ rotatedAt: at }).where(live).returning());
    },
  };
};
