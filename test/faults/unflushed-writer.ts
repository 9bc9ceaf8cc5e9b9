/** A process whose disk fails to flush: run under strace, it tells in one line of JSON what its store did. */
import { writeSync } from "node:fs";
import { openSqlite } from "../../src/store/sqlite.ts";
import { range, session, user } from "../store/sample.ts";

let told = 0;
const store = openSqlite(process.env.DATABASE ?? "", { onUnflushed: () => told++ });
const outcome = (name: string): Promise<string> =>
  store
    .write((tx) => tx.users.insert(user(name)))
    .then(() => "kept")
    .catch(({ code, cause }) => `${code} ${cause?.code}`);

await store.write(async (tx) => {
  await tx.users.insert(user("ada"));
  await tx.sessions.insert(session("a", user("ada")));
});
// Each on its own commit, until long after the flush that fails.
const outcomes: string[] = [];
for (const n of range(12)) outcomes.push(await outcome(`u${n}`));
const together = await Promise.all(range(100).map((n) => outcome(`t${n}`)));
const reads = [
  (await store.read.users.find("usr_ada")) !== null,
  (await store.read.sessions.check("hash_a")) !== null,
];
await store.close();
writeSync(1, `${JSON.stringify({ outcomes, together, told, reads })}\n`);
