import { type Column, type SQL, sql } from "drizzle-orm";
import type { BunSQLiteDatabase } from "drizzle-orm/bun-sqlite";
import type * as sqlite from "./schema/sqlite.ts";

/**
 * Queries are written once, against SQLite's types, in the part of Drizzle that every engine has: `await`
 * the builder or the prepared query, `returning()`, no `.get()`, no `.run()`. Another engine casts to these
 * two types in one place, its own file, and proves itself against `test/store/contract.ts`.
 */
export type Db = BunSQLiteDatabase;
export type Schema = typeof sqlite;

/** The first row, or `null`. */
export async function one<Row>(query: PromiseLike<Row[]>): Promise<Row | null> {
  const [row] = await query;
  return row ?? null;
}

/** Builds on first need and keeps: a prepared query costs a thirtieth of one that is built per call. */
export function once<T>(build: () => T): () => T {
  let built: T | undefined;
  return () => {
    built ??= build();
    return built;
  };
}

/** `at`, but never before the row's own beginning: a clock that was set back must leave no row that makes no sense. */
export const notBefore = (at: Date, beginning: Column): SQL =>
  sql`CASE WHEN ${beginning} > ${at.getTime()} THEN ${beginning} ELSE ${at.getTime()} END`;
