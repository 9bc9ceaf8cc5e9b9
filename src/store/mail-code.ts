import { and, count, eq, gt, lt, lte, sql } from "drizzle-orm";
import type { CodeKey, MailCodeWrites } from "../identity/mail-code.ts";
import { type Db, one, type Schema } from "./db.ts";

export const mailCodeTable = (db: Db, { mailCodes, mailCodeTries, mailSendings }: Schema): MailCodeWrites => {
  const of = (table: typeof mailCodes | typeof mailCodeTries, { address, purpose, asker }: CodeKey) =>
    and(eq(table.address, address), eq(table.purpose, purpose), eq(table.asker, asker));

  return {
    find: (key) => one(db.select().from(mailCodes).where(of(mailCodes, key))),

    async put(code) {
      const target = [mailCodes.address, mailCodes.purpose, mailCodes.asker];
      await db.insert(mailCodes).values(code).onConflictDoUpdate({ target, set: code });
    },

    spend: (key, codeMac) =>
      one(
        db
          .delete(mailCodes)
          .where(and(of(mailCodes, key), eq(mailCodes.codeMac, codeMac)))
          .returning(),
      ),

    tries: (key) => one(db.select().from(mailCodeTries).where(of(mailCodeTries, key))),

    async fail({ address, purpose, asker }, at) {
      await db
        .insert(mailCodeTries)
        .values({ address, purpose, asker, tries: 1, lastAt: at })
        .onConflictDoUpdate({
          target: [mailCodeTries.address, mailCodeTries.purpose, mailCodeTries.asker],
          set: { tries: sql`${mailCodeTries.tries} + 1`, lastAt: at },
        });
    },

    async forgetTries(key) {
      await db.delete(mailCodeTries).where(of(mailCodeTries, key));
    },

    async noteSending({ address, purpose, asker }, at) {
      await db.insert(mailSendings).values({ address, purpose, asker, at });
    },

    async sendings({ address, purpose, asker }, since) {
      const own =
        asker === null ? undefined : and(eq(mailSendings.purpose, purpose), eq(mailSendings.asker, asker));
      const row = await one(
        db
          .select({ total: count() })
          .from(mailSendings)
          .where(and(eq(mailSendings.address, address), gt(mailSendings.at, since), own)),
      );
      return row?.total ?? 0;
    },

    async deleteFor(address) {
      await db.delete(mailCodes).where(eq(mailCodes.address, address));
    },

    async sweep(now, before) {
      await db.delete(mailCodes).where(lte(mailCodes.expiresAt, now));
      await db.delete(mailCodeTries).where(lt(mailCodeTries.lastAt, before));
      await db.delete(mailSendings).where(lt(mailSendings.at, before));
    },
  };
};
