/** A file that is there whole or not at all. */
import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { sync, writeAll } from "./disk.ts";
import { Failure } from "./failure.ts";

export interface Target {
  write(bytes: Uint8Array): Promise<unknown>;

  /** What was written is on the disk, under its name. Throws `Failure` when that name was taken meanwhile. */
  publish(): void;

  /** As if nothing had been written. */
  discard(): void;
}

/** For its owner alone. `-` is standard output. Throws `Failure` when there is such a file already, unless `force`. */
export function openTarget(file: string, { force }: { force: boolean }): Target {
  if (file === "-") return standardOutput();
  const taken = () => new Failure(`there is a ${file} already; --force replaces it`);
  if (existsSync(file) && !force) throw taken();
  const part = join(dirname(file), `.${basename(file)}.part-${process.pid}`);
  const descriptor = create(part, file);
  let open = true;
  const close = () => {
    if (open) closeSync(descriptor);
    open = false;
  };
  return {
    write: async (bytes) => writeAll(descriptor, bytes),

    publish() {
      fsyncSync(descriptor);
      close();
      if (force) renameSync(part, file);
      else if (!link(part, file)) throw taken();
      rmSync(part, { force: true });
      sync(dirname(file));
    },

    discard() {
      close();
      rmSync(part, { force: true });
    },
  };
}

function standardOutput(): Target {
  if (process.stdout.isTTY)
    throw new Failure("a backup is nothing to look at; send it to a file or a program");
  return { write: (bytes) => Bun.write(Bun.stdout, bytes), publish() {}, discard() {} };
}

function create(part: string, file: string): number {
  try {
    rmSync(part, { force: true });
    return openSync(part, "wx", 0o600);
  } catch (error) {
    throw new Failure(`cannot write ${file}`, error);
  }
}

/** Gives `part` the name `file` unless it is taken; some disks know no second names. */
function link(part: string, file: string): boolean {
  try {
    linkSync(part, file);
    return true;
  } catch {
    if (existsSync(file)) return false;
    renameSync(part, file);
    return true;
  }
}
