import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "../../src/identity/refusal.ts";
import type { Store } from "../../src/identity/store.ts";
import { openSqlite, type SqliteOptions } from "../../src/store/sqlite.ts";
import { emptyFolder } from "../binary.ts";
import { storeContract } from "./contract.ts";
import { at, gate, range, turn, user } from "./sample.ts";

storeContract("SQLite", async () => {
  const folder = emptyFolder();
  const store = openSqlite(join(folder.path, "housekey.db"));
  return {
    store,
    async close() {
      try {
        await store.close();
      } finally {
        folder[Symbol.dispose]();
      }
    },
  };
});

/** A store with its file, and a connection of the test's own beside it. */
function opened(options?: SqliteOptions) {
  const folder = emptyFolder();
  const path = join(folder.path, "housekey.db");
  const store: Store = openSqlite(path, options);
  const beside = new Database(path, { readwrite: true, create: false, strict: true });
  return {
    store,
    path,
    beside,
    async [Symbol.asyncDispose]() {
      beside.close();
      try {
        await store.close();
      } finally {
        folder[Symbol.dispose]();
      }
    },
  };
}

test("no work of a commit is answered, well or badly, before the commit is on disk", async () => {
  await using house = opened();
  const running = gate();
  const end = gate();
  const heard: string[] = [];
  const hear = (name: string) => () => void heard.push(name);
  const batch = [
    house.store.write((tx) => tx.users.insert(user("ada"))).then(hear("good")),
    house.store.write(() => Promise.reject(new Error("no"))).catch(hear("bad")),
    house.store.write(async () => {
      running.open();
      await end.opened;
    }),
  ];
  await running.opened;
  await turn();
  expect(heard).toEqual([]);
  expect(rows(house.beside, "SELECT id FROM users")).toEqual([]);
  end.open();
  await Promise.all(batch);
  expect(heard.sort()).toEqual(["bad", "good"]);
  expect(rows(house.beside, "SELECT id FROM users")).toEqual([{ id: "usr_ada" }]);
});

test("a failing work takes back what it did, and not what its commit's earlier works did to the same row", async () => {
  await using house = opened();
  const { store } = house;
  await store.write((tx) => tx.users.insert(user("ada")));
  const set = (expected: string | null, next: string) =>
    store.write((tx) => tx.users.setPassword("usr_ada", expected, next));
  const [first, failed, second] = await Promise.allSettled([
    set(null, "first"),
    store.write(async (tx) => {
      await tx.users.setPassword("usr_ada", "first", "lost");
      throw new Error("no");
    }),
    set("first", "second"),
  ]);
  expect(first).toMatchObject({ status: "fulfilled", value: { passwordHash: "first" } });
  expect(failed).toMatchObject({ status: "rejected" });
  expect(second).toMatchObject({ status: "fulfilled", value: { passwordHash: "second" } });
  expect(await store.read.users.find("usr_ada")).toMatchObject({ passwordHash: "second" });
});

test("writes that wait together share one commit; one after the other, each has its own", async () => {
  await using house = opened();
  const insert = (name: string) => house.store.write((tx) => tx.users.insert(user(name)));
  const before = commits(house.path);
  await Promise.all(range(60).map((n) => insert(`together${n}`)));
  expect(commits(house.path) - before).toBe(1);
  for (const n of range(5)) await insert(`apart${n}`);
  expect(commits(house.path) - before).toBe(6);
});

test("a request is answered between two commits, however many writes wait", async () => {
  await using house = opened();
  const answered: string[] = [];
  const writes = range(640).map(async (n) => {
    await house.store.write((tx) => tx.users.insert(user(`u${n}`)));
    if (n === 639) answered.push("the last write");
  });
  await turn();
  await house.store.read.users.count();
  answered.push("the read");
  await Promise.all(writes);
  expect(answered).toEqual(["the read", "the last write"]);
});

test("a write waits for another connection's lock, and reads do not", async () => {
  await using house = opened();
  const { store, beside } = house;
  await store.write((tx) => tx.users.insert(user("ada")));
  beside.run("BEGIN IMMEDIATE");
  beside.run("UPDATE users SET name = 'Ada' WHERE id = 'usr_ada'");
  let written = false;
  const writing = store
    .write((tx) => tx.users.setPassword("usr_ada", null, "new"))
    .then((row) => {
      written = true;
      return row;
    });
  for (const _ of range(20)) {
    await turn();
    expect(await store.read.users.find("usr_ada")).toEqual(user("ada"));
  }
  expect(written).toBe(false);
  beside.run("COMMIT");
  expect(await writing).toEqual(user("ada", { name: "Ada", passwordHash: "new" }));
});

test("a write that holds the writer for too long is told of, and a quick one is not", async () => {
  const slow: number[] = [];
  await using house = opened({ onSlowWrite: (milliseconds) => slow.push(milliseconds) });
  await house.store.write((tx) => tx.users.insert(user("quick")));
  expect(slow).toEqual([]);
  await house.store.write(async () => Bun.sleepSync(251));
  expect(slow).toHaveLength(1);
  expect(slow[0]).toBeGreaterThanOrEqual(250);
});

test("what is no database does not open, and stays as it is", () => {
  using folder = emptyFolder();
  const path = join(folder.path, "housekey.db");
  const text = "These are my notes, and no database.\n".repeat(100);
  writeFileSync(path, text);
  expect(() => openSqlite(path)).toThrow("not a database");
  expect(readFileSync(path, "utf8")).toBe(text);
});

test("a damaged database refuses the write and names the engine's own reason", async () => {
  using folder = emptyFolder();
  const path = join(folder.path, "housekey.db");
  const store = openSqlite(path);
  await store.write(async (tx) => {
    for (const n of range(500)) await tx.users.insert(user(`u${n}`, { name: "x".repeat(200) }));
  });
  await store.close();
  damage(path, "users");
  const again = openSqlite(path);
  const refused = await again
    .write((tx) => tx.users.setPassword("usr_u250", null, "new"))
    .catch((error) => error);
  await again.close();
  expect(refused).toBeInstanceOf(Refusal);
  expect(refused).toMatchObject({ code: "STORE_UNAVAILABLE", cause: { code: "SQLITE_CORRUPT" } });
});

test("a proof that the house can write leaves the moment behind", async () => {
  await using house = opened();
  for (const seconds of [1, 2]) await house.store.write((tx) => tx.house.beat(at(seconds)));
  expect(rows(house.beside, "SELECT value FROM house WHERE name = 'heartbeat'")).toEqual([
    { value: at(2).toISOString() },
  ]);
});

const rows = (db: Database, sql: string): unknown[] => db.query(sql).all();

/** Frames that end a transaction, by SQLite's WAL format (§4.1): a header of 32 bytes, 24 before each page. */
function commits(path: string): number {
  const wal = readFileSync(`${path}-wal`);
  if (wal.length === 0) return 0;
  const pageSize = wal.readUInt32BE(8);
  let count = 0;
  for (let frame = 32; frame < wal.length; frame += 24 + pageSize)
    if (wal.readUInt32BE(frame + 4) !== 0) count++;
  return count;
}

/** Overwrites the page where `table` begins. */
function damage(path: string, table: string): void {
  const db = new Database(path, { readonly: true });
  const found = db
    .query<{ page: number; size: number }, [string]>(
      "SELECT rootpage AS page, page_size AS size FROM sqlite_schema, pragma_page_size WHERE name = ?",
    )
    .get(table);
  db.close();
  if (!found) throw new Error(`there is no table ${table}`);
  const file = openSync(path, "r+");
  writeSync(file, Buffer.alloc(found.size, 0xee), 0, found.size, (found.page - 1) * found.size);
  closeSync(file);
}
