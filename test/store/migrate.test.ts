import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Migration, migrate, migrations } from "../../src/store/migrate.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { emptyFolder } from "../binary.ts";
import { at, range, session, user } from "./sample.ts";

/** Gives accounts a column the old table cannot be given in place, the way drizzle-kit does it. */
const rebuild = `
  CREATE TABLE __new_users (
    id text PRIMARY KEY NOT NULL, username text NOT NULL, email text, email_verified integer NOT NULL,
    name text, role text NOT NULL, password_hash text, disabled_at integer, created_at integer NOT NULL,
    two_factor_at integer,
    colour text NOT NULL CHECK (colour <> '')
  );
  INSERT INTO __new_users SELECT *, 'blue' FROM users;
  DROP TABLE users;
  ALTER TABLE __new_users RENAME TO users;
  CREATE UNIQUE INDEX users_username_unique ON users (username);
`;

const step = (name: string, sql: string): Migration => ({ name, sql });
const rebuilding = [...migrations, step("9000_rebuild.sql", rebuild)];

/** A database of this version's with ten accounts, three sessions each and a place each. */
async function inhabited() {
  const folder = emptyFolder();
  const path = join(folder.path, "housekey.db");
  const store = openSqlite(path);
  await store.write(async (tx) => {
    for (const n of range(10)) {
      await tx.users.insert(user(`u${n}`));
      await tx.known.note(`usr_u${n}`, "address", "10.0.0.1", at(0));
      for (const m of range(3)) await tx.sessions.insert(session(`s${n}-${m}`, { id: `usr_u${n}` }));
    }
  });
  await store.close();
  return { path, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

/** Asks `path` as every SQLite would. */
function ask<T>(path: string, sql: string): T[] {
  using db = new Database(path, { readwrite: true, create: false });
  return db.query<T, []>(sql).all();
}

const counts = (path: string) =>
  ask(
    path,
    `SELECT (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM sessions) AS sessions,
       (SELECT count(*) FROM known) AS known`,
  );
const everything = [{ users: 10, sessions: 30, known: 10 }];

/** All there is: the schema and every row of every table. */
function dump(path: string): unknown {
  const schema = ask<{ type: string; name: string }>(path, "SELECT * FROM sqlite_schema ORDER BY name");
  const tables = schema.filter(({ type }) => type === "table").map(({ name }) => name);
  return [schema, tables.map((name) => ask(path, `SELECT * FROM "${name}"`))];
}

const applied = (path: string) =>
  ask<{ name: string }>(path, "SELECT name FROM migrations ORDER BY name").map(({ name }) => name);

test("a migration that rebuilds a table keeps every row that points at it", async () => {
  using house = await inhabited();
  expect(counts(house.path)).toEqual(everything);
  migrate(house.path, rebuilding);
  expect(counts(house.path)).toEqual(everything);
  expect(ask(house.path, "SELECT DISTINCT colour FROM users")).toEqual([{ colour: "blue" }]);
  expect(ask(house.path, "PRAGMA foreign_key_check")).toEqual([]);
  // The children point at the new table: deleting an account still takes them along.
  using db = new Database(house.path);
  db.run("PRAGMA foreign_keys = ON");
  db.run("DELETE FROM users WHERE id = 'usr_u0'");
  expect(counts(house.path)).toEqual([{ users: 9, sessions: 27, known: 9 }]);
});

test("the same migration on a connection that minds foreign keys loses them all", async () => {
  using house = await inhabited();
  using db = new Database(house.path);
  db.run("PRAGMA foreign_keys = ON");
  db.transaction(() => db.run(rebuild))();
  expect(counts(house.path)).toEqual([{ users: 10, sessions: 0, known: 0 }]);
});

test("a migration that leaves rows pointing nowhere is refused and undone wholly", async () => {
  using house = await inhabited();
  const before = dump(house.path);
  const steps = [...migrations, step("9000_orphan.sql", `${rebuild} DELETE FROM users WHERE id = 'usr_u3';`)];
  expect(() => migrate(house.path, steps)).toThrow(
    "migration 9000_orphan.sql failed and the database is as it was: it leaves 4 orphan rows",
  );
  expect(dump(house.path)).toEqual(before);
  migrate(house.path, rebuilding);
  expect(counts(house.path)).toEqual(everything);
});

test("a migration that fails half-way leaves the database as it was, and a later start goes on", async () => {
  using house = await inhabited();
  const before = dump(house.path);
  const broken = [
    ...migrations,
    step("9000_rebuild.sql", `${rebuild} INSERT INTO nowhere VALUES (1);`),
    step("9001_more.sql", "CREATE TABLE more (id text PRIMARY KEY)"),
  ];
  expect(() => migrate(house.path, broken)).toThrow("nowhere");
  expect(dump(house.path)).toEqual(before);
  const mended = [...rebuilding, step("9001_more.sql", "CREATE TABLE more (id text PRIMARY KEY)")];
  migrate(house.path, mended);
  expect(applied(house.path)).toEqual(mended.map(({ name }) => name));
  expect(counts(house.path)).toEqual(everything);
});

test("of several migrations of which the last one fails none is applied: the version before still runs it", async () => {
  using house = await inhabited();
  const good = step("9000_more.sql", "CREATE TABLE more (id text PRIMARY KEY)");
  const bad = step("9001_bad.sql", "CREATE TABLE yet_more (id text); no SQL at all");
  const before = dump(house.path);
  expect(() => migrate(house.path, [...migrations, good, bad])).toThrow("syntax error");
  expect(dump(house.path)).toEqual(before);
  await openSqlite(house.path).close();
  migrate(house.path, [...migrations, good, step(bad.name, "CREATE TABLE yet_more (id text)")]);
  expect(applied(house.path)).toHaveLength(migrations.length + 2);
});

test("a database that a newer version wrote is refused in words, and stays as it is", async () => {
  using house = await inhabited();
  migrate(house.path, rebuilding);
  const before = dump(house.path);
  expect(() => migrate(house.path)).toThrow(
    "the database was written by a newer housekey (migration 9000_rebuild.sql); " +
      "use that version or restore an older backup",
  );
  expect(() => openSqlite(house.path)).toThrow("written by a newer housekey");
  expect(() => migrate(house.path, [...migrations, step("9001_own.sql", "DROP TABLE users")])).toThrow(
    "written by a newer housekey",
  );
  expect(dump(house.path)).toEqual(before);
});

test("migrating twice changes nothing", async () => {
  using house = await inhabited();
  const before = dump(house.path);
  migrate(house.path);
  migrate(house.path);
  expect(dump(house.path)).toEqual(before);
});

test("a new database is made whole, in write-ahead mode, and knows what was applied", () => {
  using folder = emptyFolder();
  const path = join(folder.path, "housekey.db");
  expect(existsSync(path)).toBe(false);
  migrate(path);
  expect(ask(path, "PRAGMA journal_mode")).toEqual([{ journal_mode: "wal" }]);
  expect(ask(path, "PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
  expect(applied(path)).toEqual(migrations.map(({ name }) => name));
});

const source = join(import.meta.dir, "../../src/store");

/** Processes that wait for each other, then run `code` for every one of `paths`. Answers what they complained of. */
async function together(processes: number, code: string, paths: readonly string[]): Promise<string[]> {
  const children = range(processes).map(() =>
    Bun.spawn(
      [
        process.execPath,
        "-e",
        `${code}
        console.log("ready");
        for await (const _ of console) break;
        for (const path of JSON.parse(process.env.PATHS))
          try { await run(path); } catch (error) { console.error(String(error)); }`,
      ],
      {
        env: { ...process.env, PATHS: JSON.stringify(paths) },
        stdio: ["pipe", "pipe", "pipe"],
      },
    ),
  );
  for (const { stdout } of children) {
    const reader = stdout.getReader();
    await reader.read();
    reader.releaseLock();
  }
  for (const { stdin } of children) {
    stdin.write("go\n");
    await stdin.end();
  }
  const complaints = await Promise.all(children.map(({ stderr }) => new Response(stderr).text()));
  await Promise.all(children.map(({ exited }) => exited));
  return complaints.filter((complaint) => complaint !== "");
}

test("two processes that migrate one database at once both end well, and it is migrated once", async () => {
  using folder = emptyFolder();
  const paths = range(20).map((n) => join(folder.path, `house${n}.db`));
  for (const path of paths) migrate(path);
  const code = `
    import { migrate, migrations } from ${JSON.stringify(join(source, "migrate.ts"))};
    const more = { name: "9000_more.sql", sql: "CREATE TABLE more (id text); INSERT INTO more VALUES ('once')" };
    const run = (path) => migrate(path, [...migrations, more]);
  `;
  expect(await together(2, code, paths)).toEqual([]);
  for (const path of paths) {
    expect(ask(path, "SELECT id FROM more")).toEqual([{ id: "once" }]);
    expect(ask(path, "PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
  }
});

test("a new database that another process is just writing is waited for", async () => {
  using folder = emptyFolder();
  const path = join(folder.path, "housekey.db");
  const code = `
    const { Database } = require("bun:sqlite");
    const db = new Database(process.env.DATABASE, { create: true });
    db.run("BEGIN IMMEDIATE");
    db.run("CREATE TABLE theirs (id text)");
    console.log("writing");
    await Bun.sleep(300);
    db.run("COMMIT");
  `;
  const child = Bun.spawn([process.execPath, "-e", code], {
    env: { ...process.env, DATABASE: path },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await child.stdout.getReader().read();
  try {
    migrate(path);
  } finally {
    await child.exited;
  }
  expect(applied(path)).toEqual(migrations.map(({ name }) => name));
  expect(ask(path, "SELECT * FROM theirs")).toEqual([]);
});

const before = migrations.find(({ name }) => name.endsWith("_domain.sql"))?.name ?? "";

for (const [listening, rpId] of [
  ["https://auth.example.org", "auth.example.org"],
  ["http://localhost:8420", "localhost"],
  [null, "localhost"],
] as const)
  test(`passkeys from before their host was kept are of where the house listened: ${listening}`, () => {
    using folder = emptyFolder();
    const path = join(folder.path, "housekey.db");
    migrate(
      path,
      migrations.filter(({ name }) => name < before),
    );
    {
      using db = new Database(path);
      db.run("PRAGMA foreign_keys = OFF");
      if (listening !== null) db.run("INSERT INTO house VALUES ('listening', ?)", [listening]);
      db.run("INSERT INTO users VALUES ('usr_a', 'ada', NULL, 0, NULL, 'admin', NULL, NULL, 1, NULL)");
      db.run(
        "INSERT INTO passkeys VALUES ('psk_a', 'usr_a', 'AAAA', 'pQEC', 3, 'Phone', 'multiDevice', 1, '[]', 'x', 1, 2)",
      );
    }
    migrate(path);
    expect(ask(path, "SELECT * FROM passkeys")).toEqual([
      {
        id: "psk_a",
        user_id: "usr_a",
        rp_id: rpId,
        credential_id: "AAAA",
        public_key: "pQEC",
        counter: 3,
        name: "Phone",
        device_type: "multiDevice",
        backed_up: 1,
        transports: "[]",
        aaguid: "x",
        created_at: 1,
        last_used_at: 2,
      },
    ]);
  });
