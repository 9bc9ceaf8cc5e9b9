import { expect } from "bun:test";
import type { Recovery } from "../../../src/identity/recovery.ts";
import type { Store } from "../../../src/identity/store.ts";
import { at, hour, moments, recovery, texts, user, winners } from "../sample.ts";
import type { It } from "./it.ts";

const ada = user("ada");
const bob = user("bob");

export function recoveryContract(it: It): void {
  for (const [name, text] of Object.entries(texts))
    it(`every column comes back as it went in: ${name}`, async (store) => {
      await people(store);
      const full: Recovery = {
        userId: ada.id,
        tokenHash: text,
        createdBy: text,
        createdAt: at(0.001),
        expiresAt: at(0.002),
      };
      await put(store, full, recovery("bare", bob));
      expect(await store.read.recoveries.findByToken(text)).toEqual(full);
      expect(await store.read.recoveries.findByToken("hash_bare")).toEqual(recovery("bare", bob));
      expect(await store.read.recoveries.findByToken("hash_BARE")).toBeNull();
    });

  it("dates keep their milliseconds, long ago and far ahead", async (store) => {
    await people(store);
    for (const moment of moments) {
      const one = recovery("r", ada, { createdAt: moment, expiresAt: moment });
      await put(store, one);
      expect(await store.read.recoveries.findByToken("hash_r")).toEqual(one);
    }
  });

  it("a new link replaces the account's last one, whole, and no other account's", async (store) => {
    await people(store);
    await put(store, recovery("old", ada, { createdBy: "usr_bob" }), recovery("bobs", bob));
    const next = recovery("new", ada, { createdAt: at(5), expiresAt: at(6) });
    await put(store, next);
    expect(await store.read.recoveries.findByToken("hash_old")).toBeNull();
    expect(await store.read.recoveries.findByToken("hash_new")).toEqual(next);
    expect(await spend(store, "old", 1)).toBeNull();
    expect(await store.read.recoveries.findByToken("hash_bobs")).toEqual(recovery("bobs", bob));
  });

  it("a link is good once, and not from its last moment on", async (store) => {
    await people(store);
    await put(store, recovery("a", ada), recovery("b", bob));
    expect(await spend(store, "a", hour)).toBeNull();
    expect(await spend(store, "none", 1)).toBeNull();
    expect(await spend(store, "a", hour - 0.001)).toEqual(recovery("a", ada));
    expect(await spend(store, "a", 1)).toBeNull();
    expect(await store.read.recoveries.findByToken("hash_a")).toBeNull();
    expect(await store.read.recoveries.findByToken("hash_b")).toEqual(recovery("b", bob));
  });

  it("of fifty at once that spend a link, one does", async (store) => {
    await people(store);
    await put(store, recovery("a", ada));
    expect(await winners((n) => spend(store, "a", n))).toEqual([recovery("a", ada)]);
  });

  it("what was spent in a work that fails is not spent", async (store) => {
    await people(store);
    await put(store, recovery("a", ada));
    const failing = store.write(async (tx) => {
      expect(await tx.recoveries.spend("hash_a", at(1))).not.toBeNull();
      throw new Error("disabled meanwhile");
    });
    await expect(failing).rejects.toThrow("disabled meanwhile");
    expect(await spend(store, "a", 2)).toEqual(recovery("a", ada));
  });

  it("an account's link can be voided, and no other account's is", async (store) => {
    await people(store);
    await put(store, recovery("a", ada), recovery("b", bob));
    await store.write((tx) => tx.recoveries.deleteFor(ada.id));
    expect(await spend(store, "a", 1)).toBeNull();
    expect(await spend(store, "b", 1)).not.toBeNull();
  });

  it("a link belongs to an account that is there, and one token to one account", async (store) => {
    await people(store);
    await put(store, recovery("a", ada));
    for (const wrong of [recovery("b", { id: "usr_nobody" }), { ...recovery("b", bob), tokenHash: "hash_a" }])
      await expect(put(store, wrong)).rejects.toThrow("constraint");
    expect(await store.read.recoveries.findByToken("hash_a")).toEqual(recovery("a", ada));
  });
}

async function people(store: Store): Promise<void> {
  await store.write(async (tx) => {
    for (const one of [ada, bob]) await tx.users.insert(one);
  });
}

async function put(store: Store, ...links: Recovery[]): Promise<void> {
  await store.write(async (tx) => {
    for (const one of links) await tx.recoveries.put(one);
  });
}

const spend = (store: Store, name: string, seconds: number): Promise<Recovery | null> =>
  store.write((tx) => tx.recoveries.spend(`hash_${name}`, at(seconds)));
