import type { Writes } from "../identity/store.ts";
import { apiKeyTable } from "./api-key.ts";
import { assertionTable } from "./assertion.ts";
import { auditTable } from "./audit.ts";
import { backupCodeTable } from "./backup-code.ts";
import { bootstrapTable } from "./bootstrap.ts";
import { ceremonyTable } from "./ceremony.ts";
import type { Db, Schema } from "./db.ts";
import { deviceTable } from "./device.ts";
import { guardedHostTable } from "./guarded-host.ts";
import { houseTable } from "./house.ts";
import { identityTable } from "./identity.ts";
import { inviteTable } from "./invite.ts";
import { knownTable } from "./known.ts";
import { mailTable } from "./mail.ts";
import { mailCodeTable } from "./mail-code.ts";
import type { Changes } from "./memory.ts";
import { passkeyTable } from "./passkey.ts";
import { proofTable } from "./proof.ts";
import { providerTable } from "./provider.ts";
import { recoveryTable } from "./recovery.ts";
import { refreshTable } from "./refresh.ts";
import { restoreTables } from "./restore.ts";
import { sessionTable } from "./session.ts";
import { settingsTable } from "./settings.ts";
import { signingKeyTable } from "./signing-key.ts";
import { sweepTables } from "./sweep.ts";
import { tenantTable } from "./tenant.ts";
import { throttleTable } from "./throttle.ts";
import { totpTable } from "./totp.ts";
import { userTable } from "./user.ts";

export const tables = (db: Db, schema: Schema, changes: Changes): Writes => ({
  apiKeys: apiKeyTable(db, schema, changes),
  assertions: assertionTable(db, schema),
  audit: auditTable(db, schema),
  backupCodes: backupCodeTable(db, schema),
  bootstraps: bootstrapTable(db, schema),
  ceremonies: ceremonyTable(db, schema),
  devices: deviceTable(db, schema),
  guardedHosts: guardedHostTable(db, schema),
  house: houseTable(db, schema),
  identities: identityTable(db, schema),
  invites: inviteTable(db, schema),
  known: knownTable(db, schema),
  mailCodes: mailCodeTable(db, schema),
  mails: mailTable(db, schema),
  passkeys: passkeyTable(db, schema),
  proofs: proofTable(db, schema),
  providers: providerTable(db, schema),
  recoveries: recoveryTable(db, schema),
  refreshes: refreshTable(db, schema),
  restore: restoreTables(db, schema, changes),
  sessions: sessionTable(db, schema, changes),
  settings: settingsTable(db, schema, changes),
  signingKeys: signingKeyTable(db, schema, changes),
  sweep: sweepTables(db, schema),
  tenants: tenantTable(db, schema),
  throttles: throttleTable(db, schema),
  totps: totpTable(db, schema),
  users: userTable(db, schema, changes),
});
