import { existsSync, statSync } from "node:fs";
import { databasePath, hasDatabase } from "../host/folder.ts";
import type { Step } from "../identity/doctor.ts";
import { findDamage } from "../store/doctor.ts";
import { ill, well } from "./patient.ts";

const breathe = () => new Promise((resolve) => setImmediate(resolve));

const restore =
  'Stop the house, keep a copy of the whole folder, and restore the last good backup; "housekey verify" tells more about ' +
  "what is damaged. Look at the disk, too: smartctl -a.";

/** As large as one may be for a server to read all of it while others wait: some tenths of a second. */
const mostBetween = 16 * 1024 * 1024;

/** `between`: requests wait meanwhile, so a large one is only looked at quickly. */
export async function examineDatabase(
  folder: string,
  asked: { readonly quick: boolean; readonly between: boolean },
): Promise<Step> {
  const name = "database";
  if (!hasDatabase(folder)) return well(name, "none yet; the first start makes it");
  const quick = asked.quick || (asked.between && statSync(databasePath(folder)).size > mostBetween);
  try {
    const [first, ...more] = await findDamage(databasePath(folder), { quick, breathe });
    if (first === undefined)
      return well(name, quick ? 'its pages hang together; "housekey verify" looks closer' : "sound");
    return ill(name, `damaged: ${first}${more.length > 0 ? " and more" : ""}`, restore);
  } catch (error) {
    return ill(name, `cannot be read: ${error instanceof Error ? error.message : error}`, restore);
  }
}

const mebibyte = 1024 * 1024;
const mostLog = 64 * mebibyte;

/** SQLite folds the log into the database as it goes; one that grows has somebody reading for hours. */
export function examineLog(folder: string): Step {
  const name = "write-ahead log";
  const path = `${databasePath(folder)}-wal`;
  const size = existsSync(path) ? statSync(path).size : 0;
  const words = `${(size / mebibyte).toFixed(1)} MiB`;
  if (size <= mostLog) return well(name, words);
  return ill(
    name,
    `${words}: somebody keeps the database open for reading, so the log grows and takes the room`,
    `See who has it open (fuser -v ${databasePath(folder)}); a backup or a shell that hangs is the commonest. A restart ` +
      "of the house folds it in.",
  );
}

/** No line for as long as the disk keeps what it takes. */
export const examineFlushes = (since: Date | null): readonly Step[] =>
  since === null
    ? []
    : [
        ill(
          "flushes",
          `since ${since.toISOString()} nothing is written any more: the disk failed to keep what it had taken`,
          "Look at the disk (dmesg, smartctl -a), and mend or replace it; then start the house again. What was answered " +
            "before that is there, and what failed may be there or not: it is safe to do again.",
        ),
      ];
