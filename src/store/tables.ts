import type { Writes } from "../identity/store.ts";
import { auditTable } from "./audit.ts";
import { bootstrapTable } from "./bootstrap.ts";
import type { Db, Schema } from "./db.ts";
import { houseTable } from "./house.ts";
import { inviteTable } from "./invite.ts";
import { knownTable } from "./known.ts";
import type { Changes } from "./memory.ts";
import { recoveryTable } from "./recovery.ts";
import { sessionTable } from "./session.ts";
import { settingsTable } from "./settings.ts";
import { throttleTable } from "./throttle.ts";
import { userTable } from "./user.ts";

export const tables = (db: Db, schema: Schema, changes: Changes): Writes => ({
  audit: auditTable(db, schema),
  bootstraps: bootstrapTable(db, schema),
  house: houseTable(db, schema),
  invites: inviteTable(db, schema),
  known: knownTable(db, schema),
  recoveries: recoveryTable(db, schema),
  sessions: sessionTable(db, schema, changes),
  settings: settingsTable(db, schema, changes),
  throttles: throttleTable(db, schema),
  users: userTable(db, schema, changes),
});
