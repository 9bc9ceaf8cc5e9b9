import { Database } from "bun:sqlite";
import { embedMigrations } from "./embed.macro.ts" with { type: "macro" };

export interface Migration {
  /** The file's name; they are applied in its order. */
  readonly name: string;

  readonly sql: string;
}

export const migrations: readonly Migration[] = embedMigrations();

/**
 * Applies pending migrations, each in a transaction of its own.
 *
 * On a connection of its own with foreign keys off: a migration that rebuilds a table drops the old one,
 * and with foreign keys on that drop deletes every row that points at it. Throws when the database has
 * migrations this binary does not know: it was written by a newer one.
 */
export function migrate(path: string, steps: readonly Migration[] = migrations): void {
  using db = new Database(path, { create: true, strict: true });
  db.run("PRAGMA busy_timeout = 5000");
  toWal(db);
  db.run("PRAGMA synchronous = FULL");
  db.run("PRAGMA foreign_keys = OFF");
  db.run("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY)");
  const known = new Set(steps.map(({ name }) => name));
  const applied = db.query<{ name: string }, []>("SELECT name FROM migrations ORDER BY name").all();
  const foreign = applied.find(({ name }) => !known.has(name));
  if (foreign)
    throw new Error(
      `the database was written by a newer housekey (migration ${foreign.name}); use that version or restore an older backup`,
    );

  for (const { name, sql } of steps)
    db.transaction(() => {
      if (db.query("SELECT 1 FROM migrations WHERE name = ?").get(name)) return;
      db.run(sql);
      const orphans = db.query("PRAGMA foreign_key_check").all();
      if (orphans.length > 0) throw new Error(`migration ${name} leaves ${orphans.length} orphan rows`);
      db.run("INSERT INTO migrations (name) VALUES (?)", [name]);
    }).immediate();
}

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
