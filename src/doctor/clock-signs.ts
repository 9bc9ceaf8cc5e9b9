/** What a machine and a folder give away about a clock, without asking anybody else. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { databasePath, hasDatabase } from "../host/folder.ts";
import { readNotes } from "../store/doctor.ts";

/**
 * By how many milliseconds what the house in `folder` wrote last lies ahead of `now`: its files' times, and its own
 * note. A server asks before it writes anything, for then each of them is of now.
 */
export function writtenAhead(folder: string, now: Date): number {
  const files = ["housekey.db", "housekey.db-wal"].map((name) => join(folder, name));
  const times = files.map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  return Math.max(0, Math.max(...times, noted(folder)) - now.getTime());
}

function noted(folder: string): number {
  try {
    return hasDatabase(folder) ? (readNotes(databasePath(folder)).heartbeat?.getTime() ?? 0) : 0;
  } catch {
    // What is the matter with it is told by the check of the database.
    return 0;
  }
}

const dayMilliseconds = 86_400_000;

/** Who says that they keep this machine's clock (Linux), and whether they have the time; null: nobody does. */
export function keeperOf(now: Date, root = "/"): string | null {
  const timesyncd = join(root, "run/systemd/timesync");
  // Made by systemd-timesyncd when it first has the time since the boot, see its manual page.
  if (existsSync(join(timesyncd, "synchronized")))
    return "systemd-timesyncd has had the time from the network";
  for (const name of ["chrony.drift", "drift"]) {
    // Written about hourly, and only while chronyd has the time.
    const drift = statSync(join(root, "var/lib/chrony", name), { throwIfNoEntry: false });
    if (drift && Math.abs(now.getTime() - drift.mtimeMs) < dayMilliseconds)
      return "chronyd has had the time from the network";
  }
  return existsSync(timesyncd) ? "systemd-timesyncd has not had the time from the network yet" : null;
}
