import { and, desc, eq, gt, isNull } from "drizzle-orm";
import type { BootstrapWrites } from "../identity/bootstrap.ts";
import { type Db, notBefore, one, type Schema } from "./db.ts";

export const bootstrapTable = (db: Db, { bootstraps }: Schema): BootstrapWrites => ({
  find: (tokenHash) => one(db.select().from(bootstraps).where(eq(bootstraps.tokenHash, tokenHash))),

  list: (now) =>
    db
      .select()
      .from(bootstraps)
      .where(and(eq(bootstraps.kind, "admin"), isNull(bootstraps.spentAt), gt(bootstraps.expiresAt, now)))
      .orderBy(desc(bootstraps.id)),

  async insert(token) {
    await db.insert(bootstraps).values(token);
  },

  async deleteFirstRun() {
    await db.delete(bootstraps).where(eq(bootstraps.kind, "first_run"));
  },

  delete(id) {
    const minted = and(eq(bootstraps.id, id), eq(bootstraps.kind, "admin"), isNull(bootstraps.spentAt));
    return one(db.delete(bootstraps).where(minted).returning());
  },

  async deleteBy(createdBy) {
    const theirs = and(eq(bootstraps.createdBy, createdBy), isNull(bootstraps.spentAt));
    await db.delete(bootstraps).where(theirs);
  },

  async renew(tokenHash, expiresAt) {
    const unspent = and(eq(bootstraps.tokenHash, tokenHash), isNull(bootstraps.spentAt));
    await db.update(bootstraps).set({ expiresAt }).where(unspent);
  },

  spend(tokenHash, at) {
    const live = and(
      eq(bootstraps.tokenHash, tokenHash),
      isNull(bootstraps.spentAt),
      gt(bootstraps.expiresAt, at),
    );
    return one(
      db
        .update(bootstraps)
        .set({ spentAt: notBefore(at, bootstraps.createdAt) })
        .where(live)
        .returning(),
    );
  },
});
