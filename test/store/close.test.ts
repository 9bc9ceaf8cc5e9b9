import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import type { Store } from "../../src/identity/store.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { emptyFolder } from "../binary.ts";
import { gate, range, session, user } from "./sample.ts";

function opened() {
  const folder = emptyFolder();
  const path = join(folder.path, "housekey.db");
  return {
    path,
    folder: folder.path,
    store: openSqlite(path),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

/** Asks and writes with everything a store prepares and keeps. */
async function use(store: Store): Promise<void> {
  await store.write(async (tx) => {
    await tx.users.insert(user("ada"));
    await tx.sessions.insert(session("a", user("ada")));
    await tx.sessions.seen("ses_a", new Date());
  });
  await store.read.users.find("usr_ada");
  await store.read.sessions.check("hash_a");
}

test("closing waits for what is being written", async () => {
  using house = opened();
  const writing = range(200).map((n) => house.store.write((tx) => tx.users.insert(user(`u${n}`))));
  const closed = gate();
  const settled = Promise.all(writing).then(() => "written");
  const closing = house.store.close().then(closed.open);
  expect(await Promise.race([settled, closed.opened.then(() => "closed")])).toBe("written");
  await closing;
  using db = new Database(house.path, { readonly: true });
  expect(db.query("SELECT count(*) AS total FROM users").get()).toEqual({ total: 200 });
});

test("closing twice is closing once", async () => {
  using house = opened();
  await use(house.store);
  await Promise.all([house.store.close(), house.store.close()]);
  await house.store.close();
});

test("after closing, the one file holds everything", async () => {
  using house = opened();
  await use(house.store);
  await house.store.close();
  const copy = join(house.folder, "copy.db");
  copyFileSync(house.path, copy);
  const again = openSqlite(copy);
  expect(await again.read.users.find("usr_ada")).toEqual(user("ada"));
  await again.close();
});

test("a write after closing is refused at once, and so is the next", async () => {
  using house = opened();
  await house.store.close();
  const answers = range(2).map(() =>
    house.store
      .write((tx) => tx.users.count())
      .then(
        () => "written",
        () => "refused",
      ),
  );
  const heard = answers.map((answer) => Promise.race([answer, Bun.sleep(200).then(() => "nothing heard")]));
  expect(await Promise.all(heard)).toEqual(["refused", "refused"]);
});

test("a write that is asked for while closing is kept or refused, and the caller hears which", async () => {
  using house = opened();
  const first = house.store.write((tx) => tx.users.insert(user("first")));
  const closing = house.store.close();
  const second = house.store
    .write((tx) => tx.users.insert(user("second")))
    .then(
      () => "written",
      () => "refused",
    );
  await Promise.all([first, closing]);
  const heard = await Promise.race([second, Bun.sleep(200).then(() => "nothing heard")]);
  using db = new Database(house.path, { readonly: true });
  const kept = db.query("SELECT id FROM users WHERE id = 'usr_second'").get() !== null;
  expect(heard).toBe(kept ? "written" : "refused");
});
