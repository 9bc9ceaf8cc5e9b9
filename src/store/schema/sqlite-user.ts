import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Role } from "../../identity/permission.ts";

export const instant = (name: string) => integer(name, { mode: "timestamp_ms" });

export const users = sqliteTable("users", {
  id: text().primaryKey(),
  username: text().notNull().unique(),
  email: text().unique(),
  emailVerified: integer("email_verified", { mode: "boolean" }).notNull(),
  name: text(),
  role: text().$type<Role>().notNull(),
  passwordHash: text("password_hash"),
  disabledAt: instant("disabled_at"),
  createdAt: instant("created_at").notNull(),
  twoFactorAt: instant("two_factor_at"),
});
