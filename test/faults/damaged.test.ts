/** A table the start needs is garbage: whichever it is, the process ends, with one line. */
import { Database } from "bun:sqlite";
import { beforeAll, expect, test } from "bun:test";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { bootstrap, emptyFolder, requireBinary, startHouse } from "../binary.ts";
import { overwrite } from "./damage.ts";

beforeAll(requireBinary);

/** The first page of a table. */
function rootOf(path: string, table: string): number {
  using db = new Database(path, { readwrite: true, create: false });
  const [row] = db.query("SELECT rootpage FROM sqlite_schema WHERE name = ?").values(table);
  return Number(row?.[0]);
}

test("whichever table is garbage, the start ends in one line, also when it fails after it listens", async () => {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path });
  await bootstrap(house);
  await house.stop();
  for (const table of ["house", "settings", "users"]) {
    using copy = emptyFolder();
    const data = join(copy.path, "housekey-data");
    cpSync(house.data, data, { recursive: true });
    const path = join(data, "housekey.db");
    overwrite(path, rootOf(path, table) - 1);
    await expect(startHouse({ cwd: copy.path })).rejects.toThrow(
      /^housekey did not start \(exit 1\): housekey: [^\n]*malformed[^\n]*\n$/,
    );
  }
}, 60_000);
