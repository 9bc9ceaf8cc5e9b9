/** Archives that are the same bytes whenever and wherever they are made. */
import { crc32, deflateRawSync, gzipSync } from "node:zlib";
import { ending, header, padding } from "../src/archive/tar.ts";

export interface File {
  /** With the folder in front. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly isExecutable: boolean;
}

/** A gzipped tar, all of the time `at`. */
export function tarGz(files: readonly File[], at: Date): Buffer {
  const blocks = files.flatMap(({ name, bytes, isExecutable }) => [
    header({ name, size: bytes.length }, at, isExecutable ? 0o755 : 0o644),
    bytes,
    padding(bytes.length),
  ]);
  return gzipSync(Buffer.concat([...blocks, ending()]), { level: 6 });
}

/** APPNOTE.TXT 6.3.3, as much as needed: deflated files, their modes for who has such. */
export function zip(files: readonly File[], at: Date): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes, isExecutable } of files) {
    const packed = deflateRawSync(bytes, { level: 6 });
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt16LE(dosTime(at), 6);
    common.writeUInt16LE(dosDate(at), 8);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(name.length, 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(((isExecutable ? 0o100755 : 0o100644) << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    const named = Buffer.from(name, "latin1");
    local.push(Buffer.from("PK\u0003\u0004", "latin1"), common, named, packed);
    // Made by a Unix, so that the modes mean something.
    central.push(Buffer.from("PK\u0001\u0002\u0014\u0003", "latin1"), common, rest, named);
    offset += 4 + common.length + named.length + packed.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006", 0, "latin1");
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}

const dosTime = (at: Date): number =>
  (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1);

const dosDate = (at: Date): number =>
  ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate();
