import { eq } from "drizzle-orm";
import type { HouseWrites } from "../identity/house.ts";
import { type Db, one, type Schema } from "./db.ts";

export const houseTable = (db: Db, { house }: Schema): HouseWrites => {
  async function put(name: string, value: string): Promise<void> {
    await db.insert(house).values({ name, value }).onConflictDoUpdate({ target: house.name, set: { value } });
  }

  async function get(name: string): Promise<string | null> {
    const row = await one(db.select().from(house).where(eq(house.name, name)));
    return row?.value ?? null;
  }

  return {
    keyCheck: () => get("key_check"),
    listening: () => get("listening"),
    setListening: (url) => put("listening", url),
    setKeyCheck: (check) => put("key_check", check),
    beat: (at) => put("heartbeat", at.toISOString()),
  };
};
