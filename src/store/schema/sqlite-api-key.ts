import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Permission } from "../../identity/permission.ts";
import { sessions, users } from "./sqlite.ts";

const instant = (name: string) => integer(name, { mode: "timestamp_ms" });

/** WITHOUT ROWID in the database, like `sessions`. */
export const apiKeys = sqliteTable(
  "api_keys",
  {
    tokenHash: text("token_hash").primaryKey(),
    id: text().notNull().unique(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    name: text().notNull(),
    prefix: text().notNull(),
    scopes: text({ mode: "json" }).$type<readonly Permission[]>().notNull(),
    createdAt: instant("created_at").notNull(),
    lastUsedAt: instant("last_used_at"),
    expiresAt: instant("expires_at"),
    sessionId: text("session_id")
      .unique()
      .references(() => sessions.id, { onDelete: "set null" }),
  },
  (table) => [index("api_keys_user_id").on(table.userId)],
);
