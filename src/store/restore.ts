import { and, eq, inArray, isNull, lt } from "drizzle-orm";
import type { RestoreWrites } from "../identity/restore.ts";
import { type Db, notBefore, type Schema } from "./db.ts";
import type { Changes } from "./memory.ts";

export const restoreTables = (db: Db, schema: Schema, changes: Changes): RestoreWrites => ({
  async endSessions(at) {
    const { sessions } = schema;
    changes.everyAccount();
    const endedAt = notBefore(at, sessions.createdAt);
    await db.update(sessions).set({ endedAt }).where(isNull(sessions.endedAt));
  },

  async voidWaiting() {
    const { bootstraps, ceremonies, devices, invites, mailCodes, mails, proofs, recoveries } = schema;
    for (const table of [proofs, ceremonies, mailCodes, mails, recoveries, invites]) await db.delete(table);
    // The first run's stays: who shows it again shall hear that the house has its admin.
    await db.delete(bootstraps).where(and(eq(bootstraps.kind, "admin"), isNull(bootstraps.spentAt)));
    const undelivered = inArray(devices.status, ["pending", "authorized"]);
    await db.update(devices).set({ status: "denied" }).where(undelivered);
  },

  async spendSteps(upTo) {
    const { totps } = schema;
    const behind = and(isNull(totps.pendingUntil), lt(totps.lastStep, upTo));
    await db.update(totps).set({ lastStep: upTo }).where(behind);
  },
});
