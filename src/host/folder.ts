/** The data folder: everything the appliance keeps, one `serve` at a time. */
import { Database } from "bun:sqlite";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FirstRunFiles } from "../identity/bootstrap.ts";
import type { Log } from "../identity/core.ts";
import { Failure } from "./failure.ts";
import { finishRestore, isRestoring } from "./swap.ts";

export const databasePath = (folder: string): string => join(folder, "housekey.db");
export const tokenPath = (folder: string): string => join(folder, "bootstrap-token");
export const keyPath = (folder: string): string => join(folder, "master.key");
const markerPath = (folder: string): string => join(folder, "bootstrapped");

/** Whether a house was ever kept here. An empty file is what a lost one leaves, and SQLite takes it for new. */
export const hasDatabase = (folder: string): boolean =>
  existsSync(databasePath(folder)) && statSync(databasePath(folder)).size > 0;

/** Makes the folder when it is missing, for its owner alone. Throws `Failure`. */
export function makeFolder(folder: string): void {
  try {
    if (mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined) chmodSync(folder, 0o700);
  } catch (error) {
    throw new Failure(`cannot make the data folder ${folder}`, error);
  }
}

/** Throws `Failure` when there is no house in the folder: operator commands never make one. */
export function requireHouse(folder: string): void {
  if (!hasDatabase(folder))
    throw new Failure(
      `there is no house in ${folder}; start one with "housekey serve", or name its folder with --data`,
    );
}

/** Throws `Failure` when there is no house in the folder, after it ended a restore that was cut off. */
export function settleHouse(folder: string): void {
  if (isRestoring(folder)) {
    const unlock = lockFolder(folder);
    finishRestore(folder);
    unlock();
  }
  requireHouse(folder);
}

/** What a command does first with the house in the folder. Throws `Failure` when there is none. */
export function enterHouse(folder: string): void {
  if (existsSync(folder)) actAsOwner(folder);
  settleHouse(folder);
}

/** Root looks after a house as the one who owns it, so that it leaves no files the server cannot read. */
export function actAsOwner(folder: string): void {
  const { uid, gid } = statSync(folder);
  if (process.getuid?.() !== 0 || uid === 0) return;
  process.setgroups?.([gid]);
  process.setgid?.(gid);
  process.setuid?.(uid);
}

/** Does `work` as the folder's owner, and is root again afterwards, for what lies elsewhere. */
export function asOwner<T>(folder: string, work: () => T): T {
  const { uid, gid } = statSync(folder);
  if (process.getuid?.() !== 0 || uid === 0) return work();
  process.setegid?.(gid);
  process.seteuid?.(uid);
  try {
    return work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}

/**
 * Takes the folder for this process until it ends, however it ends; answers how to let go earlier.
 *
 * The lock is SQLite's own, on a file that holds nothing: the one lock Bun offers on every system that the
 * kernel releases when a process dies. Throws `Failure` when another process has it.
 */
export function lockFolder(folder: string): () => void {
  const unlock = tryLock(folder);
  if (unlock) return unlock;
  throw new Failure(
    `another housekey is serving ${folder}; stop it first, or name another folder with --data`,
  );
}

/** The same, but answers null when another process has it. */
export function tryLock(folder: string): (() => void) | null {
  let lock: Database | undefined;
  try {
    lock = new Database(join(folder, "lock"), { create: true });
    lock.run("PRAGMA journal_mode = MEMORY");
    lock.run("BEGIN EXCLUSIVE");
  } catch (error) {
    lock?.close();
    if (error instanceof Error && "code" in error && error.code === "SQLITE_BUSY") return null;
    throw new Failure(`cannot lock ${folder}`, error);
  }
  const held = lock;
  return () => held.close();
}

/**
 * The 32 bytes under which secrets are kept: the configured ones, or the folder's file, which the first
 * start makes. Throws `Failure` rather than mint a key beside a database that was written under another.
 */
export function masterKey(folder: string, configured: Uint8Array | undefined): Uint8Array {
  if (configured) return configured;
  const path = keyPath(folder);
  if (existsSync(path)) {
    const key = Buffer.from(readFileSync(path, "utf8").trim(), "base64");
    if (key.length !== 32)
      throw new Failure(`${path} is damaged: expected 32 bytes in base64; restore it from a backup`);
    return new Uint8Array(key);
  }
  if (hasDatabase(folder))
    throw new Failure(
      `${path} is missing, and ${databasePath(folder)} cannot be read without it; ` +
        "restore the key from a backup, or set HOUSEKEY_MASTER_KEY to it",
    );
  const key = randomBytes(32);
  writeFileSync(path, `${key.toString("base64")}\n`, { mode: 0o600, flag: "wx" });
  return new Uint8Array(key);
}

/** The refusal of a start that finds a house's marker and no accounts: somebody's data is gone. */
export const lostHouse = (folder: string): Failure =>
  new Failure(
    `${folder} once had an admin, but its database is empty; restore a backup, ` +
      `or remove ${markerPath(folder)} and ${databasePath(folder)} to begin again`,
  );

export const isMarked = (folder: string): boolean => existsSync(markerPath(folder));

export function writeMarker(folder: string): void {
  writeFileSync(markerPath(folder), "This house has had an admin.\n", { mode: 0o600 });
}

export function firstRunFiles(folder: string, log: Log): FirstRunFiles {
  return {
    isMarked: () => isMarked(folder),

    publish(token) {
      rmSync(tokenPath(folder), { force: true });
      writeFileSync(tokenPath(folder), `${token}\n`, { mode: 0o600 });
    },

    conclude() {
      // The admin is made by now: whatever the disk says, the sign-in stands, and the next start tries again.
      try {
        if (!isMarked(folder)) writeMarker(folder);
        rmSync(tokenPath(folder), { force: true });
      } catch (error) {
        log.error("cannot write the marker of the first run", { error: String(error) });
      }
    },
  };
}

/** The first-run token that a server left for the operator; null when there is none. */
export function readToken(folder: string): string | null {
  return existsSync(tokenPath(folder)) ? readFileSync(tokenPath(folder), "utf8").trim() : null;
}
