/** No room is left, seen from inside the process: what the store tells its callers, and what it keeps. */
import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { join } from "node:path";
import { Refusal } from "../../src/identity/refusal.ts";
import type { Writes } from "../../src/identity/store.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { startAppliance } from "../harness.ts";
import { at, range, session, turn, user } from "../store/sample.ts";
import { smallDisk } from "./small-disk.ts";

/** A store on a small disk, with one account. */
async function opened() {
  const disk = smallDisk(8);
  const path = join(disk.path, "housekey.db");
  const store = openSqlite(path);
  await store.write(async (tx) => {
    await tx.users.insert(user("ada"));
    await tx.sessions.insert(session("a", user("ada")));
  });
  return {
    disk,
    store,
    /** What the file has, as every SQLite reads it. */
    kept() {
      using db = new Database(path, { readwrite: true, create: false });
      expect(db.query("PRAGMA integrity_check").values()).toEqual([["ok"]]);
      return db.query<[string], []>("SELECT id FROM users ORDER BY id").values().flat();
    },
    async [Symbol.asyncDispose]() {
      try {
        await store.close();
      } finally {
        disk[Symbol.dispose]();
      }
    },
  };
}

const full = { code: "STORE_UNAVAILABLE", cause: { code: "SQLITE_FULL" } };

/** Far more than the engine keeps in memory or the disk has room for. */
async function flood(tx: Writes, name = "flood"): Promise<void> {
  for (const n of range(3000)) await tx.users.insert(user(`${name}${n}`, { name: "x".repeat(8000) }));
}

const outcome = (writing: Promise<unknown>): Promise<unknown> =>
  writing.then(() => "kept").catch((error) => error);

test("the caller hears that the store is unavailable, and the cause is the engine's own error", async () => {
  await using house = await opened();
  house.disk.fill();
  for (const n of range(3)) {
    const refused = await outcome(house.store.write((tx) => tx.users.insert(user(`u${n}`))));
    expect(refused).toBeInstanceOf(Refusal);
    expect(refused).toMatchObject(full);
  }
  expect(await house.store.read.users.find("usr_ada")).toEqual(user("ada"));
  expect((await house.store.read.sessions.check("hash_a"))?.session).toEqual(session("a", user("ada")));
  house.disk.free();
  await house.store.write((tx) => tx.users.insert(user("after")));
  expect(house.kept()).toEqual(["usr_ada", "usr_after"]);
});

test("works that share the commit that failed all hear of it, and nothing of theirs is kept", async () => {
  await using house = await opened();
  house.disk.fill();
  const refused = await Promise.all(
    range(100).map((n) => outcome(house.store.write((tx) => tx.users.insert(user(`u${n}`))))),
  );
  for (const one of refused) expect(one).toMatchObject(full);
  house.disk.free();
  expect(house.kept()).toEqual(["usr_ada"]);
});

test("a session that could not be ended is still open, in memory and on the disk", async () => {
  await using house = await opened();
  const { store, disk } = house;
  await store.read.sessions.check("hash_a");
  disk.fill();
  expect(await outcome(store.write((tx) => tx.sessions.end("ses_a", null, at(1))))).toMatchObject(full);
  expect((await store.read.sessions.check("hash_a"))?.session.endedAt).toBeNull();
  disk.free();
  expect((await store.read.sessions.check("hash_a"))?.session.endedAt).toBeNull();
  expect(await store.write((tx) => tx.sessions.end("ses_a", null, at(1)))).not.toBeNull();
  expect((await store.read.sessions.check("hash_a"))?.session.endedAt).toEqual(at(1));
});

test("a work that fills the disk itself is undone, and its neighbours hear of it", async () => {
  await using house = await opened();
  const { store } = house;
  const [before, flooding, after] = await Promise.all([
    outcome(store.write((tx) => tx.users.insert(user("before")))),
    outcome(store.write((tx) => flood(tx))),
    outcome(store.write((tx) => tx.users.insert(user("behind")))),
  ]);
  for (const one of [before, flooding, after]) expect(one).toMatchObject(full);
  expect(await outcome(store.write((tx) => tx.users.insert(user("later"))))).toBe("kept");
  expect(house.kept()).toEqual(["usr_ada", "usr_later"]);
});

test("side by side in one work: when the disk is full for one, nothing of its sibling is kept", async () => {
  await using house = await opened();
  const refused = await outcome(
    house.store.write((tx) =>
      Promise.all([
        flood(tx),
        (async () => {
          for (const n of range(100_000)) await tx.users.insert(user(`sibling${n}`));
        })(),
      ]),
    ),
  );
  expect(refused).toMatchObject(full);
  await turn();
  expect(house.kept()).toEqual(["usr_ada"]);
}, 20_000);

test("a work that takes no notice of the full disk is refused all the same, and nothing of it is kept", async () => {
  await using house = await opened();
  const refused = await outcome(
    house.store.write(async (tx) => {
      await tx.users.insert(user("first"));
      await flood(tx).catch(() => {});
      await tx.users.insert(user("last")).catch(() => {});
    }),
  );
  expect(house.kept()).toEqual(["usr_ada"]);
  expect(refused).toMatchObject({ code: "STORE_UNAVAILABLE" });
});

test("a person can see their sessions on a full disk, though the last uses cannot be noted", async () => {
  using disk = smallDisk(8);
  await using house = await startAppliance({ folder: disk.path });
  const { token } = await house.addSession(await house.addUser("ada"));
  house.advance(120);
  disk.fill();
  expect((await house.get("/auth/sessions/current", { token })).status).toBe(200);
  const { status, body } = await house.get("/auth/sessions", { token });
  expect([status, body?.length]).toEqual([200, 1]);
});
