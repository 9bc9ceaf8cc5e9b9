/** What is measured of a house while something goes wrong with it. */
import { readdirSync, readFileSync } from "node:fs";
import { type House, speak } from "../binary.ts";

/** Of numbers in any order; `share` 0.99 is what 99 of 100 are at most. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export interface Probed {
  /** Of each check, in milliseconds. */
  readonly times: readonly number[];

  /** Checks that did not find the session alive, in words. */
  readonly wrong: readonly string[];
}

/** What `work` gave, and how session checks went meanwhile: one after the other, a hundred a second at most. */
export async function whileProbing<T>(
  house: Pick<House, "url">,
  token: string,
  work: () => Promise<T>,
): Promise<[T, Probed]> {
  const times: number[] = [];
  const wrong: string[] = [];
  let over = false;
  const probing = (async () => {
    while (!over) {
      const started = performance.now();
      try {
        const answer = speak(house, "GET", "/auth/sessions/current", { token });
        const status = await Promise.race([answer.then(({ status }) => status), noAnswer()]);
        if (status !== 200) wrong.push(String(status));
      } catch (error) {
        wrong.push(error instanceof Error ? error.message : String(error));
      }
      times.push(performance.now() - started);
      await Bun.sleep(10);
    }
  })();
  try {
    return [await work(), { times, wrong }];
  } finally {
    over = true;
    await probing;
  }
}

const patience = 20_000;

async function noAnswer(): Promise<string> {
  await Bun.sleep(patience);
  return `no answer in ${patience} ms`;
}

/** `median 3.1 ms, p99 8.0 ms, of 912` */
export const spread = ({ times }: Pick<Probed, "times">): string =>
  `median ${milliseconds(percentile(times, 0.5))}, p99 ${milliseconds(percentile(times, 0.99))}, of ${times.length}`;

export const milliseconds = (value: number): string =>
  `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

const mebibyte = 1024 * 1024;
export const mebibytes = (bytes: number): string => `${Math.round(bytes / mebibyte)} MiB`;

/** What a process has of its own in memory, pages of files not counted, in bytes; 0 when it is gone. */
export function ownMemory(pid: number): number {
  try {
    const [, kibibytes = "0"] =
      /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Number(kibibytes) * 1024;
  } catch {
    return 0;
  }
}

/** How many files and sockets a process has open. */
export const openFiles = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

/** The highest of what is sampled ten times a second while `work` runs. */
export async function highest<T>(sample: () => number, work: () => Promise<T>): Promise<[T, number]> {
  let most = sample();
  const timer = setInterval(() => {
    most = Math.max(most, sample());
  }, 100);
  try {
    return [await work(), most];
  } finally {
    clearInterval(timer);
  }
}

export const threads = (pid: number): number => readdirSync(`/proc/${pid}/task`).length;
