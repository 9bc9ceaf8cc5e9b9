import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { CeremonyPurpose } from "../../identity/ceremony.ts";
import type { DeviceType } from "../../identity/webauthn.ts";
import { instant, users } from "./sqlite-user.ts";

export const passkeys = sqliteTable(
  "passkeys",
  {
    id: text().primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    rpId: text("rp_id").notNull(),
    credentialId: text("credential_id").notNull().unique(),
    publicKey: text("public_key").notNull(),
    counter: integer().notNull(),
    name: text().notNull(),
    deviceType: text("device_type").$type<DeviceType>().notNull(),
    backedUp: integer("backed_up", { mode: "boolean" }).notNull(),
    transports: text({ mode: "json" }).$type<readonly string[]>().notNull(),
    aaguid: text().notNull(),
    createdAt: instant("created_at").notNull(),
    lastUsedAt: instant("last_used_at"),
  },
  (table) => [index("passkeys_user_id").on(table.userId)],
);

export const ceremonies = sqliteTable(
  "ceremonies",
  {
    challengeHash: text("challenge_hash").primaryKey(),
    purpose: text().$type<CeremonyPurpose>().notNull(),
    asker: text().notNull(),
    userId: text("user_id").references(() => users.id, { onDelete: "cascade" }),
    named: integer({ mode: "boolean" }).notNull(),
    createdAt: instant("created_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
  },
  (table) => [
    index("ceremonies_asker").on(table.asker, table.purpose, table.createdAt),
    index("ceremonies_user_id").on(table.userId),
  ],
);
