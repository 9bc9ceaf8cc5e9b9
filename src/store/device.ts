import { and, eq, gt, inArray, lt, or } from "drizzle-orm";
import type { DeviceWrites } from "../identity/device.ts";
import { type Db, one, type Schema } from "./db.ts";

export const deviceTable = (db: Db, { devices }: Schema): DeviceWrites => {
  const undelivered = inArray(devices.status, ["pending", "authorized"]);

  return {
    find: (id) => one(db.select().from(devices).where(eq(devices.id, id))),

    findByCode: (codeMac) => one(db.select().from(devices).where(eq(devices.codeMac, codeMac))),

    findByToken: (tokenHash) => one(db.select().from(devices).where(eq(devices.tokenHash, tokenHash))),

    insert: (device) =>
      one(db.insert(devices).values(device).onConflictDoNothing({ target: devices.codeMac }).returning()),

    decide(id, { status, by, in: decidedIn, at }) {
      const open = and(eq(devices.id, id), eq(devices.status, "pending"), gt(devices.expiresAt, at));
      const decided = { status, decidedBy: by, decidedIn, decidedAt: at };
      return one(db.update(devices).set(decided).where(open).returning());
    },

    claim(id, at) {
      const open = and(eq(devices.id, id), eq(devices.status, "authorized"), gt(devices.expiresAt, at));
      return one(db.update(devices).set({ status: "claimed", claimedAt: at }).where(open).returning());
    },

    withdraw(id) {
      const open = and(eq(devices.id, id), eq(devices.status, "authorized"));
      return one(db.update(devices).set({ status: "denied" }).where(open).returning());
    },

    async withdrawFor(userId) {
      const theirs = or(eq(devices.createdBy, userId), eq(devices.decidedBy, userId));
      await db.update(devices).set({ status: "denied" }).where(and(undelivered, theirs));
    },

    async sweep(before) {
      await db.delete(devices).where(lt(devices.expiresAt, before));
    },
  };
};
