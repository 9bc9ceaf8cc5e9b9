import { expect } from "bun:test";
import type { KnownKind } from "../../../src/identity/known.ts";
import type { Store } from "../../../src/identity/store.ts";
import { at, moments, range, texts, user } from "../sample.ts";
import type { It } from "./it.ts";

const ada = user("ada").id;
const bob = user("bob").id;

export function knownContract(it: It): void {
  for (const [name, text] of Object.entries(texts))
    it(`every column comes back as it went in: ${name}`, async (store) => {
      await people(store, "ada", "bob");
      await note(store, ada, "browser", text, at(0.001));
      expect(await store.read.known.find(ada, "browser", text)).toEqual({
        userId: ada,
        kind: "browser",
        mark: text,
        firstAt: at(0.001),
        lastAt: at(0.001),
      });
    });

  it("dates keep their milliseconds, long ago and far ahead", async (store) => {
    await people(store, "ada");
    for (const [n, moment] of moments.entries()) {
      await note(store, ada, "address", `${n}`, moment);
      expect(await store.read.known.find(ada, "address", `${n}`)).toMatchObject({
        firstAt: moment,
        lastAt: moment,
      });
    }
  });

  it("a place is known to its account, as its kind, and under no other mark", async (store) => {
    await people(store, "ada", "bob");
    await note(store, ada, "browser", "mark", at(1));
    expect(await store.read.known.find(bob, "browser", "mark")).toBeNull();
    expect(await store.read.known.find(ada, "address", "mark")).toBeNull();
    expect(await store.read.known.find(ada, "browser", "Mark")).toBeNull();
  });

  it("what is written down is no place, and kinds are forgotten by their name, of one account", async (store) => {
    await people(store, "ada", "bob");
    await note(store, ada, "written", "ada@example.com", at(1));
    expect(await store.read.known.any(ada)).toBe(false);
    for (const who of [ada, bob])
      for (const kind of ["address", "browser", "written"] as const)
        await note(store, who, kind, "mark", at(1));
    expect(await store.read.known.any(ada)).toBe(true);
    await store.write((tx) => tx.known.forget(ada, ["written", "browser"]));
    const left = async (who: string) => {
      const found = [];
      for (const kind of ["address", "browser", "written"] as const)
        if (await store.read.known.find(who, kind, "mark")) found.push(kind);
      return found;
    };
    expect([await left(ada), await left(bob)]).toEqual([["address"], ["address", "browser", "written"]]);
  });

  it("a place that is known already keeps its first time and gets a new last one", async (store) => {
    await people(store, "ada", "bob");
    for (const who of [ada, bob]) await note(store, who, "address", "10.0.0.1", at(1));
    await note(store, ada, "address", "10.0.0.2", at(1));
    await note(store, ada, "address", "10.0.0.1", at(5));
    const times = async (who: string, mark: string) => {
      const found = await store.read.known.find(who, "address", mark);
      return [found?.firstAt, found?.lastAt];
    };
    expect(await times(ada, "10.0.0.1")).toEqual([at(1), at(5)]);
    expect(await times(ada, "10.0.0.2")).toEqual([at(1), at(1)]);
    expect(await times(bob, "10.0.0.1")).toEqual([at(1), at(1)]);
  });

  it("of fifty at once that note one place, none fails and one is the first", async (store) => {
    await people(store, "ada");
    await Promise.all(range(50).map((n) => note(store, ada, "address", "10.0.0.1", at(n))));
    const found = await store.read.known.find(ada, "address", "10.0.0.1");
    const times = range(50).map((n) => at(n).getTime());
    expect(times).toContain(found?.firstAt.getTime() ?? -1);
    expect(times).toContain(found?.lastAt.getTime() ?? -1);
  });

  it("who knew the old browser knows the new one, and still the old one", async (store) => {
    await people(store, "ada", "bob", "eve");
    for (const who of [ada, bob]) await note(store, who, "browser", "old", at(1));
    await note(store, "usr_eve", "browser", "another", at(1));
    // An address that looks like the mark is no browser.
    await note(store, "usr_eve", "address", "old", at(1));
    await inherit(store, "old", "new", 16);
    for (const who of [ada, bob]) {
      expect(await store.read.known.find(who, "browser", "new")).toEqual({
        userId: who,
        kind: "browser",
        mark: "new",
        firstAt: at(9),
        lastAt: at(9),
      });
      expect(await store.read.known.find(who, "browser", "old")).toMatchObject({ lastAt: at(1) });
    }
    expect(await store.read.known.find("usr_eve", "browser", "new")).toBeNull();
    expect(await store.read.known.find(ada, "address", "new")).toBeNull();
  });

  it("when too many shared a browser, those who used it last inherit", async (store) => {
    const names = range(20).map((n) => `u${String(n).padStart(2, "0")}`);
    await people(store, ...names);
    // Noted in an order that is neither the accounts' nor the times'.
    for (const n of range(20).map((n) => (n * 7) % 20))
      await note(store, `usr_${names[n]}`, "browser", "old", at((n * 3) % 20));
    await inherit(store, "old", "new", 16);
    const heirs = [];
    for (const n of range(20))
      if (await store.read.known.find(`usr_${names[n]}`, "browser", "new")) heirs.push((n * 3) % 20);
    expect(heirs.sort((a, b) => a - b)).toEqual(range(20).slice(4));
  });

  it("a browser that is known already is inherited without losing its times", async (store) => {
    await people(store, "ada", "bob");
    for (const who of [ada, bob]) await note(store, who, "browser", "old", at(1));
    await note(store, ada, "browser", "new", at(2));
    await inherit(store, "old", "new", 16);
    expect(await store.read.known.find(ada, "browser", "new")).toMatchObject({
      firstAt: at(2),
      lastAt: at(2),
    });
    expect(await store.read.known.find(bob, "browser", "new")).toMatchObject({ firstAt: at(9) });
  });

  it("of fifty at once that hand one browser on, none fails and everybody inherits once", async (store) => {
    await people(store, "ada", "bob");
    for (const who of [ada, bob]) await note(store, who, "browser", "old", at(1));
    await Promise.all(range(50).map(() => inherit(store, "old", "new", 16)));
    for (const who of [ada, bob])
      expect(await store.read.known.find(who, "browser", "new")).toMatchObject({ firstAt: at(9) });
  });
}

async function people(store: Store, ...names: string[]): Promise<void> {
  await store.write(async (tx) => {
    for (const name of names) await tx.users.insert(user(name));
  });
}

const note = (store: Store, userId: string, kind: KnownKind, mark: string, when: Date): Promise<void> =>
  store.write((tx) => tx.known.note(userId, kind, mark, when));

const inherit = (store: Store, from: string, to: string, most: number): Promise<void> =>
  store.write((tx) => tx.known.inherit(from, to, at(9), most));
