/**
 * A process that writes until it is killed: five hundred writes at a time, each acknowledged with a line.
 *
 * `made N`: account N and its session are there, written as one. `ended N`: that session has been ended.
 * With ACKNOWLEDGE=early it says so before the commit, which is a lie.
 */
import { writeSync } from "node:fs";
import { openSqlite } from "../../src/store/sqlite.ts";
import { at, session, user } from "../store/sample.ts";

const { DATABASE = "", ROUND = "", ACKNOWLEDGE } = process.env;
const early = ACKNOWLEDGE === "early";
const store = openSqlite(DATABASE);
let next = 0;

const acknowledge = (line: string): void => void writeSync(1, `${line}\n`);

async function lane(): Promise<never> {
  for (;;) {
    const name = `${ROUND}-${next++}`;
    await store.write(async (tx) => {
      await tx.users.insert(user(name));
      await tx.sessions.insert(session(name, user(name)));
      if (early) acknowledge(`made ${name}`);
    });
    if (!early) acknowledge(`made ${name}`);
    await store.write(async (tx) => {
      await tx.sessions.end(`ses_${name}`, null, at(1));
      if (early) acknowledge(`ended ${name}`);
    });
    if (!early) acknowledge(`ended ${name}`);
  }
}

await Promise.all(Array.from({ length: 500 }, lane));
