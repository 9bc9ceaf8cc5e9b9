import { expect } from "bun:test";
import type { ApiKey } from "../../../src/identity/api-key.ts";
import type { Store } from "../../../src/identity/store.ts";
import { apiKey, at, moments, session, texts, user, winners } from "../sample.ts";
import type { It } from "./it.ts";

const ada = user("ada");
const bob = user("bob");

export function apiKeyContract(plain: It): void {
  const it: It = (sentence, run) =>
    plain(sentence, async (store) => {
      await store.write(async (tx) => {
        for (const one of [ada, bob]) await tx.users.insert(one);
        for (const name of ["one", "two"]) await tx.sessions.insert(session(name, ada, { kind: "api_key" }));
      });
      await run(store);
    });

  for (const [name, text] of Object.entries(texts))
    it(`every column comes back as it went in: ${name}`, async (store) => {
      const full: ApiKey = {
        tokenHash: text,
        id: `key_${text}`,
        userId: ada.id,
        name: text,
        prefix: text,
        scopes: ["profile:read", "forward:auth"],
        createdAt: at(0.001),
        lastUsedAt: at(0.002),
        expiresAt: at(0.003),
        sessionId: "ses_one",
      };
      await insert(store, full, apiKey("bare", bob, { scopes: [] }));
      expect(await store.read.apiKeys.check(text)).toEqual({ key: full, user: ada });
      expect(await store.read.apiKeys.checkId(full.id)).toEqual({ key: full, user: ada });
      expect(await store.read.apiKeys.check("hash_bare")).toEqual({
        key: apiKey("bare", bob, { scopes: [] }),
        user: bob,
      });
      for (const wrong of ["hash_BARE", "hash_bar", "hash_bare "])
        expect(await store.read.apiKeys.check(wrong)).toBeNull();
      expect(await store.read.apiKeys.checkId("key_BARE")).toBeNull();
    });

  it("dates keep their milliseconds, long ago and far ahead", async (store) => {
    for (const [n, moment] of moments.entries()) {
      const one = apiKey(`k${n}`, ada, { createdAt: moment, lastUsedAt: moment, expiresAt: moment });
      await insert(store, one);
      expect((await store.read.apiKeys.checkId(one.id))?.key).toEqual(one);
    }
  });

  it("an account's keys are listed newest first and counted, and no other account's", async (store) => {
    const [a, b, c] = [
      apiKey("a", ada),
      apiKey("b", ada, { createdAt: at(2), expiresAt: at(3) }),
      apiKey("c", bob),
    ];
    await insert(store, a, b, c);
    expect(await store.read.apiKeys.list(ada.id)).toEqual([b, a]);
    expect(await store.read.apiKeys.list("usr_nobody")).toEqual([]);
    const counts = [ada.id, bob.id, "usr_nobody"].map((id) => store.read.apiKeys.count(id));
    expect(await Promise.all(counts)).toEqual([2, 1, 0]);
  });

  it("a key is deleted once, by its owner", async (store) => {
    await insert(store, apiKey("a", ada), apiKey("b", ada));
    const remove = (userId: string) => store.write((tx) => tx.apiKeys.delete("key_a", userId));
    expect(await remove(bob.id)).toBeNull();
    expect(await winners(() => remove(ada.id))).toEqual([apiKey("a", ada)]);
    expect(await store.read.apiKeys.check("hash_a")).toBeNull();
    expect(await store.read.apiKeys.list(ada.id)).toEqual([apiKey("b", ada)]);
  });

  it("all of an account's can be deleted, and go with the account", async (store) => {
    await insert(store, apiKey("a", ada), apiKey("b", ada), apiKey("c", bob));
    await store.write((tx) => tx.apiKeys.deleteFor(ada.id));
    expect(await store.read.apiKeys.list(ada.id)).toEqual([]);
    expect(await store.read.apiKeys.check("hash_c")).not.toBeNull();
    await store.write((tx) => tx.users.delete(bob.id));
    expect(await store.read.apiKeys.check("hash_c")).toBeNull();
    expect(await store.read.apiKeys.count(bob.id)).toBe(0);
  });

  it("of fifty at once that give a key its session, one does", async (store) => {
    await insert(store, apiKey("a", ada), apiKey("b", ada));
    const attach = (before: string | null, next: string) =>
      store.write((tx) => tx.apiKeys.attach("key_a", before, next));
    expect(await winners(() => attach(null, "ses_one"))).toEqual([
      apiKey("a", ada, { sessionId: "ses_one" }),
    ]);
    expect(await attach("ses_two", "ses_two")).toBeNull();
    expect(await attach("ses_one", "ses_two")).toEqual(apiKey("a", ada, { sessionId: "ses_two" }));
    const second = store.write((tx) => tx.apiKeys.attach("key_b", null, "ses_two"));
    await expect(second).rejects.toThrow("constraint");
    expect(await store.write((tx) => tx.apiKeys.attach("key_none", null, "ses_one"))).toBeNull();
  });

  it("a key outlives its session", async (store) => {
    await insert(store, apiKey("a", ada, { sessionId: "ses_one" }));
    await store.write((tx) => tx.sessions.end("ses_one", null, at(1)));
    await store.write((tx) => tx.sweep.dead(at(2)));
    expect((await store.read.apiKeys.checkId("key_a"))?.key).toEqual(apiKey("a", ada));
  });

  it("when a key was last used moves on, never back", async (store) => {
    await insert(store, apiKey("a", ada));
    for (const seconds of [5, 3, 9, 9, 8]) await store.write((tx) => tx.apiKeys.seen("key_a", at(seconds)));
    expect((await store.read.apiKeys.checkId("key_a"))?.key.lastUsedAt).toEqual(at(9));
  });

  it("keys that expired before a moment are swept, and no others", async (store) => {
    await insert(store, apiKey("a", ada, { expiresAt: at(5) }), apiKey("b", ada, { expiresAt: at(6) }));
    await insert(store, apiKey("c", ada));
    await store.write((tx) => tx.sweep.dead(at(6)));
    expect((await store.read.apiKeys.list(ada.id)).map(({ id }) => id).sort()).toEqual(["key_b", "key_c"]);
  });

  it("a key belongs to an account and to a session that are there, and one hash to one key", async (store) => {
    await insert(store, apiKey("a", ada));
    for (const wrong of [
      apiKey("b", { id: "usr_nobody" }),
      apiKey("b", ada, { sessionId: "ses_none" }),
      apiKey("b", ada, { tokenHash: "hash_a" }),
      apiKey("b", ada, { id: "key_a" }),
    ])
      await expect(insert(store, wrong)).rejects.toThrow("constraint");
    expect(await store.read.apiKeys.list(ada.id)).toEqual([apiKey("a", ada)]);
  });
}

const insert = (store: Store, ...keys: ApiKey[]): Promise<void> =>
  store.write(async (tx) => {
    for (const key of keys) await tx.apiKeys.insert(key);
  });
