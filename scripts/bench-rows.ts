/** Rows straight into the database of a house that stands still. They are the schema's, so the compiler sees it when that moves on. */
import type { Database } from "bun:sqlite";
import { getTableColumns, getTableName } from "drizzle-orm";
import type { SQLiteTable } from "drizzle-orm/sqlite-core";
import { newId } from "../src/identity/id.ts";
import { hashSecret } from "../src/identity/secret.ts";
import type * as schema from "../src/store/schema/sqlite.ts";

const day = 86_400_000;

export type UserRow = typeof schema.users.$inferInsert;
export type SessionRow = typeof schema.sessions.$inferInsert;

/** A million of them: drizzle's own statements take several times as long. */
export function inserter<Table extends SQLiteTable>(
  file: Database,
  table: Table,
): (row: Table["$inferInsert"]) => void {
  const columns = Object.entries(getTableColumns(table));
  const names = columns.map(([, column]) => `"${column.name}"`).join(", ");
  const places = columns.map(() => "?").join(", ");
  const statement = file.prepare(`INSERT INTO "${getTableName(table)}" (${names}) VALUES (${places})`);
  return (row) => {
    const given = row as Record<string, unknown>;
    const values = columns.map(([key, column]) => {
      const value = given[key] ?? null;
      return value === null ? null : column.mapToDriverValue(value);
    });
    statement.run(...(values as (string | number | null)[]));
  };
}

/** Somebody who came in the last three weeks; everybody's password is the admin's. */
export function person(number: number, { passwordHash }: { passwordHash: string | null }): UserRow {
  const createdAt = new Date(Date.now() - Math.random() * 20 * day);
  return {
    id: newId("usr", createdAt),
    username: `person-${number}`,
    email: `person-${number}@example.test`,
    emailVerified: true,
    name: `Person ${number}`,
    role: "member",
    passwordHash,
    createdAt,
  };
}

/** An open session of theirs, used within the last five days. */
export function sessionOf(
  { id: userId, createdAt }: Pick<UserRow, "id" | "createdAt">,
  kind: SessionRow["kind"],
  token: string,
): SessionRow {
  return {
    tokenHash: hashSecret(token),
    id: newId("ses", createdAt),
    userId,
    kind,
    device: "Firefox on Linux",
    ip: "192.0.2.7",
    userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    methods: ["pwd"],
    createdAt,
    lastSeenAt: new Date(Math.max(createdAt.getTime(), Date.now() - Math.random() * 5 * day)),
    expiresAt: new Date(createdAt.getTime() + 30 * day),
    provedAt: createdAt,
  };
}
