import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { JWK } from "jose";
import type { AuditEvent } from "../../identity/audit.ts";
import type { DeviceKind, DeviceStatus } from "../../identity/device.ts";
import type { KnownKind } from "../../identity/known.ts";
import type { Purpose } from "../../identity/mail-code.ts";
import type { Role } from "../../identity/permission.ts";
import type { ProofPurpose } from "../../identity/proof.ts";
import type { Factor } from "../../identity/throttle.ts";
import { methods, sessions } from "./sqlite-session.ts";
import { instant, users } from "./sqlite-user.ts";

export * from "./sqlite-passkey.ts";
export { apiKeys } from "./sqlite-session.ts";
export * from "./sqlite-upstream.ts";
export { sessions, users };

export const bootstraps = sqliteTable("bootstraps", {
  tokenHash: text("token_hash").primaryKey(),
  id: text().notNull().unique(),
  kind: text({ enum: ["first_run", "admin"] }).notNull(),
  note: text(),
  createdBy: text("created_by"),
  createdAt: instant("created_at").notNull(),
  expiresAt: instant("expires_at").notNull(),
  spentAt: instant("spent_at"),
});

export const known = sqliteTable(
  "known",
  {
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    kind: text().$type<KnownKind>().notNull(),
    mark: text().notNull(),
    firstAt: instant("first_at").notNull(),
    lastAt: instant("last_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.kind, table.mark] }),
    index("known_mark").on(table.kind, table.mark),
  ],
);

/** Lines outlive the accounts they are about, so nothing here points at another table. */
export const audit = sqliteTable(
  "audit",
  {
    id: text().primaryKey(),
    at: instant("at").notNull(),
    event: text().$type<AuditEvent>().notNull(),
    actorId: text("actor_id"),
    userId: text("user_id"),
    sessionId: text("session_id"),
    ip: text(),
    userAgent: text("user_agent"),
    methods: methods(),
    result: text({ enum: ["ok", "refused"] }).notNull(),
    reason: text(),
  },
  (table) => [index("audit_user_id").on(table.userId, table.id), index("audit_at").on(table.at)],
);

/** What an admin set, one row a setting. */
export const settings = sqliteTable("settings", {
  name: text().primaryKey(),
  value: text({ mode: "json" }).$type<unknown>().notNull(),
});

/** Facts about the house itself, one row each. */
export const house = sqliteTable("house", {
  name: text().primaryKey(),
  value: text().notNull(),
});

/** Where other applications ask whom to let in. */
export const guardedHosts = sqliteTable("guarded_hosts", {
  host: text().primaryKey(),
  firstAt: instant("first_at").notNull(),
  lastAt: instant("last_at").notNull(),
});

export const invites = sqliteTable("invites", {
  tokenHash: text("token_hash").primaryKey(),
  id: text().notNull().unique(),
  email: text(),
  role: text().$type<Role>().notNull(),
  createdBy: text("created_by"),
  createdAt: instant("created_at").notNull(),
  expiresAt: instant("expires_at").notNull(),
  uses: integer().notNull(),
  usesLeft: integer("uses_left").notNull(),
});

/** At most one an account: a new link replaces the last one. */
export const recoveries = sqliteTable("recoveries", {
  userId: text("user_id")
    .primaryKey()
    .references(() => users.id, { onDelete: "cascade" }),
  tokenHash: text("token_hash").notNull().unique(),
  createdBy: text("created_by"),
  createdAt: instant("created_at").notNull(),
  expiresAt: instant("expires_at").notNull(),
});

/** Failed proofs in a row. The subject is a keyed hash, of an account or of a name that is nobody's, alike. */
export const throttles = sqliteTable(
  "throttles",
  {
    subject: text().notNull(),
    factor: text().$type<Factor>().notNull(),
    lane: text().notNull(),
    failures: integer().notNull(),
    lastAt: instant("last_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.subject, table.factor, table.lane] }),
    index("throttles_last_at").on(table.lastAt),
  ],
);

export const signingKeys = sqliteTable("signing_keys", {
  kid: text().primaryKey(),
  publicJwk: text("public_jwk", { mode: "json" }).$type<JWK>().notNull(),
  sealed: text().notNull(),
  createdAt: instant("created_at").notNull(),
  verifiesUntil: instant("verifies_until"),
});

/** WITHOUT ROWID in the database, like `sessions`. */
export const refreshes = sqliteTable(
  "refreshes",
  {
    tokenHash: text("token_hash").primaryKey(),
    sessionId: text("session_id")
      .notNull()
      .references(() => sessions.id, { onDelete: "cascade" }),
    createdAt: instant("created_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
    rotatedAt: instant("rotated_at"),
  },
  (table) => [index("refreshes_session_id").on(table.sessionId)],
);

export const tenants = sqliteTable("tenants", {
  id: text().primaryKey(),
  name: text().notNull(),
  ownerId: text("owner_id")
    .notNull()
    .unique()
    .references(() => users.id, { onDelete: "cascade" }),
  createdAt: instant("created_at").notNull(),
});

/** One live code for each asker of a purpose of an address. */
export const mailCodes = sqliteTable(
  "mail_codes",
  {
    address: text().notNull(),
    purpose: text().$type<Purpose>().notNull(),
    asker: text().notNull(),
    codeMac: text("code_mac").notNull(),
    sealed: text(),
    createdAt: instant("created_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.address, table.purpose, table.asker] })],
);

/** Wrong tries outlive the code they were made at: asking again does not reset them. */
export const mailCodeTries = sqliteTable(
  "mail_code_tries",
  {
    address: text().notNull(),
    purpose: text().$type<Purpose>().notNull(),
    asker: text().notNull(),
    tries: integer().notNull(),
    lastAt: instant("last_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.address, table.purpose, table.asker] })],
);

export const mailSendings = sqliteTable(
  "mail_sendings",
  {
    seq: integer().primaryKey(),
    address: text().notNull(),
    purpose: text().$type<Purpose>().notNull(),
    asker: text().notNull(),
    at: instant("at").notNull(),
  },
  (table) => [
    index("mail_sendings_address").on(table.address, table.at),
    index("mail_sendings_at").on(table.at),
  ],
);

export const mails = sqliteTable(
  "mails",
  {
    id: text().primaryKey(),
    sealed: text().notNull(),
    createdAt: instant("created_at").notNull(),
    nextAt: instant("next_at").notNull(),
    staleAt: instant("stale_at").notNull(),
    tries: integer().notNull(),
  },
  (table) => [index("mails_next_at").on(table.nextAt)],
);

export const devices = sqliteTable(
  "devices",
  {
    id: text().primaryKey(),
    codeMac: text("code_mac").notNull().unique(),
    tokenHash: text("token_hash").unique(),
    kind: text().$type<DeviceKind>().notNull(),
    status: text().$type<DeviceStatus>().notNull(),
    ip: text().notNull(),
    userAgent: text("user_agent"),
    device: text(),
    createdBy: text("created_by").references(() => users.id, { onDelete: "cascade" }),
    decidedBy: text("decided_by").references(() => users.id, { onDelete: "cascade" }),
    decidedIn: text("decided_in"),
    createdAt: instant("created_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
    decidedAt: instant("decided_at"),
    claimedAt: instant("claimed_at"),
  },
  (table) => [
    index("devices_created_by").on(table.createdBy),
    index("devices_decided_by").on(table.decidedBy),
    index("devices_expires_at").on(table.expiresAt),
  ],
);

/** At most one an account: on, or (with an end) waiting for its first code. */
export const totps = sqliteTable("totps", {
  userId: text("user_id")
    .primaryKey()
    .references(() => users.id, { onDelete: "cascade" }),
  sealed: text().notNull(),
  lastStep: integer("last_step").notNull(),
  createdAt: instant("created_at").notNull(),
  pendingUntil: instant("pending_until"),
});

export const backupCodes = sqliteTable(
  "backup_codes",
  {
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    codeMac: text("code_mac").notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.codeMac] })],
);

export const proofs = sqliteTable(
  "proofs",
  {
    tokenHash: text("token_hash").primaryKey(),
    purpose: text().$type<ProofPurpose>().notNull(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    methods: methods(),
    tries: integer().notNull(),
    createdAt: instant("created_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
    sealedLink: text("sealed_link"),
  },
  (table) => [index("proofs_user_id").on(table.userId)],
);
