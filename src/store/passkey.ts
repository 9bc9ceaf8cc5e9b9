import { and, asc, eq, inArray, isNull, sql } from "drizzle-orm";
import type { PasskeyWrites } from "../identity/passkey.ts";
import { type Db, once, one, type Schema } from "./db.ts";

export const passkeyTable = (db: Db, { passkeys, users }: Schema): PasskeyWrites => {
  const { credentialId, rpId, transports } = passkeys;
  const outlines = once(() =>
    db
      .select({ credentialId, rpId, transports })
      .from(passkeys)
      .where(eq(passkeys.userId, sql.placeholder("userId")))
      .orderBy(asc(passkeys.createdAt), asc(passkeys.id))
      .prepare(),
  );

  return {
    findByCredential: (credentialId) =>
      one(db.select().from(passkeys).where(eq(passkeys.credentialId, credentialId))),

    list: (userId) =>
      db
        .select()
        .from(passkeys)
        .where(eq(passkeys.userId, userId))
        .orderBy(asc(passkeys.createdAt), asc(passkeys.id)),

    outlines: (userId) => outlines().execute({ userId }),

    async hasLiveAdmin(rpIds) {
      const live = and(eq(users.role, "admin"), isNull(users.disabledAt));
      const found = db
        .select({ id: passkeys.id })
        .from(passkeys)
        .innerJoin(users, eq(users.id, passkeys.userId))
        .where(and(live, inArray(passkeys.rpId, [...rpIds])))
        .limit(1);
      return (await one(found)) !== null;
    },

    async holders(rpId) {
      const held = db
        .selectDistinct({ userId: passkeys.userId })
        .from(passkeys)
        .where(eq(passkeys.rpId, rpId));
      return (await held.orderBy(asc(passkeys.userId))).map(({ userId }) => userId);
    },

    insert: (passkey) => one(db.insert(passkeys).values(passkey).onConflictDoNothing().returning()),

    use: (id, counter, used) =>
      one(
        db
          .update(passkeys)
          .set(used)
          .where(and(eq(passkeys.id, id), eq(passkeys.counter, counter)))
          .returning(),
      ),

    rename: (id, userId, name) =>
      one(
        db
          .update(passkeys)
          .set({ name })
          .where(and(eq(passkeys.id, id), eq(passkeys.userId, userId)))
          .returning(),
      ),

    delete: (id, userId) =>
      one(
        db
          .delete(passkeys)
          .where(and(eq(passkeys.id, id), eq(passkeys.userId, userId)))
          .returning(),
      ),

    async deleteFor(userId) {
      await db.delete(passkeys).where(eq(passkeys.userId, userId));
    },
  };
};
