/** Files of the system: written whole, readable as they should be, and left alone when they are right already. */
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { sync } from "../host/disk.ts";
import { Failure } from "../host/failure.ts";

export interface Change {
  readonly path: string;
  readonly what: "wrote" | "changed" | "unchanged" | "kept" | "removed";
}

export function putText(path: string, text: string, mode = 0o644): Change {
  if (existsSync(path) && readFileSync(path, "utf8") === text) return { path, what: "unchanged" };
  return put(path, mode, (part) => writeFileSync(part, text, { mode: 0o600 }));
}

/** A file that is the operator's once it is there. */
export const putOnce = (path: string, text: string): Change =>
  existsSync(path) ? { path, what: "kept" } : putText(path, text, 0o600);

/** The file it replaces may be running: that one goes on until its last process ends. */
export function putCopy(path: string, from: string): Change {
  if (existsSync(path) && sum(path) === sum(from)) return { path, what: "unchanged" };
  return put(path, 0o755, (part) => copyFileSync(from, part));
}

export function putLink(path: string, to: string): void {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  symlinkSync(to, path);
}

/** Null when there is none. */
export function removeFile(path: string): Change | null {
  if (!lstatSync(path, { throwIfNoEntry: false })) return null;
  try {
    rmSync(path);
  } catch (error) {
    throw new Failure(`cannot remove ${path}`, error);
  }
  return { path, what: "removed" };
}

function put(path: string, mode: number, write: (part: string) => void): Change {
  const what = existsSync(path) ? "changed" : "wrote";
  const part = `${path}.part-${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    write(part);
    chmodSync(part, mode);
    sync(part);
    renameSync(part, path);
    sync(dirname(path));
  } catch (error) {
    rmSync(part, { force: true });
    throw new Failure(`cannot write ${path}`, error);
  }
  return { path, what };
}

const sum = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex");
