/** The backups that `serve` makes by the clock, as it was configured: each by the command, in a process of its own. */
import { constants, setPriority } from "node:os";
import { resolve } from "node:path";
import type { Config } from "./config.ts";
import { Failure } from "./host/failure.ts";
import type { BackupPlan } from "./jobs/backup.ts";

const day = 86_400;

/** Null when none are wanted. */
export function backupPlan(config: Config): BackupPlan | null {
  const { backup_dir, backup_every = day, backup_keep = 7, backup_passphrase } = config.values;
  if (backup_dir === undefined) return null;
  return {
    folder: resolve(backup_dir),
    every: backup_every,
    keep: backup_keep,
    encrypted: backup_passphrase !== undefined,
    make: (file) => make(config, file),
  };
}

/** This program again: the executable, or Bun and the file it runs. */
const self = Bun.main.startsWith("/$bunfs/") || Bun.main.includes("~BUN") ? [] : [Bun.main];

async function make(config: Config, file: string): Promise<void> {
  const child = Bun.spawn([process.execPath, ...self, "backup", file, "--json"], {
    env: environment(config),
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  try {
    setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It is gone already, or the system has no such thing.
  }
  const [said, exitCode] = await Promise.all([new Response(child.stderr).text(), child.exited]);
  if (exitCode !== 0) throw new Failure(said.trim().replace(/^housekey: /, "") || `exit ${exitCode}`);
}

/** What was configured by flags or by a file elsewhere reaches the process, too. */
function environment({ data, values }: Config): Record<string, string> {
  const other = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined || name.startsWith("HOUSEKEY_") ? [] : [[name, value] as const],
  );
  return {
    ...Object.fromEntries(other),
    HOUSEKEY_DATA: data,
    ...(values.master_key && { HOUSEKEY_MASTER_KEY: Buffer.from(values.master_key).toString("base64") }),
    ...(values.backup_passphrase !== undefined && {
      HOUSEKEY_BACKUP_PASSPHRASE: values.backup_passphrase,
    }),
  };
}
