/** What the engine itself can say: pages, references, and whether these are the tables that the code knows. */
import { Database } from "bun:sqlite";
import type { Check } from "../../identity/verify.ts";
import { migrations } from "../migrate.ts";
import { columns, type House, rows, tables } from "./house.ts";

const integrity: Check<House> = {
  name: "integrity",
  find: ({ db }) =>
    db
      .query<{ integrity_check: string }, []>("PRAGMA integrity_check(10)")
      .all()
      .map(({ integrity_check }) => integrity_check)
      .filter((line) => line !== "ok"),
};

const references: Check<House> = {
  name: "references",
  find({ db }) {
    const orphans = db
      .query<{ table: string; parent: string; total: number }, []>(
        'SELECT "table", parent, count(*) AS total FROM pragma_foreign_key_check GROUP BY 1, 2 ORDER BY 1, 2',
      )
      .all();
    return orphans.map(({ table, parent, total }) => `${table}: belongs to none of ${parent}: ${total} rows`);
  },
};

const applied: Check<House> = {
  name: "migrations",
  find({ db }) {
    const has = db
      .query<{ name: string }, []>("SELECT name FROM migrations")
      .all()
      .map(({ name }) => name);
    const wanted = migrations.map(({ name }) => name);
    return [
      ...wanted.filter((name) => !has.includes(name)).map((name) => `${name} was not applied`),
      ...has.filter((name) => !wanted.includes(name)).map(() => "one is of a newer housekey"),
    ];
  },
};

interface Part {
  readonly type: string;
  readonly name: string;
  readonly sql: string;
}

/** Everything but the list of migrations and what SQLite keeps for itself. */
function parts(db: Database): Map<string, string> {
  const found = db
    .query<Part, []>(
      `SELECT type, name, sql FROM sqlite_schema
       WHERE sql IS NOT NULL AND name <> 'migrations' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`,
    )
    .all();
  return new Map(found.map(({ type, name, sql }) => [`${type} ${name}`, sql.replace(/\s+/g, " ")]));
}

const schema: Check<House> = {
  name: "schema",
  find({ db }) {
    using made = new Database(":memory:");
    for (const { sql } of migrations) made.run(sql);
    const [wanted, has] = [parts(made), parts(db)];
    return [
      ...[...wanted.keys()].filter((part) => !has.has(part)).map((part) => `the ${part} is missing`),
      ...[...has.keys()].filter((part) => !wanted.has(part)).map((part) => `the ${part} is not ours`),
      ...[...wanted]
        .filter(([part, sql]) => has.has(part) && has.get(part) !== sql)
        .map(([part]) => `the ${part} is another than the migrations make`),
    ];
  },
};

/** SQLite takes text where a number was declared, and the code would not know what it reads. */
const types: Check<House> = {
  name: "types",
  find: (house) =>
    tables(house.db).flatMap((table) =>
      house.db
        .query<{ name: string; type: string }, [string]>(
          "SELECT name, lower(type) AS type FROM pragma_table_info(?)",
        )
        .all(table)
        .flatMap(({ name, type }) =>
          rows(house, {
            table,
            where: `typeof("${name}") NOT IN ('null', '${type}')`,
            says: `${name} is no ${type}`,
          }),
        ),
    ),
};

const json: Check<House> = {
  name: "json",
  find: (house) => [
    ...["methods", "scopes"].flatMap((name) =>
      tables(house.db)
        .filter((table) => columns(house.db, table).includes(name))
        .flatMap((table) =>
          rows(house, {
            table,
            where: `CASE WHEN json_valid(${name}) THEN json_type(${name}) <> 'array' ELSE 1 END`,
            says: `its ${name} are no list`,
          }),
        ),
    ),
    ...rows(house, { table: "settings", where: "NOT json_valid(value)", says: "its value does not parse" }),
  ],
};

export const engineChecks: readonly Check<House>[] = [integrity, references, applied, schema, types, json];
