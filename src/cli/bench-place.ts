import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Config } from "../config.ts";
import { Failure } from "../host/failure.ts";

export interface Place {
  /** An empty folder of this run's own. */
  readonly folder: string;

  /** Whether it is on the disk that the house's data is on, or will be. */
  readonly isOfHouse: boolean;

  /** What is in it is gone afterwards, however the process ends. */
  remove(): void;
}

/**
 * A folder to measure in: beside the data folder, so that it is on the same disk; in it only where that is a disk of
 * its own or nothing can be made beside it. Without a data folder: among the system's temporary files. Throws `Failure`.
 */
export function makePlace({ data, values }: Pick<Config, "data" | "values">): Place {
  const isOfHouse = values.data !== undefined || existsSync(data);
  const folder = made(isOfHouse ? around(data) : [tmpdir()], data);
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  return { folder, isOfHouse, remove };
}

/** Folders on the disk of `data`, best first. */
function around(data: string): string[] {
  let above = dirname(data);
  while (!existsSync(above) && dirname(above) !== above) above = dirname(above);
  if (!existsSync(data)) return [above];
  return statSync(above).dev === statSync(data).dev ? [above, data] : [data];
}

function made(folders: readonly string[], data: string): string {
  let reason: unknown;
  for (const folder of folders)
    try {
      return mkdtempSync(join(folder, ".housekey-bench-"));
    } catch (error) {
      reason = error;
    }
  throw new Failure(`cannot make a temporary folder on the disk of ${data}`, reason);
}
