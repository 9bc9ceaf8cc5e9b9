import type { Database } from "bun:sqlite";

/** A database under one snapshot, and what is known of the folder it lies in. */
export interface House {
  readonly db: Database;

  /** Whether the folder says that it once had an admin; null: there is no folder to ask. */
  readonly marked: boolean | null;

  /** Whether what the database has of its master key was made with the one at hand; null: none is at hand. */
  readonly isOwnKey: ((check: string) => boolean) | null;
}

/** Rows that cannot be: `where` finds them. */
export interface Wrong {
  readonly table: string;
  readonly where: string;

  /** What is the matter with each. */
  readonly says: string;
}

const shown = 3;

/** "sessions: ended before it began: ses_a, ses_b"; nothing when there is no such row. */
export function rows({ db }: House, { table, where, says }: Wrong): string[] {
  const label = ["id", "user_id", "name"].find((name) => columns(db, table).includes(name)) ?? "NULL";
  const found = db
    .query<{ label: unknown; total: number }, []>(
      `SELECT ${label} AS label, count(*) OVER () AS total FROM "${table}" WHERE ${where} LIMIT ${shown}`,
    )
    .all();
  const total = found[0]?.total ?? 0;
  if (total === 0) return [];
  if (label === "NULL") return [`${table}: ${says}: ${total} of its rows`];
  const more = total > shown ? ` and ${total - shown} more` : "";
  return [`${table}: ${says}: ${found.map(({ label }) => plain(label)).join(", ")}${more}`];
}

export function tables(db: Database): string[] {
  return db
    .query<{ name: string }, []>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )
    .all()
    .map(({ name }) => name);
}

export function columns(db: Database, table: string): string[] {
  return db
    .query<{ name: string }, [string]>("SELECT name FROM pragma_table_info(?)")
    .all(table)
    .map(({ name }) => name);
}

/** A damaged row may have anything where its name should be. */
const plain = (label: unknown): string =>
  typeof label === "string" && /^[\w.-]{1,64}$/.test(label) ? label : "(no name)";

/** A list of words as SQL writes one. They are the code's own. */
export const among = (words: readonly string[]): string => `(${words.map((word) => `'${word}'`).join(", ")})`;
