/** A disk of its own, small enough to be filled. */
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface SmallDisk {
  readonly path: string;

  /** Takes all the room there is. */
  fill(): void;

  /** Gives back what `fill` took. */
  free(): void;

  [Symbol.dispose](): void;
}

/** Throws when this machine does not let the tests mount one: they need root for it. */
export function smallDisk(mebibytes: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), "housekey-disk-"));
  const mounted = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", `size=${mebibytes}m,mode=700`, "tmpfs", path]);
  if (mounted.exitCode !== 0) {
    rmdirSync(path);
    throw new Error(`this test mounts a small disk, which takes root: ${mounted.stderr.toString().trim()}`);
  }
  const filler = join(path, "filler");
  let gone = false;
  return {
    path,
    fill() {
      // The folder it lay on may still be there, and that one's disk is everybody's.
      if (gone) throw new Error("the small disk is gone already");
      const file = openSync(filler, "a");
      for (const size of [65_536, 4096, 1]) while (append(file, size));
      closeSync(file);
    },
    free: () => rmSync(filler),
    [Symbol.dispose]() {
      gone = true;
      // Lazily: a file that is still open somewhere is no reason to leave the disk behind.
      const unmounted = Bun.spawnSync(["umount", "--lazy", path]);
      if (unmounted.exitCode !== 0) throw new Error(unmounted.stderr.toString());
      rmdirSync(path);
    },
  };
}

/** Whether there was room for `size` bytes more. */
function append(file: number, size: number): boolean {
  try {
    return writeSync(file, Buffer.alloc(size)) === size;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOSPC") return false;
    throw error;
  }
}
