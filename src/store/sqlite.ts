/**
 * The embedded engine: one connection that writes, one that reads, WAL between them.
 *
 * Writes queue up and share a commit: each `work` runs in a savepoint of its own, the batch is committed
 * once (one fsync), and only then does anybody hear an answer. Drizzle's own `transaction` is not used: on
 * bun:sqlite it commits at the first `await`.
 */
import type { Database } from "bun:sqlite";
import { AsyncLocalStorage } from "node:async_hooks";
import { drizzle } from "drizzle-orm/bun-sqlite";
import type { OwnedKey } from "../identity/api-key.ts";
import { Refusal } from "../identity/refusal.ts";
import type { Caller } from "../identity/session.ts";
import type { Settings } from "../identity/settings.ts";
import type { SigningKey } from "../identity/signing-key.ts";
import type { Store, Writes } from "../identity/store.ts";
import { begin, connect, isUnflushed, unavailable } from "./connection.ts";
import { makeMemory, unremembered } from "./memory.ts";
import { migrate } from "./migrate.ts";
import { namingFailures } from "./reads.ts";
import * as schema from "./schema/sqlite.ts";
import { tables } from "./tables.ts";

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
}

const jobsPerCommit = 64;
const slowMilliseconds = 250;
const sessionsRemembered = 32_768;
const keysRemembered = 4096;

/** Opens, and migrates, the database at `path`. Throws what SQLite says when it is no database. */
export function openSqlite(
  path: string,
  { onWrite, onSlowWrite, onUnflushed, onStatement, recalled }: SqliteOptions = {},
): Store {
  migrate(path);
  const writer = connect(path);
  const reader = connect(path, { mapped: true });
  const inside = new AsyncLocalStorage<Scope>();
  const waiting: Job[] = [];
  let draining: Promise<void> | null = null;
  let closed = false;
  let unflushed: { readonly error: unknown } | null = null;

  const callers = makeMemory<Caller>({
    moved: movement(writer),
    owner: ({ user }) => user.id,
    most: sessionsRemembered,
    ...(recalled && { recalled }),
  });
  const ownedKeys = makeMemory<OwnedKey>({
    moved: movement(writer),
    owner: ({ user }) => user.id,
    most: keysRemembered,
  });
  const settings = makeMemory<Settings>({ moved: movement(writer), owner: () => "", most: 1 });
  const signingKeys = makeMemory<readonly SigningKey[]>({
    moved: movement(writer),
    owner: () => "",
    most: 1,
  });

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
  const reads = namingFailures({
    ...read,
    sessions: {
      ...read.sessions,
      check: (tokenHash: string) => callers.recall(tokenHash, async () => read.sessions.check(tokenHash)),
      checkId: (id: string) => callers.recall(id, async () => read.sessions.checkId(id)),
    },
    apiKeys: {
      ...read.apiKeys,
      check: (tokenHash: string) => ownedKeys.recall(tokenHash, async () => read.apiKeys.check(tokenHash)),
      checkId: (id: string) => ownedKeys.recall(id, async () => read.apiKeys.checkId(id)),
    },
    settings: {
      current: () => settings.recall("", async () => read.settings.current()) as Promise<Settings>,
    },
    signingKeys: {
      current: () =>
        signingKeys.recall("", async () => read.signingKeys.current()) as Promise<readonly SigningKey[]>,
    },
  });

  /** Said by a job while it runs, acted on in the same breath as its commit. */
  const changed = { accounts: new Set<string>(), everyAccount: false, settings: false, signingKeys: false };
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
    {
      account: (userId) => changed.accounts.add(userId),
      everyAccount() {
        changed.everyAccount = true;
      },
      settings() {
        changed.settings = true;
      },
      signingKeys() {
        changed.signingKeys = true;
      },
    },
  );

  function forgetChanged(): void {
    for (const memory of [callers, ownedKeys])
      if (changed.everyAccount) memory.clear();
      else for (const userId of changed.accounts) memory.forget(userId);
    if (changed.settings) settings.clear();
    if (changed.signingKeys) signingKeys.clear();
    changed.accounts.clear();
    changed.everyAccount = false;
    changed.settings = false;
    changed.signingKeys = false;
  }

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
      forgetChanged();
      const took = performance.now() - started;
      onWrite?.(took);
      if (took > slowMilliseconds) onSlowWrite?.(took);
    } catch (error) {
      // SQLite has already rolled back by itself when the disk is full.
      if (writer.inTransaction) writer.run("ROLLBACK");
      forgetChanged();
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

/** Whether another process has committed since the last time this was asked; own commits do not count. */
function movement(writer: Database): () => boolean {
  const version = writer.query<{ data_version: number }, []>("PRAGMA data_version");
  let last = version.get()?.data_version;
  return () => {
    const now = version.get()?.data_version;
    if (now === last) return false;
    last = now;
    return true;
  };
}
