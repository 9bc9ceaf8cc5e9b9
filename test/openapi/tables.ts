/** Everything a house keeps, to be held against what it kept before. */
import { Database } from "bun:sqlite";
import { databasePath } from "../../src/host/folder.ts";
import type { Appliance } from "../harness.ts";

/** What changes by being asked at all: the log of what happened, and when somebody was last seen. */
const passing: Readonly<Record<string, RegExp>> = {
  sessions: /"last_seen_at":\d+/g,
  // `GET /readyz` writes, to know that it can.
  house: /\{"name":"heartbeat"[^}]*\}/g,
};

/** Every row of every table but `audit`, as text. */
export function dump({ folder }: Appliance): string {
  const database = new Database(databasePath(folder), { readonly: true });
  try {
    const tables = database
      .query<{ name: string }, []>("select name from sqlite_master where type = 'table' order by name")
      .all()
      .filter(({ name }) => name !== "audit" && !name.startsWith("sqlite_"));
    return tables
      .map(({ name }) => {
        const rows = JSON.stringify(database.query(`select * from "${name}"`).all());
        return `${name} ${rows.replace(passing[name] ?? /$^/, "")}`;
      })
      .join("\n");
  } finally {
    database.close();
  }
}
