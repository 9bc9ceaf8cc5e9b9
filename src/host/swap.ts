/**
 * Puts another house in the place of the one in a folder, so that at every moment one of the two is there.
 *
 *     restoring-T.part/ ──renamed: from here on it is decided──▶ restoring-T/ ──each file moved──▶ gone
 *                                                                   the old ones ──▶ before-restore-T/
 *
 * Whoever opens the folder next ends what was cut off, under the folder's lock.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { sync } from "./disk.ts";

/** In the order in which they come; the database last, because with it the house is the new one. */
const parts = ["master.key", "bootstrapped", "housekey.db"];

/** What lies beside a database and belongs to it alone. */
const beside = ["-wal", "-shm", "-journal"];

const decided = /^restoring-(\d{8}T\d{6}Z)$/;

/** Left by what was cut off before anything was decided: worth nothing. */
const leftover = /^restoring-.*\.part$|^snapshot-|^housekey\.db\.before-.*\.part-/;

export interface Staging {
  /** Where the new house is put together. */
  readonly path: string;

  /** Puts it in the old one's place; answers where the old one is, null when there was none. Cannot be undone by a crash. */
  commit(): string | null;

  discard(): void;
}

/** The folder's lock must be held. */
export function stage(folder: string, at: Date): Staging {
  const stamp = stampOf(at);
  // What an earlier restore put aside stays what it is.
  if (existsSync(asideOf(folder, stamp))) return stage(folder, new Date(at.getTime() + 1000));
  const path = join(folder, `restoring-${stamp}.part`);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { mode: 0o700 });
  return {
    path,
    commit() {
      for (const name of readdirSync(path)) sync(join(path, name));
      sync(path);
      renameSync(path, join(folder, `restoring-${stamp}`));
      sync(folder);
      finishRestore(folder);
      const aside = asideOf(folder, stamp);
      return existsSync(aside) ? aside : null;
    },
    discard: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** Whether a restore was decided on and not ended. */
export const isRestoring = (folder: string): boolean =>
  existsSync(folder) && readdirSync(folder).some((name) => decided.test(name));

/** Ends restores that were cut off, and removes what others left. Safe to repeat. The folder's lock must be held. */
export function finishRestore(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (leftover.test(name)) rmSync(join(folder, name), { recursive: true, force: true });
    const [, stamp] = decided.exec(name) ?? [];
    if (stamp !== undefined) finish(folder, join(folder, name), asideOf(folder, stamp));
  }
}

function finish(folder: string, staged: string, aside: string): void {
  for (const part of parts) {
    if (!existsSync(join(staged, part))) continue;
    const old = part === "housekey.db" ? [...beside.map((end) => part + end), part] : [part];
    for (const name of old) if (existsSync(join(folder, name))) setAside(folder, name, aside);
    renameSync(join(staged, part), join(folder, part));
    sync(folder);
  }
  rmSync(join(folder, "bootstrap-token"), { force: true });
  rmSync(staged, { recursive: true, force: true });
  sync(folder);
}

function setAside(folder: string, name: string, aside: string): void {
  mkdirSync(aside, { recursive: true, mode: 0o700 });
  renameSync(join(folder, name), join(aside, name));
  sync(aside);
}

/** `20260131T120000Z` */
export const stampOf = (at: Date): string => at.toISOString().replace(/[-:]|\.\d+/g, "");

const asideOf = (folder: string, stamp: string): string => join(folder, `before-restore-${stamp}`);
