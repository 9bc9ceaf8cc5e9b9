/** The tables of signing in with another provider. */
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { instant, users } from "./sqlite-user.ts";

/** Who somebody is at another provider: the pair is one account's alone. */
export const identities = sqliteTable(
  "identities",
  {
    id: text().primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    issuer: text().notNull(),
    subject: text().notNull(),
    email: text(),
    createdAt: instant("created_at").notNull(),
    lastUsedAt: instant("last_used_at"),
  },
  (table) => [
    uniqueIndex("identities_subject").on(table.issuer, table.subject),
    index("identities_user_id").on(table.userId),
  ],
);

/** One row, under the kind of provider it is. */
export const providers = sqliteTable("providers", {
  kind: text({ enum: ["oidc"] }).primaryKey(),
  issuer: text().notNull(),
  clientId: text("client_id").notNull(),
  sealedSecret: text("sealed_secret"),
  name: text().notNull(),
  scopes: text({ mode: "json" }).$type<readonly string[]>().notNull(),
  enabled: integer({ mode: "boolean" }).notNull(),
  autoProvision: integer("auto_provision", { mode: "boolean" }).notNull(),
  linkByEmail: integer("link_by_email", { mode: "boolean" }).notNull(),
  revision: integer().notNull(),
});

/** What proves something once and was used, until it could not be used anyway. */
export const assertions = sqliteTable(
  "assertions",
  {
    hash: text().primaryKey(),
    expiresAt: instant("expires_at").notNull(),
  },
  (table) => [index("assertions_expires_at").on(table.expiresAt)],
);
