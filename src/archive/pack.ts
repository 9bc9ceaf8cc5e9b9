/**
 * Writes a backup: a tar archive of `manifest.json`, `master.key` (only when encrypted) and `housekey.db`, in
 * this order, compressed with gzip, and, with a passphrase, encrypted as age does. `age -d | tar xz` opens it.
 */
import { createReadStream } from "node:fs";
import { pipeline, Readable } from "node:stream";
import { createGzip } from "node:zlib";
import type { Bytes } from "./bytes.ts";
import { encrypt } from "./cipher.ts";
import { databaseName, keyName, type Manifest, manifestName, writeManifest } from "./manifest.ts";
import { ending, header, padding } from "./tar.ts";

export interface Contents {
  readonly manifest: Manifest;

  /** The snapshot's path. */
  readonly database: string;

  /** As its file has it; null leaves it out. */
  readonly masterKey: string | null;
}

/** Throws when the master key would lie open. */
export async function pack(contents: Contents, passphrase: string | null): Promise<Bytes> {
  if (passphrase !== null) return encrypt(compressed(archive(contents)), passphrase);
  if (contents.masterKey !== null) throw new Error("the master key is only ever kept encrypted");
  return compressed(archive(contents));
}

async function* archive({ manifest, database, masterKey }: Contents): AsyncGenerator<Uint8Array> {
  const text = async function* (name: string, content: string) {
    const bytes = Buffer.from(content);
    yield* [header({ name, size: bytes.length }, manifest.createdAt), bytes, padding(bytes.length)];
  };
  yield* text(manifestName, writeManifest(manifest));
  if (masterKey !== null) yield* text(keyName, masterKey);
  const { bytes: size } = manifest.database;
  yield header({ name: databaseName, size }, manifest.createdAt);
  yield* createReadStream(database, { highWaterMark: 262_144 });
  yield padding(size);
  yield ending();
}

/** The ten bytes of gzip that its checksum leaves out (RFC 1952 §2.3), always the same: deflate, no name, no time, no system. */
export const gzipHeader = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

async function* compressed(source: Bytes): AsyncGenerator<Uint8Array> {
  const gzip = createGzip();
  // What goes wrong comes out of the iteration below.
  pipeline(Readable.from(source), gzip, () => {});
  let first = true;
  for await (const chunk of gzip as AsyncIterable<Buffer>) {
    if (first) chunk.set(gzipHeader);
    first = false;
    yield chunk;
  }
}
