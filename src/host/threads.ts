/**
 * Hashing gives way to answering: the threads that hash run at a lower priority (Linux; elsewhere nothing
 * happens), so that checking a session stays quick while sign-ins saturate the machine.
 */
import { readdirSync, readFileSync } from "node:fs";
import { constants, setPriority } from "node:os";

const interval = 1000;

/** Looks for pool threads it has not seen, at most once a second; meant to be called as hashes start. */
export function lowerPoolThreads(ticks: () => number): () => void {
  const lowered = new Set<string>();
  let next = 0;
  return () => {
    if (process.platform !== "linux" || ticks() < next) return;
    next = ticks() + interval;
    for (const thread of poolThreads())
      if (!lowered.has(thread)) {
        lowered.add(thread);
        lower(Number(thread));
      }
  };
}

function poolThreads(): string[] {
  try {
    const all = readdirSync("/proc/self/task");
    return all.filter((thread) =>
      readFileSync(`/proc/self/task/${thread}/comm`, "utf8").startsWith("Bun Pool"),
    );
  } catch {
    // No /proc, or a thread that ended while it was looked at.
    return [];
  }
}

function lower(thread: number): void {
  try {
    setPriority(thread, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It ended in between, or the container forbids it: slower answers under load, nothing worse.
  }
}
