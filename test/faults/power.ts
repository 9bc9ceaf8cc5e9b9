/**
 * A disk with a volatile cache, as disks have them: what was written and not flushed is lost when the power is cut.
 *
 *   ext4 ── loop device ── nbdfuse ── nbdkit, whose cache writes back at a flush ── a file
 *
 * Takes root, /dev/fuse and loop devices, and the Debian packages nbdkit and libnbd-bin.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Subprocess } from "bun";

export interface PoweredDisk {
  /** Where its file system is mounted while there is power. */
  readonly path: string;

  /** Mounts what the cut left; the file system replays its journal. */
  on(): Promise<void>;

  /** Takes the cache away from one moment to the next. Afterwards whoever used the disk must end, and then `off`. */
  cut(): Promise<void>;

  /** Takes away what a cut leaves: a mount without a disk. */
  off(): Promise<void>;

  [Symbol.asyncDispose](): Promise<void>;
}

export async function poweredDisk(mebibytes: number): Promise<PoweredDisk> {
  const folder = mkdtempSync(join(tmpdir(), "housekey-power-"));
  const [image, fuse, path, socket] = ["image", "fuse", "mount", "socket"].map((name) =>
    join(folder, name),
  ) as [string, string, string, string];
  for (const name of [fuse, path]) mkdirSync(name);
  must("truncate", "-s", `${mebibytes}M`, image);
  must("mkfs.ext4", "-q", "-F", image);
  let cache: Subprocess | null = null;
  let device: Subprocess | null = null;
  let mounted = false;

  const cut = async (): Promise<void> => {
    cache?.kill("SIGKILL");
    await cache?.exited;
    cache = null;
  };

  const off = async (): Promise<void> => {
    await cut();
    if (mounted) await until(() => tried("umount", path), "the disk is still in use");
    mounted = false;
    device?.kill("SIGTERM");
    await device?.exited;
    if (device) tried("umount", "--lazy", fuse);
    device = null;
    rmSync(socket, { force: true });
  };

  return {
    path,
    async on() {
      const quiet = { stdio: ["ignore", "ignore", "ignore"] as ["ignore", "ignore", "ignore"] };
      cache = Bun.spawn(["nbdkit", "-f", "-U", socket, "--filter=cache", "file", image, "cache=writeback"], {
        ...quiet,
        env: { ...process.env, TMPDIR: folder },
      });
      await until(() => exists(socket), "nbdkit does not listen");
      device = Bun.spawn(["nbdfuse", join(fuse, "disk"), `nbd+unix://?socket=${socket}`], quiet);
      await until(() => exists(join(fuse, "disk")), "nbdfuse shows no disk");
      must("mount", "-o", "loop", join(fuse, "disk"), path);
      mounted = true;
    },
    cut,
    off,
    async [Symbol.asyncDispose]() {
      await off();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const tried = (...command: string[]): boolean => Bun.spawnSync(command).exitCode === 0;

function must(...command: string[]): void {
  const { exitCode, stderr } = Bun.spawnSync(command);
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
}

const exists = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;

async function until(holds: () => boolean, otherwise: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(otherwise);
    await Bun.sleep(10);
  }
}
