import { and, asc, eq, inArray, isNull } from "drizzle-orm";
import type { IdentityWrites } from "../identity/identity.ts";
import { type Db, one, type Schema } from "./db.ts";

export const identityTable = (db: Db, { identities, users }: Schema): IdentityWrites => ({
  find: (issuer, subject) =>
    one(
      db
        .select()
        .from(identities)
        .where(and(eq(identities.issuer, issuer), eq(identities.subject, subject))),
    ),

  listOf: (userId) =>
    db.select().from(identities).where(eq(identities.userId, userId)).orderBy(asc(identities.id)),

  async anyAdmin(issuers) {
    const may = and(
      eq(users.role, "admin"),
      isNull(users.disabledAt),
      inArray(identities.issuer, [...issuers]),
    );
    const found = db
      .select({ id: identities.id })
      .from(identities)
      .innerJoin(users, eq(users.id, identities.userId))
      .where(may)
      .limit(1);
    return issuers.length > 0 && (await one(found)) !== null;
  },

  insert: (identity) => one(db.insert(identities).values(identity).onConflictDoNothing().returning()),

  async used(id, at) {
    await db.update(identities).set({ lastUsedAt: at }).where(eq(identities.id, id));
  },

  delete: (id, userId) =>
    one(
      db
        .delete(identities)
        .where(and(eq(identities.id, id), eq(identities.userId, userId)))
        .returning(),
    ),

  async deleteFor(userId) {
    await db.delete(identities).where(eq(identities.userId, userId));
  },
});
