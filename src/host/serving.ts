/**
 * The file `serving`: there from the start of a server to its end, so that a server that finds one knows that the one
 * before it ended without a word, and that commands beside it know where to ask.
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Serving {
  readonly since: string;

  /** Of the server; the first ones did not say. */
  readonly version?: string;

  /** Where the server can be reached from this machine; null until it listens. */
  readonly address: string | null;

  /** Where it tells what it finds about itself, to whoever can read this file. */
  readonly report: Report | null;
}

export interface Report {
  readonly port: number;
  readonly key: string;
}

const path = (folder: string): string => join(folder, "serving");

/** What the running server left, or one that crashed; null when there is none, or nothing that can be read. */
export function readServing(folder: string): Serving | null {
  try {
    const said: unknown = JSON.parse(readFileSync(path(folder), "utf8"));
    return typeof said === "object" && said !== null && "since" in said ? (said as Serving) : null;
  } catch {
    return null;
  }
}

/** Whether a run was begun that did not end; since when, as far as that is known. */
export function unendedRun(folder: string): string | null {
  if (!existsSync(path(folder))) return null;
  return readServing(folder)?.since ?? "at a time that is not known";
}

/** Throws what the file system says. */
export function tellServing(folder: string, serving: Serving): void {
  const next = `${path(folder)}.part`;
  writeFileSync(next, `${JSON.stringify(serving)}\n`, { mode: 0o600 });
  renameSync(next, path(folder));
}

export const endServing = (folder: string): void => rmSync(path(folder), { force: true });

/** The address by which this machine reaches what listens on `host`. */
export function nearAddress({ scheme, host, port }: { scheme: string; host: string; port: number }): string {
  const near = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `${scheme}://${near.includes(":") ? `[${near}]` : near}:${port}`;
}
