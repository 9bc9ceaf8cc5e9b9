/** How old the last backup is that the house made by the clock. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Step } from "../identity/doctor.ts";
import { ill, well } from "./patient.ts";

const name = "backup";

/** Whatever the houses are called that share a folder. */
const form = /^housekey-[0-9a-z]+-\d{8}T\d{6}Z\.tar\.gz(\.age)?$/;

interface Plan {
  /** Null: none are made by the clock. */
  readonly folder: string | null;

  /** Seconds from one to the next. */
  readonly every: number;
}

export function examineBackups({ folder, every }: Plan, now: Date): Step {
  if (folder === null) return well(name, "none is made by the clock");
  let files: string[];
  try {
    files = readdirSync(folder).filter((file) => form.test(file));
  } catch (error) {
    return ill(
      name,
      `${folder} cannot be read, so no backup is made: ${error instanceof Error ? error.message : error}`,
      `Mount the disk that HOUSEKEY_BACKUP_DIR names, and see that the user that runs the house may write there.`,
    );
  }
  const times = files.map((file) => statSync(join(folder, file), { throwIfNoEntry: false })?.mtimeMs ?? 0);
  const last = Math.max(0, ...times);
  if (last === 0)
    return ill(
      name,
      `there is none in ${folder} yet`,
      "Wait for the first, or make one: housekey backup FILE.",
    );
  const hours = Math.max(0, Math.round((now.getTime() - last) / 3_600_000));
  const words = `the last one in ${folder} is ${hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`} old`;
  // One that is late by as much again was missed.
  if (now.getTime() - last <= 2 * every * 1000) return well(name, words);
  return ill(
    name,
    `${words}, and there should be one every ${often(every)}`,
    `Look for "backup" in the log of the house; mostly ${folder} is full, or not mounted.`,
  );
}

/** "hour", "36 hours", "90 seconds" */
function often(seconds: number): string {
  if (seconds % 3600 !== 0) return `${seconds} seconds`;
  return seconds === 3600 ? "hour" : `${seconds / 3600} hours`;
}
