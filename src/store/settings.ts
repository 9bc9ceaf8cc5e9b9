import { eq } from "drizzle-orm";
import type { Settings, SettingsWrites } from "../identity/settings.ts";
import type { Db, Schema } from "./db.ts";
import type { Changes } from "./memory.ts";

export const settingsTable = (db: Db, { settings }: Schema, changes: Changes): SettingsWrites => ({
  async current() {
    const rows = await db.select().from(settings);
    return Object.fromEntries(rows.map(({ name, value }) => [name, value])) as Settings;
  },

  async put(next) {
    changes.settings();
    for (const [name, value] of Object.entries(next))
      if (value === null) await db.delete(settings).where(eq(settings.name, name));
      else
        await db
          .insert(settings)
          .values({ name, value })
          .onConflictDoUpdate({ target: settings.name, set: { value } });
  },
});
