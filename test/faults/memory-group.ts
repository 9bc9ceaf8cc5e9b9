/** A Linux control group that may have so much memory and no more; what is in it and wants more is killed. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface MemoryGroup {
  /** Runs a command in it; the command becomes the process. */
  readonly under: string[];

  /** The most that was ever in use, pages of files too, in bytes. */
  peak(): number;

  /** How many processes were killed for want of memory. */
  kills(): number;

  [Symbol.dispose](): void;
}

/** Version 1 has a tree for memory alone, version 2 has one tree. */
const kinds = [
  {
    root: "/sys/fs/cgroup/memory",
    shows: "memory.limit_in_bytes",
    limit: "memory.limit_in_bytes",
    peak: "memory.max_usage_in_bytes",
    events: "memory.oom_control",
  },
  {
    root: "/sys/fs/cgroup",
    shows: "cgroup.controllers",
    limit: "memory.max",
    peak: "memory.peak",
    events: "memory.events",
  },
] as const;

/** Takes root. Null where the machine has no such thing, or keeps it from us, as in a container. */
export function memoryGroup(bytes: number): MemoryGroup | null {
  const kind = kinds.find(({ root, shows }) => existsSync(join(root, shows)));
  if (!kind) return null;
  const folder = join(kind.root, `housekey-${crypto.randomUUID()}`);
  const file = (name: string) => join(folder, name);
  try {
    mkdirSync(folder);
    writeFileSync(file(kind.limit), String(bytes));
  } catch {
    if (existsSync(folder)) rmdirSync(folder);
    return null;
  }
  return {
    under: ["sh", "-c", `echo $$ > ${file("cgroup.procs")} && exec "$@"`, "sh"],
    peak: () => Number(readFileSync(file(kind.peak), "utf8")),
    kills: () => Number(/^oom_kill (\d+)$/m.exec(readFileSync(file(kind.events), "utf8"))?.[1] ?? 0),
    [Symbol.dispose]: () => rmdirSync(folder),
  };
}
