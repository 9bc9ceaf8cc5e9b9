/** SQLite's own ways: opening safely, waiting for a lock without freezing anybody, naming what went wrong. */
import { Database } from "bun:sqlite";
import { Refusal } from "../identity/refusal.ts";

const busyMilliseconds = 5000;

/** `mapped`: reads through memory-mapped pages. */
export function connect(path: string, { mapped = false } = {}): Database {
  const connection = new Database(path, { create: false, readwrite: true, strict: true });
  const pragma = (name: string, value: string | number, read: unknown = value) => {
    connection.run(`PRAGMA ${name} = ${value}`);
    const [row] = connection.query(`PRAGMA ${name}`).values();
    if (row?.[0] !== read) throw new Error(`the database does not take ${name} = ${value}`);
  };
  // Whoever closes last has the file to itself for a moment: opening waits for that.
  pragma("busy_timeout", busyMilliseconds);
  pragma("journal_mode", "wal");
  // FULL: an answered request survives a power cut. A revoked session must not come back to life.
  pragma("synchronous", "FULL", 2);
  pragma("foreign_keys", "ON", 1);
  pragma("trusted_schema", "OFF", 0);
  // Waiting inside SQLite would freeze every request; `begin` waits outside.
  pragma("busy_timeout", 0);
  if (mapped) connection.run("PRAGMA mmap_size = 268435456");
  return connection;
}

/** Opens a write transaction; another process may hold the lock for a while. `since`: from when the wait counts. */
export async function begin(writer: Database, since: number): Promise<void> {
  const deadline = since + busyMilliseconds;
  for (;;) {
    try {
      writer.run("BEGIN IMMEDIATE");
      return;
    } catch (error) {
      if (!engineCode(error)?.startsWith("SQLITE_BUSY") || performance.now() > deadline) throw error;
      await Bun.sleep(5);
    }
  }
}

/** Names the engine's own failures for callers: a full disk is not a bug. Whatever else it was stays as it is. */
export function unavailable(error: unknown): unknown {
  const code = engineCode(error);
  if (!code || code.startsWith("SQLITE_CONSTRAINT") || code === "SQLITE_ERROR") return error;
  return new Refusal("STORE_UNAVAILABLE", { cause: error, retryAfter: 5 });
}

/**
 * Whether the disk failed to keep what it had taken. Asking it again proves nothing: the system has dropped the
 * pages by then and may well say yes, and what is written behind the gap is lost with it at the next start.
 */
export const isUnflushed = (error: unknown): boolean =>
  ["SQLITE_IOERR_FSYNC", "SQLITE_IOERR_DIR_FSYNC"].includes(engineCode(error) ?? "");

/** Drizzle wraps what the engine throws. */
function engineCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "string" && error.code.startsWith("SQLITE_"))
    return error.code;
  return engineCode(error.cause);
}
