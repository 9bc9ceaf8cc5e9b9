import { asc, count, eq, lte } from "drizzle-orm";
import type { MailWrites } from "../identity/mail.ts";
import { type Db, one, type Schema } from "./db.ts";

export const mailTable = (db: Db, { mails }: Schema): MailWrites => ({
  due: async (now, limit) =>
    db.select().from(mails).where(lte(mails.nextAt, now)).orderBy(asc(mails.nextAt)).limit(limit),

  async count() {
    const row = await one(db.select({ total: count() }).from(mails));
    return row?.total ?? 0;
  },

  async insert(mail) {
    await db.insert(mails).values(mail);
  },

  delete: (id) => one(db.delete(mails).where(eq(mails.id, id)).returning()),

  async postpone(id, tries, nextAt) {
    await db.update(mails).set({ tries, nextAt }).where(eq(mails.id, id));
  },
});
