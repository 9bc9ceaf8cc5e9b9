import { and, asc, count, eq, lt, sql } from "drizzle-orm";
import type { ThrottleKey, ThrottleWrites } from "../identity/throttle.ts";
import { type Db, once, one, type Schema } from "./db.ts";

export const throttleTable = (db: Db, { throttles }: Schema): ThrottleWrites => {
  const { placeholder } = sql;
  const same = ({ subject, factor, lane }: ThrottleKey) =>
    and(eq(throttles.subject, subject), eq(throttles.factor, factor), eq(throttles.lane, lane));
  const byKey = once(() =>
    db
      .select()
      .from(throttles)
      .where(
        and(
          eq(throttles.subject, placeholder("subject")),
          eq(throttles.factor, placeholder("factor")),
          eq(throttles.lane, placeholder("lane")),
        ),
      )
      .prepare(),
  );

  return {
    find: ({ subject, factor, lane }: ThrottleKey) => one(byKey().execute({ subject, factor, lane })),

    async fail({ subject, factor, lane }, at) {
      await db
        .insert(throttles)
        .values({ subject, factor, lane, failures: 1, lastAt: at })
        .onConflictDoUpdate({
          target: [throttles.subject, throttles.factor, throttles.lane],
          set: { failures: sql`${throttles.failures} + 1`, lastAt: at },
        });
    },

    async clear(subject) {
      await db.delete(throttles).where(eq(throttles.subject, subject));
    },

    async sweep(before, most) {
      const old = await db
        .delete(throttles)
        .where(lt(throttles.lastAt, before))
        .returning({ subject: throttles.subject });
      const left = (await one(db.select({ total: count() }).from(throttles)))?.total ?? 0;
      if (left <= most) return old.length;
      const oldest = await db
        .select()
        .from(throttles)
        .orderBy(asc(throttles.lastAt))
        .limit(left - most);
      for (const key of oldest) await db.delete(throttles).where(same(key));
      return old.length + oldest.length;
    },
  };
};
