/** Houses that earlier versions left, unpacked. */
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { emptyFolder } from "../binary.ts";

/** One of every schema there was, the oldest first. */
export const releases = readdirSync(import.meta.dir)
  .filter((name) => name.endsWith(".tar.gz"))
  .sort();

/** A folder with the house that `release` left. */
export function unpacked(release: string) {
  const folder = emptyFolder();
  const data = join(folder.path, "housekey-data");
  mkdirSync(data, { mode: 0o700 });
  const { exitCode } = Bun.spawnSync([
    "tar",
    "xzf",
    join(import.meta.dir, release),
    "-C",
    data,
    "--no-same-permissions",
  ]);
  if (exitCode !== 0) throw new Error(`${release} does not unpack`);
  return Object.assign(folder, { data });
}
