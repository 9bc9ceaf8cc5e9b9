/** What acts for an account: its sessions, and its API keys. */
import { index, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Permission } from "../../identity/permission.ts";
import type { Method, SessionKind } from "../../identity/session.ts";
import { instant, users } from "./sqlite-user.ts";

export const methods = () => text({ mode: "json" }).$type<readonly Method[]>().notNull();

/** WITHOUT ROWID in the database: the token's hash is the one key that every request looks up. */
export const sessions = sqliteTable(
  "sessions",
  {
    tokenHash: text("token_hash").primaryKey(),
    id: text().notNull().unique(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    kind: text().$type<SessionKind>().notNull(),
    device: text(),
    ip: text().notNull(),
    userAgent: text("user_agent"),
    methods: methods(),
    createdAt: instant("created_at").notNull(),
    lastSeenAt: instant("last_seen_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
    provedAt: instant("proved_at"),
    endedAt: instant("ended_at"),
  },
  (table) => [index("sessions_user_id").on(table.userId)],
);

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
