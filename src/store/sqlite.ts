/**
 * The embedded engine: one connection that writes, one that reads, WAL between them.
 *
 * Writes queue up and share a commit: each `work` runs in a savepoint of its own, the batch is committed
 * once (one fsync), and only then does anybody hear an answer. Drizzle's own `transaction` is not used: on
 * bun:sqlite it commits at the first `await`.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { drizzle } from "drizzle-orm/bun-sqlite";
import { Refusal } from "../identity/refusal.ts";
import type { Store, Writes } from "../identity/store.ts";
import { begin, connect, isUnflushed, unavailable } from "./connection.ts";
import { unremembered } from "./memory.ts";
import { migrate } from "./migrate.ts";
import { namingFailures } from "./reads.ts";
import { remember } from "./remember.ts";
import * as schema from "./schema/sqlite.ts";
import { tables } from "./tables.ts";
import { versionOf } from "./version.ts";

interface Job {
  /** Monotonic milliseconds: how long anybody waits for the lock counts from here. */
  readonly arrived: number;

  readonly work: (tx: Writes) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Open while its work runs; a statement that arrives later is a bug and throws. */
interface Scope {
  open: boolean;
}

export interface SqliteOptions {
  /** Told of a commit for how many milliseconds it held the one writer. */
  readonly onWrite?: (milliseconds: number) => void;

  /** The same, when that is too long. */
  readonly onSlowWrite?: (milliseconds: number) => void;

  /** Told once of a flush that failed: from then on every write is refused, until the store is opened again. */
  readonly onUnflushed?: (error: unknown) => void;

  /** Counts the session checks that are answered from memory. */
  readonly recalled?: { hits: number; misses: number };

  /** Sees every statement. For tests that count them. */
  readonly onStatement?: (sql: string) => void;

  /** Told whenever the database is asked whether another process committed. For tests that count this. */
  readonly onLook?: () => void;
}

const jobsPerCommit = 64;
const slowMilliseconds = 250;
/** Opens, and migrates, the database at `path`. Throws what SQLite says when it is no database. */
export function openSqlite(
  path: string,
  { onWrite, onSlowWrite, onUnflushed, onStatement, onLook, recalled }: SqliteOptions = {},
): Store {
  migrate(path);
  const writer = connect(path);
  const reader = connect(path, { mapped: true });
  const inside = new AsyncLocalStorage<Scope>();
  const waiting: Job[] = [];
  let draining: Promise<void> | null = null;
  let closed = false;
  let unflushed: { readonly error: unknown } | null = null;

  const read = tables(
    drizzle(reader, {
      logger: {
        logQuery(sql) {
          // A port taken before a write began reads past it all the same.
          if (inside.getStore()?.open) throw new Error("inside a write, read through its tx");
          onStatement?.(sql);
        },
      },
    }),
    schema,
    unremembered,
  );
  const version = versionOf(writer, onLook);
  const remembered = remember(read, { version: version.current, ...(recalled && { recalled }) });
  const reads = namingFailures(remembered.reads);

  const writes = tables(
    drizzle(writer, {
      logger: {
        logQuery(sql) {
          // Asked right before a statement runs, prepared or not: the one place none gets past.
          if (!inside.getStore()?.open) throw new Error("a statement after its write had ended");
          // A full disk has rolled everything back; outside a transaction this one would commit by itself.
          if (!writer.inTransaction) throw new Refusal("STORE_UNAVAILABLE", { retryAfter: 5 });
          onStatement?.(sql);
        },
      },
    }),
    schema,
    remembered.changes,
  );

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      // A turn of the event loop between batches: requests get in, and writes pile up to share the next commit.
      await new Promise((resolve) => setImmediate(resolve));
      await commit(waiting.splice(0, jobsPerCommit));
    }
    draining = null;
  }

  async function commit(batch: Job[]): Promise<void> {
    const answers: (() => void)[] = [];
    try {
      if (unflushed) throw unflushed.error;
      await begin(writer, Math.min(...batch.map(({ arrived }) => arrived)));
      const started = performance.now();
      for (const job of batch) answers.push(await attempt(job));
      writer.run("COMMIT");
      remembered.settle();
      const took = performance.now() - started;
      onWrite?.(took);
      if (took > slowMilliseconds) onSlowWrite?.(took);
    } catch (error) {
      // SQLite has already rolled back by itself when the disk is full.
      if (writer.inTransaction) writer.run("ROLLBACK");
      remembered.doubt();
      remembered.settle();
      if (!unflushed && isUnflushed(error)) {
        unflushed = { error };
        onUnflushed?.(error);
      }
      for (const job of batch) job.reject(unavailable(error));
      return;
    }
    for (const answer of answers) answer();
  }

  /** Runs one work in its savepoint. What it answers, good or bad, waits for the commit. */
  async function attempt(job: Job): Promise<() => void> {
    const scope: Scope = { open: true };
    writer.run("SAVEPOINT work");
    try {
      const value = await inside.run(scope, () => job.work(writes));
      scope.open = false;
      // The work took no notice of an error that rolled everything back.
      if (!writer.inTransaction) throw new Refusal("STORE_UNAVAILABLE", { retryAfter: 5 });
      writer.run("RELEASE work");
      return () => job.resolve(value);
    } catch (error) {
      scope.open = false;
      remembered.doubt();
      if (!writer.inTransaction) throw error;
      writer.run("ROLLBACK TO work");
      writer.run("RELEASE work");
      return () => job.reject(unavailable(error));
    }
  }

  return {
    get read() {
      if (inside.getStore()?.open) throw new Error("inside a write, read through its tx");
      return reads;
    },

    write<T>(work: (tx: Writes) => Promise<T>): Promise<T> {
      if (inside.getStore()?.open)
        return Promise.reject(new Error("nested write: use the tx you were given"));
      if (closed) return Promise.reject(new Error("a write after closing"));
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      waiting.push({
        arrived: performance.now(),
        work,
        resolve: resolve as (value: unknown) => void,
        reject,
      });
      draining ??= drain();
      return promise;
    },

    together: version.together,

    async close() {
      await draining;
      if (closed) return;
      closed = true;
      reader.close();
      // Folding in a log that is not known to be on the disk makes it worse: the next start reads it with its checksums.
      if (unflushed) return;
      try {
        writer.run("PRAGMA wal_checkpoint(TRUNCATE)");
      } catch {
        // A full disk: the log stays beside the database and is just as good.
      }
      writer.close();
    },
  };
}
