/** What is written and then is on the disk. */
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";

export function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}

/** Waits for a file, or for the names in a folder. Windows cannot do that with folders. */
export function sync(path: string): void {
  if (process.platform === "win32") return;
  const descriptor = openSync(path, "r");
  fsyncSync(descriptor);
  closeSync(descriptor);
}
