/** The process is gone from one moment to the next: what it had acknowledged is there, and the rest is whole. */
import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { join } from "node:path";
import { openSqlite } from "../../src/store/sqlite.ts";
import { emptyFolder } from "../binary.ts";
import { range } from "../store/sample.ts";

const rounds = 10;

/** What a process had acknowledged when it was killed. */
interface Acknowledged {
  readonly made: readonly string[];
  readonly ended: readonly string[];
}

/** Starts five hundred writes at a time on `database` and kills their process at some moment among the first thousand. */
async function writeUntilKilled(database: string, round: number, early: boolean): Promise<Acknowledged> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "writer.ts")], {
    env: {
      ...process.env,
      DATABASE: database,
      ROUND: String(round),
      ...(early && { ACKNOWLEDGE: "early" }),
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const moment = 1 + Math.floor(Math.random() * 1000);
  const decoder = new TextDecoder();
  let text = "";
  let lines = 0;
  for await (const chunk of child.stdout) {
    const piece = decoder.decode(chunk, { stream: true });
    text += piece;
    lines += piece.split("\n").length - 1;
    if (lines >= moment) child.kill("SIGKILL");
  }
  await child.exited;
  expect(child.signalCode).toBe("SIGKILL");
  // A line that was cut off was not heard.
  const heard = text.slice(0, text.lastIndexOf("\n")).split("\n");
  const all = (word: string) =>
    heard.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  return { made: all("made"), ended: all("ended") };
}

/** Opens what is left as the house would, and compares it with what was acknowledged. */
async function lostOf(database: string, { made, ended }: Acknowledged): Promise<string[]> {
  const store = openSqlite(database);
  const lost: string[] = [];
  for (const name of made) if (!(await store.read.sessions.check(`hash_${name}`))) lost.push(`made ${name}`);
  for (const name of ended) {
    const caller = await store.read.sessions.check(`hash_${name}`);
    if (!caller?.session.endedAt) lost.push(`ended ${name}`);
  }
  await store.close();
  return lost;
}

/** What must hold whatever was acknowledged: no damage, and no write of which only a part is there. */
function expectWhole(database: string): void {
  using db = new Database(database, { readwrite: true, create: false });
  expect(db.query("PRAGMA integrity_check").values()).toEqual([["ok"]]);
  expect(db.query("PRAGMA foreign_key_check").values()).toEqual([]);
  expect(
    db
      .query("SELECT id FROM users WHERE NOT EXISTS (SELECT 1 FROM sessions WHERE user_id = users.id)")
      .values(),
  ).toEqual([]);
}

test("killed in the middle of five hundred writes, ten times: whatever was acknowledged is there", async () => {
  using folder = emptyFolder();
  const database = join(folder.path, "housekey.db");
  const heard: Acknowledged[] = [];
  for (const round of range(rounds)) {
    heard.push(await writeUntilKilled(database, round, false));
    expectWhole(database);
    // What earlier rounds had acknowledged must outlive later ones, too.
    for (const acknowledged of heard) expect(await lostOf(database, acknowledged)).toEqual([]);
  }
  expect(heard.every(({ made }) => made.length > 0)).toBe(true);
  expect(heard.some(({ ended }) => ended.length > 0)).toBe(true);
}, 60_000);

test("the same with a process that acknowledges before the commit loses some: the test above can fail", async () => {
  using folder = emptyFolder();
  const database = join(folder.path, "housekey.db");
  const lost: string[] = [];
  for (const round of range(rounds)) {
    lost.push(...(await lostOf(database, await writeUntilKilled(database, round, true))));
    expectWhole(database);
    if (lost.length > 0) break;
  }
  expect(lost.length).toBeGreaterThan(0);
}, 60_000);
