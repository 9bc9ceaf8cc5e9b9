import { expect } from "bun:test";
import type { BootstrapToken } from "../../../src/identity/bootstrap.ts";
import type { Store } from "../../../src/identity/store.ts";
import { at, bootstrapToken, day, hour, moments, range, texts, winners } from "../sample.ts";
import type { It } from "./it.ts";

export function bootstrapContract(it: It): void {
  for (const [name, text] of Object.entries(texts))
    it(`every column comes back as it went in: ${name}`, async (store) => {
      const full: BootstrapToken = {
        id: text,
        tokenHash: `hash${text}`,
        kind: "first_run",
        note: text,
        createdBy: text,
        createdAt: at(0.001),
        expiresAt: at(0.002),
        spentAt: at(0.003),
      };
      await insert(store, full, bootstrapToken("bare"));
      expect(await store.read.bootstraps.find(full.tokenHash)).toEqual(full);
      expect(await store.read.bootstraps.find("hash_bare")).toEqual(bootstrapToken("bare"));
      expect(await store.read.bootstraps.find("hash_BARE")).toBeNull();
    });

  it("dates keep their milliseconds, long ago and far ahead", async (store) => {
    for (const [n, moment] of moments.entries()) {
      const token = bootstrapToken(`t${n}`, { createdAt: moment, expiresAt: moment, spentAt: moment });
      await insert(store, token);
      expect(await store.read.bootstraps.find(token.tokenHash)).toEqual(token);
    }
  });

  it("a live token is spent once", async (store) => {
    await insert(store, bootstrapToken("a"), bootstrapToken("b"));
    const spent = bootstrapToken("a", { spentAt: at(1) });
    expect(await spend(store, "a", 1)).toEqual(spent);
    expect(await spend(store, "a", 2)).toBeNull();
    expect(await spend(store, "none", 1)).toBeNull();
    expect(await store.read.bootstraps.find("hash_a")).toEqual(spent);
    expect(await store.read.bootstraps.find("hash_b")).toEqual(bootstrapToken("b"));
  });

  it("an expired token is not spent, from its last moment on", async (store) => {
    await insert(store, bootstrapToken("a"));
    expect(await spend(store, "a", day + 1)).toBeNull();
    expect(await spend(store, "a", day)).toBeNull();
    expect((await store.read.bootstraps.find("hash_a"))?.spentAt).toBeNull();
    expect(await spend(store, "a", day - 0.001)).not.toBeNull();
  });

  it("of fifty at once that spend a token, one does", async (store) => {
    await insert(store, bootstrapToken("a"));
    const won = await winners((n) => spend(store, "a", n));
    expect(won).toHaveLength(1);
    expect(await store.read.bootstraps.find("hash_a")).toEqual(won[0] ?? null);
  });

  it("what was spent in a work that fails is not spent", async (store) => {
    await insert(store, bootstrapToken("a"));
    const failing = store.write(async (tx) => {
      expect(await tx.bootstraps.spend("hash_a", at(1))).not.toBeNull();
      throw new Error("the name is taken");
    });
    await expect(failing).rejects.toThrow("the name is taken");
    expect(await spend(store, "a", 2)).toEqual(bootstrapToken("a", { spentAt: at(2) }));
  });

  it("the end of an unspent token can be moved, and only that one's", async (store) => {
    await insert(
      store,
      bootstrapToken("a"),
      bootstrapToken("b"),
      bootstrapToken("spent", { spentAt: at(1) }),
    );
    const renew = (name: string) => store.write((tx) => tx.bootstraps.renew(`hash_${name}`, at(2 * day)));
    for (const name of ["a", "spent", "none"]) await renew(name);
    const ends = await Promise.all(
      ["a", "b", "spent"].map(async (name) => (await store.read.bootstraps.find(`hash_${name}`))?.expiresAt),
    );
    expect(ends).toEqual([at(2 * day), at(day), at(day)]);
  });

  it("of a spending and fifty renewals at once, the spent token keeps the end it was spent with", async (store) => {
    await insert(store, bootstrapToken("a"));
    const spending = await Promise.all(
      range(50).map(async (n) => {
        if (n === 25) return spend(store, "a", 1);
        await store.write((tx) => tx.bootstraps.renew("hash_a", at(day + n)));
        return null;
      }),
    );
    const [spent] = spending.filter((token) => token !== null);
    expect(spent?.spentAt).toEqual(at(1));
    expect(await store.read.bootstraps.find("hash_a")).toEqual(spent ?? null);
  });

  it("tokens that were minted and still work are listed, the newest first", async (store) => {
    await insert(
      store,
      bootstrapToken("a"),
      bootstrapToken("c", { createdBy: "usr_ada", note: "for Bob" }),
      bootstrapToken("b"),
      bootstrapToken("first", { kind: "first_run" }),
      bootstrapToken("spent", { spentAt: at(1) }),
      bootstrapToken("expired", { expiresAt: at(hour) }),
      bootstrapToken("nearly", { expiresAt: at(hour + 0.001) }),
    );
    expect(await store.read.bootstraps.list(at(hour))).toEqual([
      bootstrapToken("nearly", { expiresAt: at(hour + 0.001) }),
      bootstrapToken("c", { createdBy: "usr_ada", note: "for Bob" }),
      bootstrapToken("b"),
      bootstrapToken("a"),
    ]);
  });

  it("a minted token can be taken back once, as long as nobody spent it", async (store) => {
    await insert(
      store,
      bootstrapToken("a"),
      bootstrapToken("b"),
      bootstrapToken("spent", { spentAt: at(1) }),
      bootstrapToken("first", { kind: "first_run" }),
    );
    const remove = (name: string) => store.write((tx) => tx.bootstraps.delete(`bst_${name}`));
    expect(await remove("a")).toEqual(bootstrapToken("a"));
    for (const name of ["a", "none", "spent", "first"])
      expect([name, await remove(name)]).toEqual([name, null]);
    expect(await store.read.bootstraps.find("hash_a")).toBeNull();
    for (const name of ["b", "spent", "first"])
      expect(await store.read.bootstraps.find(`hash_${name}`)).not.toBeNull();
  });

  it("of fifty at once that spend a token or take it back, one wins", async (store) => {
    await insert(store, bootstrapToken("a"));
    const won = await winners((n) =>
      n % 2 === 0 ? spend(store, "a", n) : store.write((tx) => tx.bootstraps.delete("bst_a")),
    );
    expect(won).toHaveLength(1);
  });

  it("what one admin minted and nobody spent is taken back together", async (store) => {
    await insert(
      store,
      bootstrapToken("a", { createdBy: "usr_ada" }),
      bootstrapToken("spent", { createdBy: "usr_ada", spentAt: at(1) }),
      bootstrapToken("b", { createdBy: "usr_bob" }),
      bootstrapToken("host"),
    );
    await store.write((tx) => tx.bootstraps.deleteBy("usr_ada"));
    const left = await Promise.all(
      ["a", "spent", "b", "host"].map(async (name) => (await store.read.bootstraps.find(`hash_${name}`))?.id),
    );
    expect(left).toEqual([undefined, "bst_spent", "bst_b", "bst_host"]);
  });

  it("first-run tokens are forgotten, spent or not, and no other", async (store) => {
    await insert(
      store,
      bootstrapToken("first", { kind: "first_run" }),
      bootstrapToken("spent", { kind: "first_run", spentAt: at(1) }),
      bootstrapToken("admin"),
    );
    await store.write((tx) => tx.bootstraps.deleteFirstRun());
    expect(await store.read.bootstraps.find("hash_first")).toBeNull();
    expect(await store.read.bootstraps.find("hash_spent")).toBeNull();
    expect(await store.read.bootstraps.find("hash_admin")).toEqual(bootstrapToken("admin"));
  });
}

async function insert(store: Store, ...tokens: BootstrapToken[]): Promise<void> {
  await store.write(async (tx) => {
    for (const token of tokens) await tx.bootstraps.insert(token);
  });
}

const spend = (store: Store, name: string, seconds: number): Promise<BootstrapToken | null> =>
  store.write((tx) => tx.bootstraps.spend(`hash_${name}`, at(seconds)));
