import { and, eq, gt, isNull, lt } from "drizzle-orm";
import type { TotpWrites } from "../identity/totp.ts";
import { type Db, one, type Schema } from "./db.ts";

export const totpTable = (db: Db, { totps }: Schema): TotpWrites => ({
  find: (userId) => one(db.select().from(totps).where(eq(totps.userId, userId))),

  async put(totp) {
    await db.insert(totps).values(totp).onConflictDoUpdate({ target: totps.userId, set: totp });
  },

  confirm(userId, sealed, step, at) {
    const pending = and(eq(totps.userId, userId), eq(totps.sealed, sealed), gt(totps.pendingUntil, at));
    return one(db.update(totps).set({ pendingUntil: null, lastStep: step }).where(pending).returning());
  },

  spendStep(userId, step) {
    const unspent = and(eq(totps.userId, userId), isNull(totps.pendingUntil), lt(totps.lastStep, step));
    return one(db.update(totps).set({ lastStep: step }).where(unspent).returning());
  },

  async delete(userId) {
    await db.delete(totps).where(eq(totps.userId, userId));
  },
});
