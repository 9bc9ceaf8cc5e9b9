import { and, eq, gt, gte, lte, sql } from "drizzle-orm";
import type { ProofWrites } from "../identity/proof.ts";
import { type Db, one, type Schema } from "./db.ts";

export const proofTable = (db: Db, { proofs }: Schema): ProofWrites => ({
  find: (tokenHash) => one(db.select().from(proofs).where(eq(proofs.tokenHash, tokenHash))),

  async insert(proof) {
    await db.insert(proofs).values(proof);
  },

  spend(tokenHash, purpose, at) {
    const live = and(eq(proofs.tokenHash, tokenHash), eq(proofs.purpose, purpose), gt(proofs.expiresAt, at));
    return one(db.delete(proofs).where(live).returning());
  },

  async fail(tokenHash, most) {
    const tries = sql`${proofs.tries} + 1`;
    await db.update(proofs).set({ tries }).where(eq(proofs.tokenHash, tokenHash));
    const over = and(eq(proofs.tokenHash, tokenHash), gte(proofs.tries, most));
    return (await one(db.delete(proofs).where(over).returning())) !== null;
  },

  async deleteFor(userId) {
    await db.delete(proofs).where(eq(proofs.userId, userId));
  },

  async sweep(now) {
    await db.delete(proofs).where(lte(proofs.expiresAt, now));
  },
});
