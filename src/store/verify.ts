import { Database } from "bun:sqlite";
import { type Check, type Finding, look } from "../identity/verify.ts";
import { accountChecks } from "./checks/accounts.ts";
import { columnChecks } from "./checks/columns.ts";
import { engineChecks } from "./checks/engine.ts";
import { folderChecks } from "./checks/folder.ts";
import type { House } from "./checks/house.ts";
import { passkeyChecks } from "./checks/passkeys.ts";

const checks: readonly Check<House>[] = [
  ...engineChecks,
  ...columnChecks,
  ...accountChecks,
  ...passkeyChecks,
  ...folderChecks,
];

/**
 * Looks the database at `path` over, under one snapshot, also while it is being written. Writes nothing.
 *
 * Without `marked` and `isOwnKey`, what only the folder around it can say is passed over.
 */
export function verifyDatabase(
  path: string,
  { marked = null, isOwnKey = null }: Partial<Omit<House, "db">> = {},
): Finding[] {
  let db: Database | undefined;
  try {
    db = new Database(path, { create: false, readwrite: true, strict: true });
    db.run("PRAGMA query_only = ON");
    db.run("PRAGMA trusted_schema = OFF");
    db.run("PRAGMA busy_timeout = 5000");
    db.run("BEGIN");
    // The snapshot is taken by the first statement that reads.
    db.query("SELECT count(*) FROM sqlite_schema").get();
    return look(checks, { db, marked, isOwnKey });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [{ check: "database", problems: [`cannot be opened: ${reason}`] }];
  } finally {
    db?.close();
  }
}
