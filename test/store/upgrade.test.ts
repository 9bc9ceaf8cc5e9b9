/** Upgrades: what is kept beside a database before it is changed, and a process that is killed while it changes it. */
import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { isSound } from "../../src/identity/verify.ts";
import { type Migration, migrate, migrations } from "../../src/store/migrate.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { verifyDatabase } from "../../src/store/verify.ts";
import { emptyFolder } from "../binary.ts";
import { range, session, user } from "./sample.ts";

const names = (steps: readonly Migration[]): string[] => steps.map(({ name }) => name);
const further = (n: number): Migration => ({
  name: `900${n}_more.sql`,
  sql: `CREATE TABLE more${n} (id text PRIMARY KEY)`,
});

const beside = (path: string): string[] => readdirSync(dirname(path)).sort();

function applied(path: string): string[] {
  using db = new Database(path, { readwrite: true, create: false });
  return db
    .query<{ name: string }, []>("SELECT name FROM migrations ORDER BY name")
    .all()
    .map(({ name }) => name);
}

async function inhabited() {
  const folder = emptyFolder();
  const path = join(folder.path, "housekey.db");
  const store = openSqlite(path);
  await store.write(async (tx) => {
    await tx.users.insert(user("ada"));
    await tx.sessions.insert(session("a", { id: "usr_ada" }));
  });
  await store.close();
  return { path, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

test("a new database leaves no copy, and neither does one that is of this version already", async () => {
  using house = await inhabited();
  await openSqlite(house.path).close();
  expect(beside(house.path).filter((name) => name.includes("before"))).toEqual([]);
});

test("before an upgrade a copy is kept, with which the version before runs again", async () => {
  using house = await inhabited();
  migrate(house.path, [...migrations, further(0)]);
  const copy = `${house.path}.before-9000_more`;
  expect(applied(copy)).toEqual(names(migrations));
  expect(() => openSqlite(house.path)).toThrow("written by a newer housekey");
  for (const end of ["-wal", "-shm"]) rmSync(house.path + end, { force: true });
  renameSync(copy, house.path);
  const store = openSqlite(house.path);
  expect(await store.read.sessions.check("hash_a")).toMatchObject({ user: { username: "ada" } });
  await store.close();
});

test("the copies of the last two upgrades stay, and nothing else is touched", async () => {
  using house = await inhabited();
  const strangers = [".before-me", ".before-0000_old.bak"].map((end) => house.path + end);
  for (const stranger of strangers) await Bun.write(stranger, "mine");
  const steps = [...migrations];
  for (const n of range(4)) {
    steps.push(further(n));
    migrate(house.path, steps);
  }
  expect(beside(house.path).filter((name) => name.includes("before"))).toEqual([
    "housekey.db.before-0000_old.bak",
    "housekey.db.before-9002_more",
    "housekey.db.before-9003_more",
    "housekey.db.before-me",
  ]);
  expect(applied(`${house.path}.before-9003_more`)).toEqual(names(steps.slice(0, -1)));
});

test("an upgrade that fails says so, and its copy is good", async () => {
  using house = await inhabited();
  const broken = [...migrations, further(0), { name: "9001_bad.sql", sql: "no SQL" }];
  for (const _ of [1, 2])
    expect(() => migrate(house.path, broken)).toThrow(
      /^migration 9001_bad\.sql failed and the database is as it was: /,
    );
  expect(applied(house.path)).toEqual(names(migrations));
  expect(applied(`${house.path}.before-9000_more`)).toEqual(names(migrations));
  migrate(house.path, [...migrations, further(0), further(1)]);
  expect(applied(house.path)).toHaveLength(migrations.length + 2);
});

/** A database of the first version's, with so much in it that an upgrade takes a while. */
function filled(path: string, level: number): void {
  migrate(path, migrations.slice(0, level + 1));
  using db = new Database(path, { readwrite: true, create: false });
  db.run(`
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8000)
    INSERT INTO users (id, username, email_verified, role, created_at)
    SELECT printf('usr_%026d', i), printf('u%d', i), 0, 'member', 0 FROM n`);
  db.run(`
    INSERT INTO sessions (token_hash, id, user_id, kind, ip, methods, created_at, last_seen_at, expires_at)
    SELECT substr(hex(randomblob(22)), 1, 43), 'ses_' || substr(id, 5), id, 'web', '::1', '["pwd"]', 0, 0, 1 FROM users`);
  db.run("PRAGMA wal_checkpoint(TRUNCATE)");
}

const source = join(import.meta.dir, "../../src/store/migrate.ts");

/** Upgrades the database in a process of its own, which is killed after some milliseconds; null lets it end. */
async function upgrade(path: string, killAfter: number | null): Promise<number> {
  const code = `
    import { migrate } from ${JSON.stringify(source)};
    console.log("ready");
    migrate(process.env.DATABASE);
  `;
  const child = Bun.spawn([process.execPath, "-e", code], {
    env: { ...process.env, DATABASE: path },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await child.stdout.getReader().read();
  const started = performance.now();
  if (killAfter !== null) {
    await Bun.sleep(killAfter);
    child.kill("SIGKILL");
  }
  await child.exited;
  return performance.now() - started;
}

for (const level of range(migrations.length - 1))
  test(`killed at any moment of an upgrade from ${migrations[level]?.name}, it is the old one or the new one, and goes on`, async () => {
    using folder = emptyFolder();
    const original = join(folder.path, "original.db");
    filled(original, level);
    const fresh = async (round: number) => {
      const path = join(folder.path, `${round}`, "housekey.db");
      await Bun.write(path, Bun.file(original));
      return path;
    };
    const whole = await upgrade(await fresh(0), null);
    let cut = 0;
    for (const round of range(5)) {
      const path = await fresh(round + 1);
      await upgrade(path, (whole * (round + 0.5)) / 5);
      const at = applied(path);
      expect([names(migrations.slice(0, level + 1)), names(migrations)]).toContainEqual(at);
      if (at.length < migrations.length) cut++;
      await openSqlite(path).close();
      expect(applied(path)).toEqual(names(migrations));
      expect(isSound(verifyDatabase(path))).toBe(true);
      using db = new Database(path, { readwrite: true, create: false });
      expect(db.query("SELECT count(*) AS n FROM sessions JOIN users ON users.id = user_id").get()).toEqual({
        n: 8000,
      });
    }
    // Some were killed before the end: otherwise nothing was tested.
    expect(cut).toBeGreaterThan(0);
  }, 120_000);
