import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { plant } from "./operator.ts";
import type { Planted } from "./planted.ts";

const at = (name: string, work: (path: string) => void) => (data: string) => work(join(data, name));

/** Takes the entries off the page on which an index begins. */
function emptyIndex(data: string): void {
  let page = 0;
  plant(data, (db) => {
    const sql = "SELECT rootpage FROM sqlite_schema WHERE name = 'users_username_unique'";
    page = db.query<{ rootpage: number }, []>(sql).get()?.rootpage ?? 0;
  });
  const size = 4096;
  const path = join(data, "housekey.db");
  expectPageSize(readFileSync(path), size);
  const file = openSync(path, "r+");
  // Two bytes of a b-tree page's header say how many cells it has.
  writeSync(file, new Uint8Array(2), 0, 2, (page - 1) * size + 3);
  closeSync(file);
}

function expectPageSize(bytes: Buffer, size: number): void {
  if (bytes.readUInt16BE(16) !== size) throw new Error("the database has pages of another size");
}

/** Files that are not as they should be. */
export const fileFaults: readonly Planted[] = [
  {
    fault: "an index without its entries",
    plant: emptyIndex,
    checks: ["integrity"],
    says: /^wrong # of entries in index users_username_unique$/,
  },
  {
    fault: "a file that is no database",
    plant: at("housekey.db", (path) => writeFileSync(path, Buffer.alloc(8192, 1))),
    checks: ["database"],
    says: /^cannot be opened: file is not a database$/,
  },
  {
    fault: "a folder that others may look into",
    plant: (data) => chmodSync(data, 0o755),
    checks: ["files"],
    says: /housekey-data is open to others \(755\); chmod 700 closes it$/,
  },
  {
    fault: "a database that others may read",
    plant: at("housekey.db", (path) => chmodSync(path, 0o644)),
    checks: ["files"],
    says: /housekey\.db is open to others \(644\); chmod 600 closes it$/,
  },
  {
    fault: "a master key that the group may read",
    plant: at("master.key", (path) => chmodSync(path, 0o640)),
    checks: ["files"],
    says: /master\.key is open to others \(640\); chmod 600 closes it$/,
  },
  {
    fault: "a configuration that others may change",
    plant: at("housekey.toml", (path) => {
      writeFileSync(path, "");
      chmodSync(path, 0o666);
    }),
    checks: ["files"],
    says: /housekey\.toml is open to others \(666\); chmod 644 closes it$/,
  },
  {
    fault: "a mail in the outbox that others may read",
    plant: at("outbox", (path) => {
      mkdirSync(path, { mode: 0o700 });
      writeFileSync(join(path, "1.eml"), "");
      chmodSync(join(path, "1.eml"), 0o604);
    }),
    checks: ["files"],
    says: /outbox\/1\.eml is open to others \(604\); chmod 600 closes it$/,
  },
  {
    fault: "a marker that is missing",
    plant: at("bootstrapped", (path) => rmSync(path)),
    checks: ["first run"],
    says: /^there is an admin, but not the marker that says so/,
  },
  {
    fault: "a first-run token that was left behind",
    plant: at("bootstrap-token", (path) => writeFileSync(path, "x", { mode: 0o600 })),
    checks: ["left behind"],
    says: /^the first run is over, but the file bootstrap-token is still there$/,
  },
  {
    fault: "a master key that is missing",
    plant: at("master.key", (path) => rmSync(path)),
    checks: ["master key file"],
    says: /master\.key is missing, and .* cannot be read without it/,
  },
  {
    fault: "a master key that is damaged",
    plant: at("master.key", (path) => truncateSync(path, 20)),
    checks: ["master key file"],
    says: /master\.key is damaged: expected 32 bytes in base64/,
  },
  {
    fault: "a master key of another house",
    plant: at("master.key", (path) => writeFileSync(path, Buffer.alloc(32, 5).toString("base64"))),
    checks: ["master key"],
    says: /^not the one this database was made with; restore the right one$/,
  },
];
