/** What can be read off a database from outside, also beside a server that writes it. Writes nothing. */
import { Database } from "bun:sqlite";

/** What the checks want to know of the house. */
export interface Notes {
  /** As an admin set it. */
  readonly url: string | null;

  /** Where it last listened. */
  readonly listening: string | null;

  readonly keyCheck: string | null;

  /** When it last wrote in order to see whether it can, by the clock of then. */
  readonly heartbeat: Date | null;
}

function look<T>(path: string, work: (db: Database) => T): T {
  const db = new Database(path, { create: false, readwrite: true, strict: true });
  try {
    db.run("PRAGMA query_only = ON");
    db.run("PRAGMA busy_timeout = 2000");
    return work(db);
  } finally {
    db.close();
  }
}

export const readNotes = (path: string): Notes =>
  look(path, (db) => {
    const named = (table: "house" | "settings", name: string): string | null =>
      db.query<{ value: string }, [string]>(`SELECT value FROM ${table} WHERE name = ?`).get(name)?.value ??
      null;
    const url = named("settings", "url");
    const heartbeat = named("house", "heartbeat");
    return {
      url: url === null ? null : JSON.parse(url),
      listening: named("house", "listening"),
      keyCheck: named("house", "key_check"),
      heartbeat: heartbeat === null ? null : new Date(heartbeat),
    };
  });

/**
 * Damage in the file, one line each. `quick` leaves out whether indexes and tables say the same. Table by table, with
 * `breathe` in between, so that a server answers meanwhile.
 */
export async function findDamage(
  path: string,
  { quick, breathe }: { quick: boolean; breathe: () => Promise<unknown> },
): Promise<string[]> {
  const check = quick ? "quick_check" : "integrity_check";
  const tables = look(path, (db) =>
    db.query<{ name: string }, []>("SELECT name FROM sqlite_schema WHERE type = 'table'").all(),
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const lines = look(path, (db) =>
      db.query<Record<string, string>, []>(`PRAGMA ${check}('${name.replaceAll("'", "''")}')`).all(),
    );
    found.push(...lines.map((line) => line[check] ?? "").filter((line) => line !== "ok"));
    if (found.length >= 5) break;
    await breathe();
  }
  return found;
}
