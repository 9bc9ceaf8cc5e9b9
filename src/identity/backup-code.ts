/**
 * Ten codes on paper for the day the authenticator app is lost. Each works once, wherever a code from the app
 * does; new ones void the old.
 */
import { randomBytes } from "node:crypto";
import type { Core } from "./core.ts";
import type { Writes } from "./store.ts";

export interface BackupCodeReads {
  /** How many the account has left. */
  count(userId: string): Promise<number>;
}

export interface BackupCodeWrites extends BackupCodeReads {
  /** Voids what the account had; none is fine. */
  replace(userId: string, codeMacs: readonly string[]): Promise<void>;

  /** `null` when there is no such code (any more). */
  spend(userId: string, codeMac: string): Promise<string | null>;
}

const codes = 10;
const characters = 10;

/** Crockford's base32: thirty-two characters that nobody takes for one another, so fifty bits a code. */
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/** Makes the account's codes anew; they are shown this once. */
export async function replaceBackupCodes(core: Core, tx: Writes, userId: string): Promise<string[]> {
  const made = Array.from({ length: codes }, () =>
    Array.from(randomBytes(characters), (byte) => alphabet.charAt(byte & 31)).join(""),
  );
  await tx.backupCodes.replace(
    userId,
    made.map((code) => macOf(core, userId, code)),
  );
  return made.map((code) => `${code.slice(0, characters / 2)}-${code.slice(characters / 2)}`);
}

/** Answers how many are left after this one; null when it is none of the account's. `code` is folded. */
export async function spendBackupCode(
  core: Core,
  tx: Writes,
  userId: string,
  code: string,
): Promise<number | null> {
  const spent = await tx.backupCodes.spend(userId, macOf(core, userId, code));
  return spent === null ? null : await tx.backupCodes.count(userId);
}

/** A hash is enough against reading the database: guessing fifty bits takes the key as well. */
const macOf = (core: Core, userId: string, code: string): string =>
  core.keys.mac("backup_code", `${userId} ${code}`);

/** Case and dashes do not matter, nor do letters that look like digits: none of ours is one of them. */
export const foldBackupCode = (typed: string): string =>
  typed.toLowerCase().replace(/[\s-]/g, "").replace(/o/g, "0").replace(/[il]/g, "1");
