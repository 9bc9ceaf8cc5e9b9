import { and, desc, eq, gt, lt, sql } from "drizzle-orm";
import type { InviteWrites } from "../identity/invite.ts";
import { type Db, one, type Schema } from "./db.ts";

export const inviteTable = (db: Db, { invites }: Schema): InviteWrites => {
  const live = (now: Date) => and(gt(invites.usesLeft, 0), gt(invites.expiresAt, now));

  return {
    findByToken: (tokenHash) => one(db.select().from(invites).where(eq(invites.tokenHash, tokenHash))),

    list: ({ after, limit }, now) =>
      db
        .select()
        .from(invites)
        .where(and(live(now), after === null ? undefined : lt(invites.id, after)))
        .orderBy(desc(invites.id))
        .limit(limit),

    async insert(invite) {
      await db.insert(invites).values(invite);
    },

    use: (tokenHash, at) =>
      one(
        db
          .update(invites)
          .set({ usesLeft: sql`${invites.usesLeft} - 1` })
          .where(and(eq(invites.tokenHash, tokenHash), live(at)))
          .returning(),
      ),

    delete: (id) => one(db.delete(invites).where(eq(invites.id, id)).returning()),

    async deleteBy(createdBy) {
      await db.delete(invites).where(eq(invites.createdBy, createdBy));
    },
  };
};
