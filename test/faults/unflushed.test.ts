/** The disk takes what is written and then fails to keep it, seen from inside the process. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { openSqlite } from "../../src/store/sqlite.ts";
import { emptyFolder } from "../binary.ts";
import { range } from "../store/sample.ts";

const failed = "STORE_UNAVAILABLE SQLITE_IOERR_FSYNC";

/** `which`: of the flushes, in strace's words. */
async function write(database: string, which: string) {
  const child = Bun.spawn(
    [
      ...["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync"],
      ...["-e", `inject=fsync,fdatasync:error=EIO:when=${which}`],
      ...[process.execPath, join(import.meta.dir, "unflushed-writer.ts")],
    ],
    { env: { ...process.env, DATABASE: database }, stdio: ["ignore", "pipe", "ignore"] },
  );
  const [text] = await Promise.all([new Response(child.stdout).text(), child.exited]);
  return JSON.parse(text) as { outcomes: string[]; together: string[]; told: number; reads: boolean[] };
}

/** Who of them is there when the store is opened again. */
async function present(database: string, names: readonly string[]): Promise<string[]> {
  const store = openSqlite(database);
  try {
    const found = await Promise.all(names.map((name) => store.read.users.find(`usr_${name}`)));
    return names.filter((_, at) => found[at] !== null);
  } finally {
    await store.close();
  }
}

/** How many flushes go by until the first write of the twelve. */
async function flushesBefore(): Promise<number> {
  for (const n of range(40)) {
    using folder = emptyFolder();
    const database = join(folder.path, "housekey.db");
    const { outcomes } = await write(database, `${n + 5}+`).catch(() => ({ outcomes: [] }));
    if (outcomes[0] === failed) return n + 5;
  }
  throw new Error("no flush of a write was met");
}

test("after a flush that failed nothing more is written, though the disk says yes again; reads go on", async () => {
  const first = await flushesBefore();
  using folder = emptyFolder();
  const database = join(folder.path, "housekey.db");
  // One flush alone fails: the third write's. Every later one would go well.
  const { outcomes, together, told, reads } = await write(database, String(first + 2));
  const kept = outcomes.indexOf(failed);
  expect(kept).toBeGreaterThan(0);
  expect(outcomes).toEqual([...Array(kept).fill("kept"), ...Array(12 - kept).fill(failed)]);
  expect(new Set(together)).toEqual(new Set([failed]));
  expect(reads).toEqual([true, true]);
  expect(told).toBe(1);
  // What had been answered is there, and of the rest at most the one that nobody can know of.
  const there = await present(
    database,
    range(12).map((n) => `u${n}`),
  );
  expect([kept, kept + 1]).toContain(there.length);
  expect(there).toEqual(range(there.length).map((n) => `u${n}`));
  expect(
    await present(
      database,
      range(100).map((n) => `t${n}`),
    ),
  ).toEqual([]);
}, 60_000);
