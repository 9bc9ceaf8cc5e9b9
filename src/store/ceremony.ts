import { and, desc, eq, gt, inArray, lte } from "drizzle-orm";
import type { CeremonyWrites } from "../identity/ceremony.ts";
import { type Db, one, type Schema } from "./db.ts";

export const ceremonyTable = (db: Db, { ceremonies }: Schema): CeremonyWrites => ({
  find: (challengeHash) =>
    one(db.select().from(ceremonies).where(eq(ceremonies.challengeHash, challengeHash))),

  async insert(ceremony, most) {
    const { asker, purpose } = ceremony;
    const surplus = await db
      .select({ challengeHash: ceremonies.challengeHash })
      .from(ceremonies)
      .where(and(eq(ceremonies.asker, asker), eq(ceremonies.purpose, purpose)))
      .orderBy(desc(ceremonies.createdAt), desc(ceremonies.challengeHash))
      .limit(most)
      .offset(most - 1);
    const hashes = surplus.map(({ challengeHash }) => challengeHash);
    if (hashes.length > 0) await db.delete(ceremonies).where(inArray(ceremonies.challengeHash, hashes));
    await db.insert(ceremonies).values(ceremony);
  },

  spend(challengeHash, at) {
    const open = and(eq(ceremonies.challengeHash, challengeHash), gt(ceremonies.expiresAt, at));
    return one(db.delete(ceremonies).where(open).returning());
  },

  async deleteFor(userId) {
    await db.delete(ceremonies).where(eq(ceremonies.userId, userId));
  },

  async sweep(now) {
    await db.delete(ceremonies).where(lte(ceremonies.expiresAt, now));
  },
});
