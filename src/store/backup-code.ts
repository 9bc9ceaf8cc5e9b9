import { and, count, eq } from "drizzle-orm";
import type { BackupCodeWrites } from "../identity/backup-code.ts";
import { type Db, one, type Schema } from "./db.ts";

export const backupCodeTable = (db: Db, { backupCodes }: Schema): BackupCodeWrites => ({
  async count(userId) {
    const mine = db.select({ total: count() }).from(backupCodes).where(eq(backupCodes.userId, userId));
    return (await one(mine))?.total ?? 0;
  },

  async replace(userId, codeMacs) {
    await db.delete(backupCodes).where(eq(backupCodes.userId, userId));
    if (codeMacs.length > 0)
      await db.insert(backupCodes).values(codeMacs.map((codeMac) => ({ userId, codeMac })));
  },

  async spend(userId, codeMac) {
    const same = and(eq(backupCodes.userId, userId), eq(backupCodes.codeMac, codeMac));
    const spent = await one(db.delete(backupCodes).where(same).returning());
    return spent?.codeMac ?? null;
  },
});
