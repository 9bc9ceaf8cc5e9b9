import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { join } from "node:path";
import { Refusal } from "../../src/identity/refusal.ts";
import { begin, connect, unavailable } from "../../src/store/connection.ts";
import { emptyFolder } from "../binary.ts";
import { turn } from "./sample.ts";

/** A file with one table, and connections to it. */
function opened() {
  const folder = emptyFolder();
  const path = join(folder.path, "test.db");
  using made = new Database(path, { create: true });
  made.run("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)");
  const connections: Database[] = [];
  return {
    path,
    connect(options?: Parameters<typeof connect>[1]) {
      const connection = connect(path, options);
      connections.push(connection);
      return connection;
    },
    [Symbol.dispose]() {
      for (const connection of connections) connection.close();
      folder[Symbol.dispose]();
    },
  };
}

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

for (const mapped of [false, true])
  test(`a connection is durable, minds foreign keys and trusts no schema${mapped ? ", mapped too" : ""}`, () => {
    using house = opened();
    const db = house.connect({ mapped });
    const says = (pragma: string) => Object.values(db.query(`PRAGMA ${pragma}`).get() ?? {})[0];
    expect(
      ["journal_mode", "synchronous", "foreign_keys", "trusted_schema", "busy_timeout"].map(says),
    ).toEqual(["wal", 2, 1, 0, 0]);
    expect(says("mmap_size")).toBe(mapped ? 268_435_456 : 0);
  });

test("a database that is not there is not made", () => {
  using folder = emptyFolder();
  expect(() => connect(join(folder.path, "nowhere.db"))).toThrow("unable to open");
});

test("a full disk, a lock, and damage are named as the store's own trouble, with the engine's reason", () => {
  using house = opened();
  const db = house.connect();
  const other = house.connect();
  const full = thrownBy(() => {
    db.run("PRAGMA max_page_count = 3");
    db.run("INSERT INTO notes (text) VALUES (?)", ["x".repeat(100_000)]);
  });
  other.run("BEGIN IMMEDIATE");
  const busy = thrownBy(() => db.run("BEGIN IMMEDIATE"));
  other.run("ROLLBACK");
  for (const [error, code] of [
    [full, "SQLITE_FULL"],
    [busy, "SQLITE_BUSY"],
  ] as const) {
    // Drizzle puts the engine's error into one of its own.
    for (const seen of [error, new Error("Failed query", { cause: error })]) {
      const named = unavailable(seen);
      expect(named).toBeInstanceOf(Refusal);
      expect(named).toMatchObject({ code: "STORE_UNAVAILABLE", retryAfter: 5, cause: seen });
    }
    expect(error).toMatchObject({ code });
  }
});

test("what is the program's own mistake stays what it is", () => {
  using house = opened();
  const db = house.connect();
  db.run("INSERT INTO notes (text) VALUES ('a')");
  const mistakes = [
    thrownBy(() => db.run("INSERT INTO notes (text) VALUES ('a')")),
    thrownBy(() => db.run("INSERT INTO notes (text) VALUES (NULL)")),
    thrownBy(() => db.run("SELECT nonsense FROM nowhere")),
    new Error("a bug"),
    new Error("a bug", { cause: "SQLITE_FULL" }),
    new Refusal("NOT_FOUND"),
    "words",
    null,
  ];
  for (const mistake of mistakes) expect(unavailable(mistake)).toBe(mistake);
});

test("beginning waits for a lock that is let go, and everything else goes on meanwhile", async () => {
  using house = opened();
  const holder = house.connect();
  const writer = house.connect();
  holder.run("BEGIN IMMEDIATE");
  let turns = 0;
  const beginning = begin(writer, performance.now());
  while (turns < 50) {
    await turn();
    turns++;
  }
  expect(writer.inTransaction).toBe(false);
  holder.run("ROLLBACK");
  await beginning;
  expect(writer.inTransaction).toBe(true);
  writer.run("ROLLBACK");
});

test("beginning on a connection that cannot is told at once", async () => {
  using house = opened();
  const writer = house.connect();
  writer.run("BEGIN");
  await expect(begin(writer, performance.now())).rejects.toThrow("within a transaction");
});

test("opening waits for a process that has the database to itself for a moment", async () => {
  using house = opened();
  house.connect().close();
  // What the last one to close does while it puts the log back into the database.
  const code = `
    const { Database } = require("bun:sqlite");
    const db = new Database(process.env.DATABASE, { readwrite: true, create: false });
    db.run("PRAGMA locking_mode = EXCLUSIVE");
    db.run("INSERT INTO notes (text) VALUES ('theirs')");
    console.log("alone");
    await Bun.sleep(300);
    db.close();
  `;
  const child = Bun.spawn([process.execPath, "-e", code], {
    env: { ...process.env, DATABASE: house.path },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await child.stdout.getReader().read();
  try {
    expect(house.connect().query("SELECT text FROM notes").all()).toEqual([{ text: "theirs" }]);
  } finally {
    await child.exited;
  }
});
