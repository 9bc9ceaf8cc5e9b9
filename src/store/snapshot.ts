/** A copy of a database as it is at one moment, also while it is being written. */
import { Database } from "bun:sqlite";

export interface Snapshot {
  /** The last migration. */
  readonly schema: string;

  /** What the database has of its master key; null when it was never served. */
  readonly keyCheck: string | null;

  /** How many rows each table has. */
  readonly counts: Readonly<Record<string, number>>;
}

/**
 * Writes the database at `from` to the file `to`, which must not exist: packed, without what was deleted, in
 * one file with no log beside it. Nobody who reads or writes waits for it.
 *
 * Throws what SQLite says, and when the copy is not whole: a damaged database is not worth keeping.
 */
export function takeSnapshot(from: string, to: string): Snapshot {
  copyDatabase(from, to);
  using copy = new Database(to, { create: false, readwrite: true, strict: true });
  copy.run("PRAGMA trusted_schema = OFF");
  return describe(copy);
}

/** The copy alone. */
export function copyDatabase(from: string, to: string): void {
  using db = new Database(from, { create: false, readwrite: true, strict: true });
  db.run("PRAGMA busy_timeout = 5000");
  db.run("PRAGMA trusted_schema = OFF");
  db.run("VACUUM INTO ?", [to]);
}

/** Throws when it is damaged, or no database of a house. */
export function describe(db: Database): Snapshot {
  const [damage] = db.query("PRAGMA integrity_check(1)").values();
  if (damage?.[0] !== "ok") throw new Error(`the database is damaged (${damage?.[0]})`);
  if (db.query("PRAGMA foreign_key_check").get())
    throw new Error("the database has rows that belong to none");
  const names = db
    .query<{ name: string }, []>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )
    .all()
    .map(({ name }) => name);
  const value = (sql: string): unknown => db.query(sql).values()[0]?.[0];
  const count = (table: string) => Number(value(`SELECT count(*) FROM "${table.replaceAll('"', '""')}"`));
  return {
    schema: String(value("SELECT max(name) FROM migrations")),
    keyCheck: (value("SELECT value FROM house WHERE name = 'key_check'") as string | undefined) ?? null,
    counts: Object.fromEntries(names.map((name) => [name, count(name)])),
  };
}
