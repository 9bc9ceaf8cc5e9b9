import { and, asc, isNotNull, isNull, lte } from "drizzle-orm";
import type { SigningKeyWrites } from "../identity/signing-key.ts";
import type { Db, Schema } from "./db.ts";
import type { Changes } from "./memory.ts";

export const signingKeyTable = (db: Db, { signingKeys }: Schema, changes: Changes): SigningKeyWrites => ({
  current: async () => db.select().from(signingKeys).orderBy(asc(signingKeys.createdAt)),

  async insert(key) {
    changes.signingKeys();
    await db.insert(signingKeys).values(key);
  },

  async retire(verifiesUntil) {
    changes.signingKeys();
    await db.update(signingKeys).set({ verifiesUntil }).where(isNull(signingKeys.verifiesUntil));
  },

  async sweep(now) {
    changes.signingKeys();
    await db
      .delete(signingKeys)
      .where(and(isNotNull(signingKeys.verifiesUntil), lte(signingKeys.verifiesUntil, now)));
  },
});
