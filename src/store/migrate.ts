import { Database } from "bun:sqlite";
import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { embedMigrations } from "./embed.macro.ts" with { type: "macro" };
import { copyDatabase } from "./snapshot.ts";

export interface Migration {
  /** The file's name; they are applied in its order. */
  readonly name: string;

  readonly sql: string;
}

export const migrations: readonly Migration[] = embedMigrations();

/**
 * Applies pending migrations, all of them or none: an upgrade that fails, or whose process is killed, leaves
 * the database to the version that wrote it. Before it touches a database that has something in it, it keeps
 * a copy beside it, `housekey.db.before-0004_device`, with which that version can be run again; the two
 * latest copies stay.
 *
 * On a connection of its own with foreign keys off: a migration that rebuilds a table drops the old one,
 * and with foreign keys on that drop deletes every row that points at it. Throws when the database has
 * migrations this binary does not know: it was written by a newer one.
 */
export function migrate(
  path: string,
  steps: readonly Migration[] = migrations,
  { keepCopy = true }: { keepCopy?: boolean } = {},
): void {
  using db = new Database(path, { create: true, strict: true });
  db.run("PRAGMA busy_timeout = 5000");
  toWal(db);
  db.run("PRAGMA synchronous = FULL");
  db.run("PRAGMA foreign_keys = OFF");
  db.run("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY)");
  const before = applied(db);
  refuseNewer(before, steps);
  const first = steps.find(({ name }) => !before.includes(name));
  if (!first) return;
  if (keepCopy && before.length > 0) keep(path, first, before);
  db.transaction(() => {
    // Another process may have come first.
    const has = applied(db);
    refuseNewer(has, steps);
    for (const step of steps) if (!has.includes(step.name)) apply(db, step);
  }).immediate();
}

/** Whether the database at `path` is still the one of an older version. Writes nothing; throws what SQLite says. */
export function isBehind(path: string, steps: readonly Migration[] = migrations): boolean {
  using db = new Database(path, { create: false, readwrite: true, strict: true });
  db.run("PRAGMA query_only = ON");
  db.run("PRAGMA busy_timeout = 5000");
  const [table] = db.query("SELECT 1 FROM sqlite_schema WHERE name = 'migrations'").values();
  const has = table ? applied(db) : [];
  return steps.some(({ name }) => !has.includes(name));
}

function apply(db: Database, { name, sql }: Migration): void {
  try {
    db.run(sql);
    const orphans = db.query("PRAGMA foreign_key_check").all();
    if (orphans.length > 0) throw new Error(`it leaves ${orphans.length} orphan rows`);
    db.run("INSERT INTO migrations (name) VALUES (?)", [name]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`migration ${name} failed and the database is as it was: ${reason}`, { cause: error });
  }
}

const applied = (db: Database): string[] =>
  db
    .query<{ name: string }, []>("SELECT name FROM migrations ORDER BY name")
    .all()
    .map(({ name }) => name);

function refuseNewer(has: readonly string[], steps: readonly Migration[]): void {
  const foreign = has.find((name) => !steps.some((step) => step.name === name));
  if (foreign !== undefined)
    throw new Error(
      `the database was written by a newer housekey (migration ${foreign}); use that version or restore an older backup`,
    );
}

/** Copies the database at `path`, as long as it still is at the migrations `before`. */
function keep(path: string, first: Migration, before: readonly string[]): void {
  const copy = `${path}.before-${basename(first.name, ".sql")}`;
  const part = `${copy}.part-${Bun.randomUUIDv7()}`;
  try {
    copyDatabase(path, part);
    if (isAt(part, before)) renameSync(part, copy);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`no copy could be kept before the upgrade: ${reason}`, { cause: error });
  } finally {
    if (existsSync(part)) rmSync(part);
  }
  const [, , ...old] = copies(path).reverse();
  for (const name of old) rmSync(join(dirname(path), name));
}

function isAt(path: string, before: readonly string[]): boolean {
  using db = new Database(path, { create: false, readwrite: true });
  return applied(db).join() === before.join();
}

/** The copies beside the database at `path`, oldest first. */
const copies = (path: string): string[] =>
  readdirSync(dirname(path))
    .filter((name) => name.startsWith(`${basename(path)}.before-`) && /\.before-\d{4}_\w+$/.test(name))
    .sort();

/** Changing the journal of a file that another process is just writing fails at once, whatever the timeout. */
function toWal(db: Database): void {
  for (let tries = 0; ; tries++)
    try {
      db.run("PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      if (tries === 100) throw error;
      Bun.sleepSync(50);
    }
}
