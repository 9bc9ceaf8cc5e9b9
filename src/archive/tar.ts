/**
 * As much of tar as a backup needs (POSIX.1-1988 ustar, as every tar reads it): plain files with short names,
 * one after the other. Whatever else an archive can hold (folders, links, devices, paths, long names) is
 * refused by its reader, so that nothing in a backup decides where anything is written.
 */
import { foreign } from "./bad.ts";
import type { Reader } from "./bytes.ts";

const block = 512;

/** What eleven octal digits can say. */
const largest = 8 ** 11 - 1;

export interface Entry {
  readonly name: string;
  readonly size: number;
}

/** What stands in front of a file. `mode` is as in chmod; a backup's are its owner's alone. */
export function header({ name, size }: Entry, at: Date, mode = 0o600): Buffer {
  if (name.length >= 100) throw new Error(`${name} is too long a name for a tar archive`);
  if (size > largest) throw new Error(`${name} is larger than a tar archive can hold`);
  const bytes = Buffer.alloc(block);
  const put = (offset: number, text: string) => bytes.write(text, offset, "latin1");
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, "0")}\0`;
  put(0, name);
  put(100, octal(mode, 7));
  put(108, octal(0, 7));
  put(116, octal(0, 7));
  put(124, octal(size, 11));
  put(136, octal(Math.floor(at.getTime() / 1000), 11));
  put(156, "0");
  put(257, "ustar\u000000");
  put(148, `${octal(checksum(bytes), 6)} `);
  return bytes;
}

/** What stands behind a file of `size` bytes. */
export const padding = (size: number): Buffer => Buffer.alloc((block - (size % block)) % block);

/** What stands behind the last file. */
export const ending = (): Buffer => Buffer.alloc(2 * block);

/** The next file's name and size; null at the end. Throws `BadArchive` for anything that is not a plain file. */
export async function readHeader(reader: Reader): Promise<Entry | null> {
  const bytes = await reader.take(block);
  if (bytes.every((byte) => byte === 0)) {
    await readEnding(reader);
    return null;
  }
  const field = (from: number, to: number) => bytes.toString("latin1", from, to).replace(/\0.*$/s, "");
  const sum = /^0*([0-7]{1,6}) ?$/.exec(field(148, 156))?.[1];
  if (field(257, 262) !== "ustar" || sum === undefined || Number.parseInt(sum, 8) !== checksum(bytes))
    throw foreign("it has no list of files");
  const name = field(0, 100);
  const plain = field(156, 157) === "0" && field(157, 257) === "" && field(345, 500) === "";
  const size = field(124, 136);
  if (!plain || !/^[\w.-]+$/.test(name) || !/^[0-7]{11}$/.test(size))
    throw foreign(`it holds ${JSON.stringify(name.slice(0, 80))}, which is no file of a backup`);
  return { name, size: Number.parseInt(size, 8) };
}

export async function readPadding(reader: Reader, size: number): Promise<void> {
  await reader.take(padding(size).length);
}

/** Nothing but zeros is left: other programs fill their last block up. */
async function readEnding(reader: Reader): Promise<void> {
  let zeros = 0;
  for await (const piece of reader.rest()) {
    if (piece.some((byte) => byte !== 0)) throw foreign("something stands behind its end");
    zeros += piece.length;
  }
  if (zeros < block) throw foreign("it has no end");
}

/** The sum of all bytes, its own field counted as spaces. */
const checksum = (bytes: Uint8Array): number =>
  bytes.reduce((sum, byte, index) => sum + (index >= 148 && index < 156 ? 32 : byte), 0);
