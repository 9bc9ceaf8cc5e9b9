/** The file a backup is: what is in it, who else can open it, and everything that is none. */
import { expect, test } from "bun:test";
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { BadArchive } from "../../src/archive/bad.ts";
import { type Manifest, writeManifest } from "../../src/archive/manifest.ts";
import { gzipHeader, pack } from "../../src/archive/pack.ts";
import { ending, header, padding } from "../../src/archive/tar.ts";
import { type Unpacked, unpack } from "../../src/archive/unpack.ts";
import { emptyFolder } from "../binary.ts";

const passphrase = "correct horse battery";
const database = randomBytes(100_000);
const key = `${Buffer.alloc(32, 7).toString("base64")}\n`;

const manifest = (facts: Partial<Manifest> = {}): Manifest => ({
  version: "0.1.0",
  schema: "0004_device.sql",
  house: "1a2b3c4d",
  createdAt: new Date("2026-01-31T12:00:00Z"),
  masterKey: false,
  database: { bytes: database.length, sha256: createHash("sha256").update(database).digest("hex") },
  counts: { users: 3 },
  ...facts,
});

async function gathered(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function packed(facts: Partial<Manifest> = {}, secret: string | null = null): Promise<Buffer> {
  using folder = emptyFolder();
  const path = join(folder.path, "database");
  await Bun.write(path, database);
  const own = manifest(facts);
  return await gathered(
    await pack({ manifest: own, database: path, masterKey: own.masterKey ? key : null }, secret),
  );
}

async function* inPieces(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

interface Read extends Unpacked {
  readonly database: Buffer;
}

async function read(bytes: Uint8Array, secret = passphrase, size = 1000): Promise<Read> {
  const pieces: Uint8Array[] = [];
  const unpacked = await unpack(inPieces(bytes, size), {
    passphrase: async () => secret,
    expect() {},
    write: (piece) => void pieces.push(Buffer.from(piece)),
  });
  return { ...unpacked, database: Buffer.concat(pieces) };
}

/** What is said of an archive that is refused. */
async function refused(bytes: Uint8Array, secret?: string): Promise<string> {
  try {
    await read(bytes, secret);
  } catch (error) {
    if (error instanceof BadArchive) return error.message;
    throw error;
  }
  return "it was taken";
}

/** An archive of these files, made by hand. */
const archive = (...files: [head: Buffer, content: string | Buffer][]): Buffer =>
  compressed(
    Buffer.concat([
      ...files.flatMap(([head, content]) => [head, Buffer.from(content), padding(content.length)]),
      ending(),
    ]),
  );

function compressed(bytes: Buffer): Buffer {
  const made = gzipSync(bytes);
  made.set(gzipHeader);
  return made;
}

const file = (name: string, content: string | Buffer): [Buffer, string | Buffer] => [
  header({ name, size: Buffer.from(content).length }, new Date(0)),
  content,
];

/** Changes a header and makes its checksum right again. */
function altered(
  [head, content]: [Buffer, string | Buffer],
  offset: number,
  text: string,
): [Buffer, string | Buffer] {
  head.write(text, offset, "latin1");
  head.fill(" ", 148, 156);
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return [head, content];
}

const words = (facts: Partial<Manifest> = {}) => file("manifest.json", writeManifest(manifest(facts)));

test("what was packed is unpacked, whatever pieces it comes in", async () => {
  const bytes = await packed();
  for (const size of [1, 7, 512, 1_000_000]) {
    const found = await read(bytes, passphrase, size);
    expect(found.manifest).toEqual(manifest());
    expect([found.encrypted, found.masterKey]).toEqual([false, null]);
    expect(found.database.equals(database)).toBe(true);
  }
}, 30_000);

test("an encrypted one holds the master key, and nothing of it can be read", async () => {
  const bytes = await packed({ masterKey: true }, passphrase);
  expect(bytes.toString("latin1")).toStartWith("age-encryption.org/v1\n-> scrypt ");
  expect(bytes.includes("manifest")).toBe(false);
  const found = await read(bytes);
  expect([found.encrypted, found.masterKey]).toEqual([true, new Uint8Array(32).fill(7)]);
  expect(found.database.equals(database)).toBe(true);
  expect(await refused(bytes, "another passphrase")).toBe("was encrypted with another passphrase");
}, 30_000);

test("the master key is never packed in the open, and one that was is refused", async () => {
  await expect(packed({ masterKey: true })).rejects.toThrow("only ever kept encrypted");
  const open = archive(words({ masterKey: true }), file("master.key", key), file("housekey.db", database));
  expect(await refused(open)).toContain("it holds a master key and is not encrypted");
});

test("every tar reads it", async () => {
  using folder = emptyFolder();
  await Bun.write(join(folder.path, "a.tar.gz"), await packed());
  const tar = (...args: string[]) => Bun.spawnSync(["tar", ...args], { cwd: folder.path });
  expect(tar("tzf", "a.tar.gz").stdout.toString()).toBe("manifest.json\nhousekey.db\n");
  expect(tar("xzf", "a.tar.gz").exitCode).toBe(0);
  expect(Buffer.from(await Bun.file(join(folder.path, "housekey.db")).bytes()).equals(database)).toBe(true);
  const wire = await Bun.file(join(folder.path, "manifest.json")).json();
  expect(wire).toMatchObject({ format: 1, version: "0.1.0", master_key: false, counts: { users: 3 } });
});

test("one byte that is another is found, wherever it is", async () => {
  const bytes = await packed();
  const places = [
    ...Array(40).keys(),
    ...Array.from({ length: 60 }, () => Math.floor(Math.random() * bytes.length)),
  ];
  for (const place of [...places, bytes.length - 8, bytes.length - 1]) {
    const other = Buffer.from(bytes);
    other[place] = (other[place] ?? 0) ^ 0x10;
    expect([place, await refused(other)]).not.toEqual([place, "it was taken"]);
  }
}, 30_000);

test("one byte of an encrypted one, too", async () => {
  const bytes = await packed({ masterKey: true }, passphrase);
  for (const place of [0, 30, 60, 120, 200, 70_000, bytes.length - 1]) {
    const other = Buffer.from(bytes);
    other[place] = (other[place] ?? 0) ^ 1;
    expect([place, await refused(other)]).not.toEqual([place, "it was taken"]);
  }
}, 60_000);

test("one that was cut off is found, wherever that was, and one that goes on", async () => {
  const bytes = await packed();
  for (const size of [0, 5, 10, 11, 600, 5000, 50_000, bytes.length - 9, bytes.length - 8, bytes.length - 1])
    expect([size, await refused(bytes.subarray(0, size))]).not.toEqual([size, "it was taken"]);
  expect(await refused(Buffer.concat([bytes, Buffer.from("more")]))).not.toBe("it was taken");
  expect(await refused(Buffer.concat([bytes, bytes]))).not.toBe("it was taken");
});

test("files that are no backup are told so", async () => {
  for (const other of [
    "",
    "hello",
    "SQLite format 3\0".padEnd(5000),
    "PK\u0003\u0004".padEnd(200),
    "\u001f\u008b",
  ])
    expect(await refused(Buffer.from(other, "latin1"))).toBe(
      "is no backup of a house: it begins as something else",
    );
  expect(await refused(compressed(Buffer.from("hello")))).toBe("is damaged or cut off");
  expect(await refused(compressed(Buffer.alloc(2048, 1)))).toContain("it has no list of files");
  expect(await refused(archive())).toContain("it has no manifest.json");
  expect(await refused(archive(file("readme.txt", "hello")))).toContain(
    "readme.txt, which does not belong there",
  );
});

test("nothing in it decides where anything is written", async () => {
  const names = ["../../etc/passwd", "/etc/passwd", "a/b", "..", "a\\b", "\u001b[31mred", "manifest.json/"];
  for (const name of names) {
    expect(await refused(archive(file(name, "x")))).toMatch(
      /it holds .*, which (is no file of a|does not belong)/,
    );
    expect(await refused(archive(words(), file(name, "x")))).toMatch(/it holds .*, which (is no|does not)/);
  }
  // A link, a symbolic link, a device, a folder, a long name, a pax header.
  for (const type of ["1", "2", "3", "5", "L", "x", "g"])
    expect(await refused(archive(altered(words(), 156, type)))).toContain("which is no file of a backup");
  expect(await refused(archive(altered(words(), 157, "/etc/passwd")))).toContain("no file of a backup");
  expect(await refused(archive(altered(words(), 345, "/etc")))).toContain("no file of a backup");
});

test("sizes that cannot be are refused before anything is made of them", async () => {
  const sized = (octal: string) => archive(words(), altered(file("housekey.db", database), 124, octal));
  for (const size of ["77777777777\0", "\u0080\0\0\0\0\0\0\0\0\0\0\u0001", "-0000000001\0", "            "])
    expect(await refused(sized(size))).toMatch(/another size than it says|no file of a backup/);
  const long = file("manifest.json", " ".repeat(70_000));
  expect(await refused(archive(long))).toContain("its manifest is too long");
  const huge = words({ database: { bytes: 2 ** 50, sha256: "" } });
  expect(await refused(archive(huge, file("housekey.db", database)))).toContain("another size than it says");
});

test("what is missing, doubled, or in another order is refused", async () => {
  const [data, lock] = [file("housekey.db", database), file("master.key", key)];
  expect(await refused(archive(words()))).toContain("it has no housekey.db");
  expect(await refused(archive(data, words()))).toContain(
    "it holds housekey.db, which does not belong there",
  );
  expect(await refused(archive(words(), data, data))).toContain("housekey.db, which does not belong there");
  expect(await refused(archive(words(), lock, data))).toContain("master.key, which does not belong there");
  expect(await refused(archive(words(), file("housekey.db", randomBytes(100_000))))).toContain(
    "its database is not the one it names",
  );
});

test("a manifest that is none, and one of the future, are told apart", async () => {
  const said = (text: string) => refused(archive(file("manifest.json", text), file("housekey.db", database)));
  for (const text of ["", "{", "[]", "null", "7", '{"format":0}', '{"format":"1"}'])
    expect(await said(text)).toMatch(/^is no backup of a house: its manifest/);
  expect(await said('{"format":2,"version":"9.0.0"}')).toBe(
    "was written by a newer housekey (9.0.0); use that version",
  );
  expect(await said('{"format":2,"version":"\\u001b[31m"}')).toContain("(unknown)");
  const whole = JSON.parse(writeManifest(manifest()));
  for (const field of ["version", "schema", "created_at", "master_key", "database"])
    expect(await said(JSON.stringify({ ...whole, [field]: undefined }))).toContain("says less than it must");
});
