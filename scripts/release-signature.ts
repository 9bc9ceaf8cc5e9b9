/**
 * The ad-hoc code signature of an executable for macOS, which does not start one whose signature is not of its bytes.
 * Bun makes it for Apple's own processors; for Intel's it leaves the one of the Bun inside. As `codesign --sign -`
 * writes it: Apple's cs_blobs.h, a CodeDirectory of version 0x20400.
 */
import { createHash } from "node:crypto";

const page = 4096;
const headSize = 88;
const identifier = "housekey\0";

interface Places {
  /** Of the load command that says where the signature is. */
  readonly signature: number;

  /** Of the segment that the signature is in. */
  readonly linkedit: number;

  /** Of the segment with the code. */
  readonly text: number;
}

/** Answers the executable with a signature of what it is now. Throws when it has no place for one. */
export function signAdHoc(executable: Uint8Array): Buffer {
  const { signature, linkedit, text } = places(Buffer.from(executable));
  const limit = Buffer.from(executable).readUInt32LE(signature + 8);
  const pages = Math.ceil(limit / page);
  const directorySize = headSize + identifier.length + pages * 32;
  const size = Math.ceil((20 + directorySize) / 16) * 16;
  const signed = Buffer.alloc(limit + size);
  signed.set(executable.subarray(0, limit));
  signed.writeUInt32LE(size, signature + 12);
  const inSegment = BigInt(signed.length) - signed.readBigUInt64LE(linkedit + 40);
  signed.writeBigUInt64LE(inSegment, linkedit + 48);
  signed.writeBigUInt64LE(((inSegment + 4095n) / 4096n) * 4096n, linkedit + 32);

  const words = (at: number, ...values: number[]) => {
    for (const [index, value] of values.entries()) signed.writeUInt32BE(value, at + index * 4);
  };
  // One blob in a superblob.
  words(limit, 0xfade0cc0, 20 + directorySize, 1, 0, 20);
  const head = limit + 20;
  const hashes = headSize + identifier.length;
  words(head, 0xfade0c02, directorySize, 0x20400, 0x2, hashes, headSize, 0, pages, limit);
  // SHA-256, 32 bytes each, of pages of 2^12 bytes.
  signed.set([32, 2, 0, 12], head + 36);
  signed.writeBigUInt64BE(signed.readBigUInt64LE(text + 40), head + 64);
  signed.writeBigUInt64BE(signed.readBigUInt64LE(text + 48), head + 72);
  // The main executable.
  signed.writeBigUInt64BE(1n, head + 80);
  signed.write(identifier, head + headSize, "latin1");
  for (let index = 0; index < pages; index++) {
    const bytes = signed.subarray(index * page, Math.min((index + 1) * page, limit));
    signed.set(createHash("sha256").update(bytes).digest(), head + hashes + index * 32);
  }
  return signed;
}

/** Reads the load commands of a 64-bit Mach-O. */
function places(bytes: Buffer): Places {
  if (bytes.readUInt32LE(0) !== 0xfeedfacf) throw new Error("this is no executable for macOS");
  const found: { signature?: number; linkedit?: number; text?: number } = {};
  for (let at = 32, left = bytes.readUInt32LE(16); left > 0; at += bytes.readUInt32LE(at + 4), left--) {
    const command = bytes.readUInt32LE(at);
    const segment = command === 0x19 ? bytes.toString("latin1", at + 8, at + 24).replace(/\0+$/, "") : "";
    if (command === 0x1d) found.signature = at;
    if (segment === "__LINKEDIT") found.linkedit = at;
    if (segment === "__TEXT") found.text = at;
  }
  const { signature, linkedit, text } = found;
  if (signature === undefined || linkedit === undefined || text === undefined)
    throw new Error("this executable for macOS has no place for a signature");
  return { signature, linkedit, text };
}
