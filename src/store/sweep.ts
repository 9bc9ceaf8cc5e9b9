import { and, eq, lt, or } from "drizzle-orm";
import type { SweepWrites } from "../identity/sweep.ts";
import type { Db, Schema } from "./db.ts";

export const sweepTables = (db: Db, schema: Schema): SweepWrites => ({
  async dead(before) {
    const { apiKeys, sessions, invites, recoveries, bootstraps } = schema;
    await db.delete(apiKeys).where(lt(apiKeys.expiresAt, before));
    await db.delete(sessions).where(or(lt(sessions.endedAt, before), lt(sessions.expiresAt, before)));
    await db.delete(invites).where(lt(invites.expiresAt, before));
    await db.delete(recoveries).where(lt(recoveries.expiresAt, before));
    // The first run's stays: who shows it again shall hear that the house has its admin.
    await db.delete(bootstraps).where(and(eq(bootstraps.kind, "admin"), lt(bootstraps.expiresAt, before)));
  },
});
