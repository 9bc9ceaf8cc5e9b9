import { expect, test } from "bun:test";
import { join } from "node:path";
import type { Store } from "../../src/identity/store.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { emptyFolder } from "../binary.ts";
import { elsewhere } from "./elsewhere.ts";
import { apiKey, at, auditEntry, bootstrapToken, gate, invite, range, recovery, session } from "./sample.ts";
import { ada, bob, verbs } from "./verbs.ts";

/** The tokens whose check is compared; `new` is nobody's at first. */
const hashes = ["hash_a", "hash_b", "hash_c", "hash_new"];

/** The same of API keys. */
const keys = ["hash_k", "hash_old", "hash_new"];

/** Ada with two sessions, Bob with one, and every statement counted. */
async function opened() {
  const folder = emptyFolder();
  const path = join(folder.path, "housekey.db");
  const statements: string[] = [];
  let looks = 0;
  const store = openSqlite(path, { onStatement: (sql) => statements.push(sql), onLook: () => looks++ });
  await store.write(async (tx) => {
    for (const one of [ada, bob]) await tx.users.insert(one);
    for (const one of [session("a", ada), session("b", ada), session("c", bob)])
      await tx.sessions.insert(one);
    await tx.settings.put({ registration: "closed" });
    for (const name of ["first", "second"]) await tx.bootstraps.insert(bootstrapToken(name));
    await tx.known.note(ada.id, "browser", "old", at(0));
    await tx.invites.insert(invite("first"));
    await tx.recoveries.put(recovery("r", ada));
    for (const one of [apiKey("k", ada), apiKey("old", ada, { lastUsedAt: at(0) })])
      await tx.apiKeys.insert(one);
  });
  return {
    path,
    store,

    /** How often the database was asked whether another process committed. */
    looks: () => looks,

    /** How many statements `act` took. */
    async counted(act: () => unknown): Promise<number> {
      const before = statements.length;
      await act();
      return statements.length - before;
    },
    async [Symbol.asyncDispose]() {
      try {
        await store.close();
      } finally {
        folder[Symbol.dispose]();
      }
    },
  };
}

/** Everything that reads remember. */
async function remembered(store: Store) {
  const checks = [];
  for (const hash of hashes) checks.push(await store.read.sessions.check(hash));
  for (const hash of keys) checks.push(await store.read.apiKeys.check(hash));
  return { checks, settings: await store.read.settings.current() };
}

/** What is remembered by now: only the tokens that nobody holds still cost a statement. */
async function warm(house: Awaited<ReturnType<typeof opened>>) {
  const first = await remembered(house.store);
  const unknown = first.checks.filter((caller) => caller === null).length;
  expect(await house.counted(() => remembered(house.store))).toBe(unknown);
  return first;
}

/** What a store says that has had no time to remember anything. */
async function afresh(path: string) {
  const store = openSqlite(path);
  try {
    return await remembered(store);
  } finally {
    await store.close();
  }
}

test("a session is checked without a statement the second time, and so is its account", async () => {
  await using house = await opened();
  const check = () => house.store.read.sessions.check("hash_a");
  expect(await house.counted(check)).toBe(2);
  expect(await house.counted(check)).toBe(0);
  expect(await check()).toEqual({ session: session("a", ada), user: ada });
});

test("the settings are read once and are the same object until they change", async () => {
  await using house = await opened();
  const current = () => house.store.read.settings.current();
  expect(await house.counted(current)).toBe(1);
  const first = await current();
  expect(await house.counted(current)).toBe(0);
  expect(await current()).toBe(first);
  await house.store.write((tx) => tx.settings.put({ registration: "open" }));
  expect(await current()).toEqual({ registration: "open" });
});

test("another account's change costs this one no statement; its own does", async () => {
  await using house = await opened();
  const { store } = house;
  const check = () => store.read.sessions.check("hash_a");
  await check();
  await store.write((tx) => tx.sessions.end("ses_c", null, at(1)));
  await store.write((tx) => tx.users.setPassword(bob.id, null, "new"));
  await store.write((tx) => tx.settings.put({ registration: "open" }));
  await store.write((tx) => tx.audit.append(auditEntry("a")));
  expect(await house.counted(check)).toBe(0);
  await store.write((tx) => tx.sessions.end("ses_b", null, at(1)));
  expect(await house.counted(check)).toBe(2);
});

for (const [verb, acts] of Object.entries(verbs))
  for (const [how, { changes, act }] of Object.entries(acts)) {
    const name = how === "" ? verb : `${verb} ${how}`;

    test(`the very next read knows what was written: ${name}`, async () => {
      await using house = await opened();
      const before = await warm(house);
      await house.store.write(act);
      const after = await remembered(house.store);
      expect(after).toEqual(await afresh(house.path));
      expect(!Bun.deepEquals(after, before)).toBe(changes);
    });

    if (changes)
      test(`nobody sees what was not committed: ${name}`, async () => {
        await using house = await opened();
        const before = await warm(house);
        const wrote = gate();
        const end = gate();
        const failing = house.store.write(async (tx) => {
          await act(tx);
          // The work itself does see it, whatever the others remember.
          const inside = [];
          for (const hash of hashes) inside.push(await tx.sessions.check(hash));
          for (const hash of keys) inside.push(await tx.apiKeys.check(hash));
          const settings = await tx.settings.current();
          expect({ checks: inside, settings }).not.toEqual(before);
          wrote.open();
          await end.opened;
          throw new Error("no");
        });
        await wrote.opened;
        expect(await remembered(house.store)).toEqual(before);
        end.open();
        await expect(failing).rejects.toThrow("no");
        expect(await remembered(house.store)).toEqual(before);
        expect(before).toEqual(await afresh(house.path));
      });
  }

test("fifty sessions ended at once, each checked as soon as that is known, are all ended", async () => {
  await using house = await opened();
  const { store } = house;
  await store.write(async (tx) => {
    for (const n of range(50)) await tx.sessions.insert(session(`s${n}`, n % 2 === 0 ? ada : bob));
  });
  for (const n of range(50)) await store.read.sessions.check(`hash_s${n}`);
  const still = await Promise.all(
    range(50).map(async (n) => {
      await store.write((tx) => tx.sessions.end(`ses_s${n}`, null, at(n)));
      const caller = await store.read.sessions.check(`hash_s${n}`);
      return caller?.session.endedAt ?? null;
    }),
  );
  expect(still.filter((endedAt) => endedAt === null)).toEqual([]);
});

const fromElsewhere: Record<string, string> = {
  "a session was ended": "UPDATE sessions SET ended_at = 1 WHERE id = 'ses_a'",
  "an account was disabled": "UPDATE users SET disabled_at = 1 WHERE id = 'usr_ada'",
  "a session was deleted": "DELETE FROM sessions WHERE id = 'ses_a'",
  "an account was deleted":
    "DELETE FROM sessions WHERE user_id = 'usr_ada'; DELETE FROM api_keys; DELETE FROM users WHERE id = 'usr_ada'",
  "a setting was changed": "UPDATE settings SET value = '\"open\"' WHERE name = 'registration'",
  "a setting was removed": "DELETE FROM settings",
};
for (const [what, sql] of Object.entries(fromElsewhere))
  test(`the very next read knows what another process committed: ${what}`, async () => {
    await using house = await opened();
    const before = await warm(house);
    await elsewhere(house.path, sql);
    const after = await remembered(house.store);
    expect(after).not.toEqual(before);
    await warm(house);
    expect(after).toEqual(await afresh(house.path));
  });

test("another process's commit is noticed for checks and for settings, whichever is asked first", async () => {
  await using house = await opened();
  const { sessions, settings } = house.store.read;
  await warm(house);
  await elsewhere(
    house.path,
    `${fromElsewhere["a session was ended"]}; ${fromElsewhere["a setting was changed"]}`,
  );
  expect(await settings.current()).toEqual({ registration: "open" });
  expect((await sessions.check("hash_a"))?.session.endedAt).toEqual(new Date(1));
  await elsewhere(house.path, "UPDATE sessions SET ended_at = 2; DELETE FROM settings");
  expect((await sessions.check("hash_a"))?.session.endedAt).toEqual(new Date(2));
  expect(await settings.current()).toEqual({});
});

test("no more checks are remembered than there is room for", async () => {
  await using house = await opened();
  const { store } = house;
  const most = 24_000;
  await elsewhere(
    house.path,
    `WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${most})
     INSERT INTO sessions SELECT 'hash_s' || n, 'ses_s' || n, user_id, kind, device, ip, printf('%3000d', n), methods,
       created_at, last_seen_at, expires_at, proved_at, ended_at
     FROM sessions, numbers WHERE id = 'ses_c'`,
  );
  for (const n of range(most + 1)) await store.read.sessions.check(`hash_s${n}`);
  expect(await house.counted(() => store.read.sessions.check(`hash_s${most}`))).toBe(0);
  for (const n of range(15_000))
    expect(await house.counted(() => store.read.sessions.check(`hash_s${most - n}`))).toBe(0);
  expect(await house.counted(() => store.read.sessions.check("hash_s0"))).toBe(2);
});

test("a use that is written down changes what is remembered, and costs no statement", async () => {
  await using house = await opened();
  const { store } = house;
  const first = await store.read.sessions.check("hash_a");
  await store.write((tx) => tx.sessions.seen("ses_a", at(50)));
  expect(await house.counted(() => store.read.sessions.check("hash_a"))).toBe(0);
  const after = await store.read.sessions.check("hash_a");
  expect(after).toEqual({ session: session("a", ada, { lastSeenAt: at(50) }), user: ada });
  expect(first?.session.lastSeenAt).not.toEqual(at(50));
});

test("a use whose write failed is not remembered", async () => {
  await using house = await opened();
  const { store } = house;
  const before = await store.read.sessions.check("hash_a");
  const failing = store.write(async (tx) => {
    await tx.sessions.seen("ses_a", at(50));
    throw new Error("no");
  });
  const [failed] = await Promise.allSettled([
    failing,
    store.write((tx) => tx.sessions.seen("ses_b", at(60))),
  ]);
  expect(failed.status).toBe("rejected");
  expect(await store.read.sessions.check("hash_a")).toEqual(before);
  expect((await store.read.sessions.check("hash_b"))?.session.lastSeenAt).toEqual(at(60));
});

test("what is done in one turn asks once whether another process committed, and the next turn asks again", async () => {
  await using house = await opened();
  await warm(house);
  const { store } = house;
  const together = () => [store.read.sessions.check("hash_a"), store.read.settings.current()];
  const before = house.looks();
  void Promise.all(together());
  expect(house.looks()).toBe(before + 1);
  await Promise.resolve();
  await Promise.resolve();
  void Promise.all(together());
  expect(house.looks()).toBe(before + 2);
});
