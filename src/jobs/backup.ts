/** Backups by the clock: one when the last is old enough, and the oldest of its own let go. */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Core } from "../identity/core.ts";
import { houseName } from "../identity/house.ts";

export interface BackupPlan {
  /** It must exist: what is made where a disk is not mounted is no backup. */
  readonly folder: string;

  /** Seconds from one to the next. */
  readonly every: number;

  /** How many stay. */
  readonly keep: number;

  /** Whether they are encrypted. */
  readonly encrypted: boolean;

  /** Makes one. Rejects with what went wrong, in words. */
  readonly make: (file: string) => Promise<void>;
}

/** Seconds after one that failed, unless they are made more often. */
const retrySeconds = 3600;

/** How often to ask whether one is due. */
export const askSeconds = ({ every }: BackupPlan): number => Math.min(60, every);

/** Answers the job: makes a backup when one is due. Rejects when it could not be made; it is tried again. */
export function scheduledBackup(core: Core, plan: BackupPlan): () => Promise<void> {
  let triedAt = Number.NEGATIVE_INFINITY;

  return async () => {
    const now = core.clock();
    const check = await core.store.read.house.keyCheck();
    if (check === null || now.getTime() - triedAt < Math.min(plan.every, retrySeconds) * 1000) return;
    const own = namesOf(houseName(check));
    const last = own.found(plan.folder).at(-1);
    // A clock that was set back must not stop backups for as long.
    const age = last === undefined ? Number.POSITIVE_INFINITY : Math.abs(now.getTime() - own.at(last));
    if (age < plan.every * 1000) return;
    triedAt = now.getTime();
    const name = own.name(now, plan.encrypted);
    await plan.make(join(plan.folder, name));
    core.log.info("backed up", { file: join(plan.folder, name) });
    own.prune(plan.folder, plan.keep);
  };
}

/** `housekey-1a2b3c4d-20260131T120000Z.tar.gz.age`: houses that share a folder leave each other's alone. */
function namesOf(house: string) {
  const own = new RegExp(
    `^housekey-${house}-(\\d{4})(\\d\\d)(\\d\\d)T(\\d\\d)(\\d\\d)(\\d\\d)Z\\.tar\\.gz(\\.age)?$`,
  );
  const part = new RegExp(`^\\.housekey-${house}-\\d{8}T\\d{6}Z\\.tar\\.gz(\\.age)?\\.part-\\d+$`);
  /** Oldest first. */
  const found = (folder: string) =>
    readdirSync(folder)
      .filter((name) => own.test(name))
      .sort();
  return {
    found,

    name: (at: Date, encrypted: boolean): string =>
      `housekey-${house}-${at.toISOString().replace(/[-:]|\.\d+/g, "")}.tar.gz${encrypted ? ".age" : ""}`,

    at: (name: string): number => Date.parse(name.replace(own, "$1-$2-$3T$4:$5:$6Z")),

    /** Also what backups that were cut off left. */
    prune(folder: string, keep: number): void {
      const old = [
        ...found(folder).slice(0, -keep),
        ...readdirSync(folder).filter((name) => part.test(name)),
      ];
      for (const name of old) rmSync(join(folder, name));
    },
  };
}
