/** `housekey restore`: everything that is refused, in words and with nothing touched. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createHash, randomBytes } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { gzipHeader } from "../../src/archive/pack.ts";
import { ending, header, padding } from "../../src/archive/tar.ts";
import { emptyFolder, requireBinary, run } from "../binary.ts";
import { type BackedUp, backedUp } from "./backed-up.ts";
import { contents, copyOf, done } from "./backups.ts";
import { plant, told } from "./operator.ts";

let made: BackedUp;
let data: string;

beforeAll(async () => {
  requireBinary();
  made = await backedUp();
  ({ data } = made);
}, 60_000);

afterAll(() => made[Symbol.dispose]());

const file = (name: string): string => made.file(name);

/** An archive whose database is this one, in which `manifest` may be anything else. */
function forged(database: Buffer, manifest: Record<string, unknown> = {}): Buffer {
  const [facts] = unpacked();
  const sha256 = createHash("sha256").update(database).digest("hex");
  const wire = { ...facts, database: { bytes: database.length, sha256 }, ...manifest };
  const files = [
    ["manifest.json", Buffer.from(JSON.stringify(wire))],
    ["housekey.db", database],
  ] as const;
  const tar = files.flatMap(([name, content]) => [
    header({ name, size: content.length }, new Date(0)),
    content,
    padding(content.length),
  ]);
  const bytes = gzipSync(Buffer.concat([...tar, ending()]));
  bytes.set(gzipHeader);
  return bytes;
}

function unpacked(): [Record<string, unknown>, Buffer] {
  const tar = (name: string) => Bun.spawnSync(["tar", "xzOf", file("open.tar.gz"), name]).stdout;
  return [JSON.parse(tar("manifest.json").toString()), Buffer.from(tar("housekey.db"))];
}

/** The backup's database after `work` was done to it. */
function worked(work: Parameters<typeof plant>[1]): Buffer {
  using scratch = emptyFolder();
  const [, database] = unpacked();
  writeFileSync(join(scratch.path, "housekey.db"), database);
  plant(scratch.path, work);
  return readFileSync(join(scratch.path, "housekey.db"));
}

/** Each writes a file at `path`; the last is what is said of it. */
const refusals: Record<string, [make: (path: string) => void, says: RegExp, flags?: string[]]> = {
  "a file that is not there": [() => {}, /^housekey: cannot read .*: ENOENT/],
  "a folder": [(path) => mkdirSync(path), /EISDIR/],
  "an empty file": [
    (path) => writeFileSync(path, ""),
    /is no backup of a house: it begins as something else/,
  ],
  "something else": [(path) => writeFileSync(path, randomBytes(5000)), /is no backup of a house/],
  "a bare database": [(path) => copyFileSync(join(data, "housekey.db"), path), /is no backup of a house/],
  "one that is cut off": [
    (path) => {
      copyFileSync(file("open.tar.gz"), path);
      truncateSync(path, 4000);
    },
    /is damaged or cut off/,
  ],
  "one with a byte that is another": [
    (path) => {
      const bytes = readFileSync(file("open.tar.gz"));
      bytes[3000] = (bytes[3000] ?? 0) ^ 1;
      writeFileSync(path, bytes);
    },
    /is damaged/,
  ],
  "an encrypted one without its passphrase": [
    (path) => copyFileSync(file("house.age"), path),
    /is encrypted; --passphrase-file names a file with its passphrase/,
  ],
  "an encrypted one with another passphrase": [
    (path) => copyFileSync(file("house.age"), path),
    /was encrypted with another passphrase/,
    ["--passphrase-file", "wrong"],
  ],
  "an encrypted one that is cut off": [
    (path) => {
      copyFileSync(file("house.age"), path);
      truncateSync(path, 5000);
    },
    /is damaged or cut off/,
    ["--passphrase-file", "secret"],
  ],
  "one of another house": [
    (path) => copyFileSync(file("other.tar.gz"), path),
    /is of another house than the one in .*: their master keys differ; name another folder with --data/,
  ],
  "one of another house that brings its key": [
    (path) => copyFileSync(file("other.age"), path),
    /is of another house than the one in/,
    ["--passphrase-file", "secret"],
  ],
  "one of a newer version": [
    (path) =>
      writeFileSync(
        path,
        forged(
          worked(() => {}),
          { schema: "9000_more.sql", version: "9.1.0" },
        ),
      ),
    /was written by a newer housekey \(9\.1\.0, 9000_more\.sql\); use that version/,
  ],
  "one whose database is newer than it says": [
    (path) => {
      const database = worked((db) => db.run("INSERT INTO migrations VALUES ('9000_more.sql')"));
      const [{ counts }] = unpacked();
      writeFileSync(path, forged(database, { schema: "9000_more.sql", counts }));
    },
    /newer housekey/,
  ],
  "one that needs more room than there is": [
    (path) =>
      writeFileSync(
        path,
        forged(
          worked(() => {}),
          { database: { bytes: 2 ** 52, sha256: "" } },
        ),
      ),
    /needs 4503599627\.4 MB, and there are/,
  ],
  "one whose database is none": [
    (path) => writeFileSync(path, forged(randomBytes(8192))),
    /holds no house that can be read: file is not a database/,
  ],
  "one whose database has rows that belong to none": [
    (path) => writeFileSync(path, forged(worked((db) => db.run("DELETE FROM users")))),
    /holds no house that can be read: the database has rows that belong to none/,
  ],
  "one whose database has other rows than it says": [
    (path) => writeFileSync(path, forged(worked((db) => db.run("DELETE FROM audit")))),
    /is damaged: its database is not what its manifest says/,
  ],
  "one in which verify finds something": [
    (path) => writeFileSync(path, forged(worked((db) => db.run("UPDATE users SET role = 'root'")))),
    /holds a house that is not sound \(words: users: its role is none there is: usr_\w+\); --force takes it as it is/,
  ],
};

for (const [what, [make, says, flags = []]] of Object.entries(refusals))
  test(`${what} is refused in a line, with nothing touched`, async () => {
    using other = copyOf(data);
    for (const name of ["secret", "wrong"]) copyFileSync(file(name), join(other.path, name));
    make(join(other.path, "backup"));
    const before = contents(other.data);
    for (const check of [[], ["--check"]]) {
      const line = told(await run(["restore", "backup", ...flags, ...check], { cwd: other.path }), 1);
      expect(line).toMatch(says);
      const { lock: _, ...after } = contents(other.data);
      const { lock: __, ...wanted } = before;
      expect(after).toEqual(wanted);
    }
  }, 30_000);

test("what verify finds can be taken as it is; what cannot be read cannot", async () => {
  using other = copyOf(data);
  writeFileSync(join(other.path, "odd"), forged(worked((db) => db.run("UPDATE users SET name = x'00'"))));
  await done(other.path, "restore", "odd", "--force");
  writeFileSync(join(other.path, "none"), forged(randomBytes(8192)));
  told(await run(["restore", "none", "--force"], { cwd: other.path }), 1);
});
