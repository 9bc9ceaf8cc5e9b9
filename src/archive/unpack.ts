/** Reads a backup from its first byte to its last, trusting none of them. */
import { createHash } from "node:crypto";
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { BadArchive, damaged, foreign } from "./bad.ts";
import { type Bytes, makeReader, type Reader } from "./bytes.ts";
import { ageMark, decrypt } from "./cipher.ts";
import {
  databaseName,
  keyName,
  longestManifest,
  type Manifest,
  manifestName,
  readManifest,
} from "./manifest.ts";
import { gzipHeader } from "./pack.ts";
import { type Entry, readHeader, readPadding } from "./tar.ts";

export interface Unpacking {
  /** Asked only when the archive is encrypted. */
  readonly passphrase: () => Promise<string>;

  /** Judges what is coming before anything of it is kept. May throw. */
  readonly expect: (manifest: Manifest) => void;

  /** Takes the database, piece by piece. */
  readonly write: (piece: Uint8Array) => void;
}

export interface Unpacked {
  readonly manifest: Manifest;
  readonly encrypted: boolean;

  /** 32 bytes; null when it is not in it. */
  readonly masterKey: Uint8Array | null;
}

/** Throws `BadArchive`; what was written by then is worth nothing. */
export async function unpack(source: Bytes, { passphrase, expect, write }: Unpacking): Promise<Unpacked> {
  const reader = makeReader(source);
  const mark = await reader.take(gzipHeader.length).catch((error) => {
    if (error instanceof BadArchive) return Buffer.alloc(0);
    throw error;
  });
  const encrypted = mark.equals(Buffer.from(ageMark).subarray(0, mark.length)) && mark.length > 0;
  if (!encrypted && !mark.equals(gzipHeader)) throw foreign("it begins as something else");
  const whole = behind(mark, reader.rest());
  const archive = makeReader(decompressed(encrypted ? plainGzip(decrypt(whole, await passphrase())) : whole));
  try {
    return await readFiles(archive, { encrypted, expect, write });
  } finally {
    await archive.close();
  }
}

async function readFiles(
  archive: Reader,
  { encrypted, expect, write }: Pick<Unpacking, "expect" | "write"> & { encrypted: boolean },
): Promise<Unpacked> {
  const size = await next(archive, manifestName);
  if (size > longestManifest) throw foreign("its manifest is too long");
  const manifest = readManifest(await text(archive, size));
  // A key that lay open is nobody's secret any more.
  if (manifest.masterKey && !encrypted) throw foreign("it holds a master key and is not encrypted");
  expect(manifest);
  const masterKey = manifest.masterKey ? await readKey(archive) : null;

  const { bytes, sha256 } = manifest.database;
  if ((await next(archive, databaseName)) !== bytes)
    throw foreign("its database has another size than it says");
  const hash = createHash("sha256");
  for await (const piece of archive.pieces(bytes)) {
    hash.update(piece);
    write(piece);
  }
  await readPadding(archive, bytes);
  const more = await readHeader(archive);
  if (more) throw unwanted(more);
  if (hash.digest("hex") !== sha256) throw new BadArchive("is damaged: its database is not the one it names");
  return { manifest, encrypted, masterKey };
}

async function readKey(archive: Reader): Promise<Uint8Array> {
  const size = await next(archive, keyName);
  if (size > 64) throw foreign("its master key is none");
  const key = Buffer.from((await text(archive, size)).trim(), "base64");
  if (key.length !== 32) throw foreign("its master key is none");
  return new Uint8Array(key);
}

async function text(archive: Reader, size: number): Promise<string> {
  const bytes = await archive.take(size);
  await readPadding(archive, size);
  return bytes.toString("utf8");
}

/** The size of the file that comes next, which must be called `name`. */
async function next(archive: Reader, name: string): Promise<number> {
  const entry = await readHeader(archive);
  if (!entry) throw foreign(`it has no ${name}`);
  if (entry.name !== name) throw unwanted(entry);
  return entry.size;
}

const unwanted = ({ name }: Entry) => foreign(`it holds ${name}, which does not belong there`);

async function* behind(first: Uint8Array, rest: Bytes): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}

/** What is inside an encrypted archive begins as one that is not. */
async function* plainGzip(source: Bytes): AsyncGenerator<Uint8Array> {
  const reader = makeReader(source);
  const mark = await reader.take(gzipHeader.length);
  if (!mark.equals(gzipHeader)) throw foreign("what is encrypted in it is something else");
  yield* behind(mark, reader.rest());
}

async function* decompressed(source: Bytes): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  pipeline(Readable.from(source), gunzip, () => {});
  try {
    yield* gunzip as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw error instanceof BadArchive ? error : damaged();
  }
}
