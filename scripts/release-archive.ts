/** Archives that are the same bytes whenever and wherever they are made. */
import { crc32, deflateRawSync, gzipSync } from "node:zlib";

export interface File {
  /** With the folder in front. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly isExecutable: boolean;
}

/** A gzipped tar (POSIX.1-1988 ustar), of root's, all of the time `at`. */
export function tarGz(files: readonly File[], at: Date): Buffer {
  const blocks = files.flatMap((file) => {
    const padding = Buffer.alloc((512 - (file.bytes.length % 512)) % 512);
    return [tarHeader(file, at), file.bytes, padding];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]), { level: 6 });
}

function tarHeader({ name, bytes, isExecutable }: File, at: Date): Buffer {
  if (name.length > 99) throw new Error(`${name} is too long a name`);
  const header = Buffer.alloc(512);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, "0")}\0`;
  header.write(name, 0, "latin1");
  header.write(octal(isExecutable ? 0o755 : 0o644, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(bytes.length, 11), 124);
  header.write(octal(Math.floor(at.getTime() / 1000), 11), 136);
  header.write("        0", 148);
  header.write("ustar\u000000root", 257);
  header.write("root", 297);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)} `, 148);
  return header;
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
