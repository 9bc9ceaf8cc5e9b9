/** A house whose clock the test turns while it runs; what it times by, it cannot turn. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { clockIn } from "../binary.ts";

export interface Clock {
  /** For the house. */
  readonly env: Record<string, string>;

  /** Puts it so many seconds before (negative) or after the true time. */
  set(seconds: number): void;

  /** What it shows. */
  now(): Date;
}

export const hour = 3600;
export const day = 24 * hour;
export const year = 365 * day;

export function turnableClock(folder: string): Clock {
  const file = join(folder, "clock");
  let off = 0;
  const set = (seconds: number) => {
    off = seconds;
    writeFileSync(file, `${seconds < 0 ? "" : "+"}${seconds}\n`);
  };
  set(0);
  return { env: clockIn(file), set, now: () => new Date(Date.now() + off * 1000) };
}
