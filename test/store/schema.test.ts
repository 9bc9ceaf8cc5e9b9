import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { join } from "node:path";
import { is } from "drizzle-orm";
import { getTableConfig, SQLiteTable } from "drizzle-orm/sqlite-core";
import { migrate } from "../../src/store/migrate.ts";
import * as schema from "../../src/store/schema/sqlite.ts";
import { emptyFolder } from "../binary.ts";

interface TableFacts {
  readonly columns: readonly { name: string; type: string; notNull: boolean; fallback: string | null }[];

  /** In the key's order. */
  readonly primaryKey: readonly string[];

  readonly foreignKeys: readonly string[];

  /** Those somebody asked for, not the ones SQLite makes for a primary key. */
  readonly indexes: readonly string[];
}

const described = Object.values(schema)
  .filter((one) => is(one, SQLiteTable))
  .map((table) => getTableConfig(table));

function migrated() {
  const folder = emptyFolder();
  const path = join(folder.path, "housekey.db");
  migrate(path);
  const db = new Database(path, { readonly: true });
  return {
    ask: <T>(sql: string, ...values: string[]): T[] => db.query<T, string[]>(sql).all(...values),
    [Symbol.dispose]() {
      db.close();
      folder[Symbol.dispose]();
    },
  };
}

type Ask = ReturnType<typeof migrated>["ask"];

/** What the code believes. */
function believed(config: (typeof described)[number]): TableFacts {
  const own = config.columns.filter(({ primary }) => primary).map(({ name }) => name);
  const together = config.primaryKeys.flatMap(({ columns }) => columns.map(({ name }) => name));
  const unique = config.columns.filter(({ isUnique }) => isUnique);
  return {
    columns: config.columns.map((column) => ({
      name: column.name,
      type: column.getSQLType(),
      notNull: column.notNull,
      fallback: column.default === undefined ? null : JSON.stringify(column.default),
    })),
    primaryKey: [...own, ...together],
    foreignKeys: config.foreignKeys
      .map((key) => {
        const { columns, foreignColumns, foreignTable } = key.reference();
        const names = (list: readonly { name: string }[]) => list.map(({ name }) => name).join();
        const to = `${getTableConfig(foreignTable).name}(${names(foreignColumns)})`;
        return `${names(columns)} → ${to} on delete ${key.onDelete ?? "no action"} on update ${key.onUpdate ?? "no action"}`;
      })
      .sort(),
    indexes: [
      ...unique.map(({ name, uniqueName }) => `${uniqueName} unique (${name})`),
      ...config.uniqueConstraints.map(
        ({ columns, name }) => `${name} unique (${columns.map((column) => column.name)})`,
      ),
      ...config.indexes.map(({ config: { name, unique, columns, where } }) => {
        const parts = columns.map((column) => ("name" in column ? column.name : "an expression"));
        return `${name}${unique ? " unique" : ""} (${parts})${where ? " where" : ""}`;
      }),
    ].sort(),
  };
}

/** What the database says. */
function actual(ask: Ask, table: string): TableFacts {
  const columns = ask<{ name: string; type: string; notnull: number; dflt_value: string | null; pk: number }>(
    "SELECT * FROM pragma_table_xinfo(?) ORDER BY cid",
    table,
  );
  const foreign = ask<{ table: string; columns: string; to: string; on_delete: string; on_update: string }>(
    `SELECT "table", on_delete, on_update, group_concat("from") AS columns, group_concat("to") AS "to"
     FROM (SELECT * FROM pragma_foreign_key_list(?) ORDER BY id, seq) GROUP BY id`,
    table,
  );
  const indexes = ask<{ name: string; unique: number; partial: number; columns: string }>(
    `SELECT name, "unique", partial,
       (SELECT group_concat(coalesce(name, 'an expression')) FROM pragma_index_info(list.name)) AS columns
     FROM pragma_index_list(?) AS list WHERE origin <> 'pk'`,
    table,
  );
  return {
    columns: columns.map(({ name, type, notnull, dflt_value }) => ({
      name,
      type: type.toLowerCase(),
      notNull: notnull === 1,
      fallback: dflt_value,
    })),
    primaryKey: columns
      .filter(({ pk }) => pk > 0)
      .sort((a, b) => a.pk - b.pk)
      .map(({ name }) => name),
    foreignKeys: foreign
      .map(
        (key) =>
          `${key.columns} → ${key.table}(${key.to}) on delete ${key.on_delete.toLowerCase()}` +
          ` on update ${key.on_update.toLowerCase()}`,
      )
      .sort(),
    indexes: indexes
      .map(
        ({ name, unique, partial, columns }) =>
          `${name}${unique ? " unique" : ""} (${columns})${partial ? " where" : ""}`,
      )
      .sort(),
  };
}

test("the database has the tables of the schema, the list of migrations, and nothing else", () => {
  using house = migrated();
  const found = house.ask<{ name: string; type: string }>(
    "SELECT name, type FROM sqlite_schema WHERE type <> 'index' AND name NOT LIKE 'sqlite_%' ORDER BY name",
  );
  expect(found).toEqual(
    [...described.map(({ name }) => name), "migrations"].sort().map((name) => ({ name, type: "table" })),
  );
});

for (const config of described)
  test(`the table ${config.name} is as the code believes it to be`, () => {
    using house = migrated();
    expect(actual(house.ask, config.name)).toEqual(believed(config));
  });

test("every index belongs to a table of the schema", () => {
  using house = migrated();
  const found = house.ask<{ name: string }>(
    "SELECT name FROM sqlite_schema WHERE type = 'index' AND name NOT LIKE 'sqlite_%' ORDER BY name",
  );
  const named = described.flatMap((config) => believed(config).indexes.map((index) => index.split(" ")[0]));
  expect(found.map(({ name }) => name)).toEqual(named.flatMap((name) => name ?? []).sort());
});

test("sessions, API keys and refresh tokens lie under their hash, without a row number, and only they do", () => {
  using house = migrated();
  expect(house.ask("SELECT name FROM pragma_table_list WHERE wr = 1")).toEqual([
    { name: "api_keys" },
    { name: "refreshes" },
    { name: "sessions" },
  ]);
});
