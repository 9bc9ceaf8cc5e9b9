import { and, eq, gt } from "drizzle-orm";
import type { RecoveryWrites } from "../identity/recovery.ts";
import { type Db, one, type Schema } from "./db.ts";

export const recoveryTable = (db: Db, { recoveries }: Schema): RecoveryWrites => ({
  findByToken: (tokenHash) => one(db.select().from(recoveries).where(eq(recoveries.tokenHash, tokenHash))),

  async put(recovery) {
    await db
      .insert(recoveries)
      .values(recovery)
      .onConflictDoUpdate({ target: recoveries.userId, set: recovery });
  },

  spend(tokenHash, at) {
    const live = and(eq(recoveries.tokenHash, tokenHash), gt(recoveries.expiresAt, at));
    return one(db.delete(recoveries).where(live).returning());
  },

  async deleteBy(createdBy) {
    await db.delete(recoveries).where(eq(recoveries.createdBy, createdBy));
  },

  async deleteFor(userId) {
    await db.delete(recoveries).where(eq(recoveries.userId, userId));
  },
});
