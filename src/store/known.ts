import { and, desc, eq, inArray, ne, sql } from "drizzle-orm";
import type { KnownWrites } from "../identity/known.ts";
import { type Db, one, type Schema } from "./db.ts";

export const knownTable = (db: Db, { known }: Schema): KnownWrites => ({
  async any(userId) {
    const place = and(eq(known.userId, userId), ne(known.kind, "written"));
    const rows = db.select({ mark: known.mark }).from(known).where(place).limit(1);
    return (await one(rows)) !== null;
  },

  find: (userId, kind, mark) =>
    one(
      db
        .select()
        .from(known)
        .where(and(eq(known.userId, userId), eq(known.kind, kind), eq(known.mark, mark))),
    ),

  async note(userId, kind, mark, at) {
    await db
      .insert(known)
      .values({ userId, kind, mark, firstAt: at, lastAt: at })
      .onConflictDoUpdate({ target: [known.userId, known.kind, known.mark], set: { lastAt: at } });
  },

  async inherit(from, to, at, most) {
    const accounts = await db
      .select({ userId: known.userId })
      .from(known)
      .where(and(eq(known.kind, "browser"), eq(known.mark, from)))
      .orderBy(desc(known.lastAt), sql`${known.userId}`)
      .limit(most);
    for (const { userId } of accounts)
      await db
        .insert(known)
        .values({ userId, kind: "browser", mark: to, firstAt: at, lastAt: at })
        .onConflictDoNothing();
  },

  async forget(userId, kinds) {
    await db.delete(known).where(and(eq(known.userId, userId), inArray(known.kind, [...kinds])));
  },
});
