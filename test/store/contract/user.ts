import { expect } from "bun:test";
import type { Store } from "../../../src/identity/store.ts";
import type { User } from "../../../src/identity/user.ts";
import { at, moments, texts, user, winners } from "../sample.ts";
import type { It } from "./it.ts";

export function userContract(it: It): void {
  for (const [name, text] of Object.entries(texts))
    it(`every column comes back as it went in: ${name}`, async (store) => {
      const full: User = {
        id: `usr${text}`,
        username: text,
        email: text,
        emailVerified: true,
        name: text,
        role: "admin",
        passwordHash: text,
        disabledAt: at(1.001),
        createdAt: at(0.999),
        twoFactorAt: at(2.003),
      };
      expect(await insert(store, full)).toEqual(full);
      expect(await store.read.users.find(full.id)).toEqual(full);
      expect(await store.read.users.findByUsername(text)).toEqual(full);
      expect(await store.read.users.findByEmail(text)).toEqual(full);
      for (const by of ["username", "email"] as const) {
        expect(await store.read.users.findId(by, text)).toBe(full.id);
        expect(await store.read.users.findId(by, `${text}x`)).toBeNull();
      }
    });

  it("what is not set comes back as null", async (store) => {
    const bare = user("bare");
    expect(await insert(store, bare)).toEqual(bare);
    expect(await store.read.users.find(bare.id)).toEqual(bare);
  });

  it("dates keep their milliseconds, long ago and far ahead", async (store) => {
    for (const [n, moment] of moments.entries()) {
      const one = user(`u${n}`, { createdAt: moment, disabledAt: moment });
      await insert(store, one);
      expect(await store.read.users.find(one.id)).toEqual(one);
    }
  });

  it("nobody is found under a name that nobody has, or only almost", async (store) => {
    await insert(store, user("ada", { email: "ada@example.com" }));
    for (const name of ["", "ad", "ada ", "Ada", "ada%", "a_a", "usr_ada"])
      expect([name, await store.read.users.findByUsername(name)]).toEqual([name, null]);
    expect(await store.read.users.findByEmail("ADA@example.com")).toBeNull();
    expect(await store.read.users.findByEmail("ada")).toBeNull();
    expect(await store.read.users.find("ada")).toBeNull();
  });

  const conflicts: Record<string, Partial<User>> = {
    id: { username: "other", email: "other@example.com" },
    username: { id: "usr_other", email: "other@example.com" },
    address: { id: "usr_other", username: "other" },
  };
  for (const [name, difference] of Object.entries(conflicts))
    it(`an account with a taken ${name} is not made, and the owner's stays as it is`, async (store) => {
      const ada = user("ada", { email: "ada@example.com", name: "Ada" });
      await insert(store, ada);
      expect(await insert(store, { ...ada, name: "Not Ada", ...difference })).toBeNull();
      expect(await store.read.users.count()).toBe(1);
      expect(await store.read.users.find(ada.id)).toEqual(ada);
    });

  it("a name that is taken does not undo the rest of its work", async (store) => {
    await insert(store, user("ada"));
    await store.write(async (tx) => {
      await tx.users.insert(user("bob"));
      expect(await tx.users.insert({ ...user("ada"), id: "usr_other" })).toBeNull();
      await tx.users.insert(user("eve"));
    });
    expect(await store.read.users.count()).toBe(3);
  });

  it("accounts without an address do not collide", async (store) => {
    expect(await insert(store, user("ada"))).not.toBeNull();
    expect(await insert(store, user("bob"))).not.toBeNull();
  });

  it("of fifty accounts at once with one username, one is made", async (store) => {
    const made = await winners((n) => insert(store, { ...user("ada"), id: `usr_${n}` }));
    expect(made).toHaveLength(1);
    expect(await store.read.users.findByUsername("ada")).toEqual(made[0] ?? null);
    expect(await store.read.users.count()).toBe(1);
  });

  it("of fifty accounts at once with one address, one is made", async (store) => {
    const made = await winners((n) => insert(store, user(`ada${n}`, { email: "ada@example.com" })));
    expect(made).toHaveLength(1);
    expect(await store.read.users.count()).toBe(1);
  });

  it("a password is set only over the one that was expected", async (store) => {
    await insert(store, user("ada"));
    await insert(store, user("bob"));
    const set = (expected: string | null, next: string, id = "usr_ada") =>
      store.write((tx) => tx.users.setPassword(id, expected, next));

    expect(await set("old", "new")).toBeNull();
    expect(await set(null, "first")).toEqual(user("ada", { passwordHash: "first" }));
    expect(await set(null, "second")).toBeNull();
    expect(await set("", "second")).toBeNull();
    expect(await set("first", "second")).toEqual(user("ada", { passwordHash: "second" }));
    expect(await set("first", "third")).toBeNull();
    expect(await set(null, "third", "usr_nobody")).toBeNull();
    expect(await store.read.users.find("usr_ada")).toEqual(user("ada", { passwordHash: "second" }));
    expect(await store.read.users.find("usr_bob")).toEqual(user("bob"));
  });

  for (const expected of [null, "old"])
    it(`of fifty at once that set a password over ${expected ?? "none"}, one wins`, async (store) => {
      await insert(store, user("ada", { passwordHash: expected }));
      const won = await winners((n) =>
        store.write((tx) => tx.users.setPassword("usr_ada", expected, `new${n}`)),
      );
      expect(won).toHaveLength(1);
      expect(await store.read.users.find("usr_ada")).toEqual(won[0] ?? null);
    });

  it("accounts of every kind are counted, and an admin is one even when disabled", async (store) => {
    expect(await store.read.users.count()).toBe(0);
    expect(await store.read.users.hasAdmin()).toBe(false);
    await insert(store, user("bob"));
    expect(await store.read.users.hasAdmin()).toBe(false);
    await insert(store, user("ada", { role: "admin", disabledAt: at(1) }));
    await insert(store, user("eve", { disabledAt: at(1) }));
    expect(await store.read.users.count()).toBe(3);
    expect(await store.read.users.hasAdmin()).toBe(true);
  });
}

const insert = (store: Store, row: User): Promise<User | null> => store.write((tx) => tx.users.insert(row));
