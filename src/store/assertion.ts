import { lte } from "drizzle-orm";
import type { AssertionWrites } from "../identity/assertion.ts";
import { type Db, one, type Schema } from "./db.ts";

export const assertionTable = (db: Db, { assertions }: Schema): AssertionWrites => ({
  use: (hash, expiresAt) =>
    one(db.insert(assertions).values({ hash, expiresAt }).onConflictDoNothing().returning()),

  async sweep(now) {
    await db.delete(assertions).where(lte(assertions.expiresAt, now));
  },
});
