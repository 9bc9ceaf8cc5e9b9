import { expect } from "bun:test";
import type { Store } from "../../../src/identity/store.ts";
import type { User } from "../../../src/identity/user.ts";
import { all, at, auditEntry, invite, range, recovery, session, user, winners } from "../sample.ts";
import type { It } from "./it.ts";

const ada = user("ada", { email: "ada@example.com", name: "Ada Lovelace" });
const bob = user("bob");

export function userListContract(it: It): void {
  it("every column but the identifier can be changed, and nobody else's row is", async (store) => {
    await insert(store, ada, bob);
    const changed: User = {
      id: ada.id,
      username: "countess",
      email: "countess@example.com",
      emailVerified: true,
      name: "Augusta",
      role: "admin",
      passwordHash: "hash",
      disabledAt: at(1.001),
      createdAt: at(2.002),
      twoFactorAt: at(3.003),
    };
    const { id: _, ...changes } = changed;
    expect(await update(store, ada.id, changes)).toEqual(changed);
    expect(await store.read.users.find(ada.id)).toEqual(changed);
    const emptied = { email: null, name: null, passwordHash: null, disabledAt: null };
    expect(await update(store, ada.id, emptied)).toEqual({ ...changed, ...emptied });
    expect(await store.read.users.find(bob.id)).toEqual(bob);
  });

  it("a change that names nothing, or what is there already, answers the account as it is", async (store) => {
    await insert(store, ada, bob);
    expect(await update(store, ada.id, {})).toEqual(ada);
    expect(await update(store, ada.id, { username: ada.username, email: ada.email })).toEqual(ada);
    expect(await update(store, "usr_nobody", {})).toBeNull();
    expect(await update(store, "usr_nobody", { name: "Nobody" })).toBeNull();
  });

  it("a name or an address that is another's is not taken over, and nothing else of the change is kept", async (store) => {
    await insert(store, ada, bob);
    expect(await update(store, bob.id, { username: "ada", role: "admin" })).toBeNull();
    expect(await update(store, bob.id, { email: "ada@example.com", role: "admin" })).toBeNull();
    expect(await store.read.users.find(bob.id)).toEqual(bob);
  });

  it("of fifty accounts at once that want one name, one gets it", async (store) => {
    await insert(store, ...range(50).map((n) => user(`u${n}`)));
    const won = await winners((n) => update(store, `usr_u${n}`, { username: "wanted" }));
    expect(won).toHaveLength(1);
    expect(await store.read.users.findByUsername("wanted")).toEqual(won[0] ?? null);
  });

  it("what belongs to an account goes with it, and what is about it stays", async (store) => {
    await insert(store, ada, bob);
    await store.write(async (tx) => {
      for (const owner of [ada, bob]) {
        await tx.sessions.insert(session(owner.username, owner));
        await tx.known.note(owner.id, "address", "::1", at(0));
        await tx.recoveries.put(recovery(`r-${owner.username}`, owner));
      }
      await tx.audit.append(auditEntry("a", { userId: ada.id }));
      await tx.invites.insert(invite("i", { createdBy: ada.id }));
    });
    await store.write((tx) => tx.users.delete(ada.id));
    const left = async (owner: User) => [
      await store.read.users.find(owner.id),
      await store.read.sessions.check(`hash_${owner.username}`),
      await store.read.known.find(owner.id, "address", "::1"),
      await store.read.recoveries.findByToken(`hash_r-${owner.username}`),
    ];
    expect(await left(ada)).toEqual([null, null, null, null]);
    expect(await left(bob)).not.toContain(null);
    expect(await store.read.audit.list({ userId: ada.id, event: null }, all)).toHaveLength(1);
    expect(await store.read.invites.findByToken("hash_i")).not.toBeNull();
    await store.write((tx) => tx.users.delete("usr_nobody"));
    expect(await store.read.users.count()).toBe(1);
  });

  it("a house has a live admin as long as one of its admins may sign in", async (store) => {
    await insert(store, user("member"), user("disabled", { role: "admin", disabledAt: at(1) }));
    expect(await store.read.users.hasLiveAdmin()).toBe(false);
    await insert(store, user("admin", { role: "admin" }));
    expect(await store.read.users.hasLiveAdmin()).toBe(true);
  });

  it("accounts are listed in the order of their identifiers, a piece at a time, none twice", async (store) => {
    const names = range(25).map((n) => `u${String((n * 7) % 25).padStart(2, "0")}`);
    await insert(store, ...names.map((name) => user(name)));
    const seen: User[] = [];
    let after: string | null = null;
    for (const length of [10, 10, 5, 0]) {
      const piece: User[] = await store.read.users.list(null, { after, limit: 10 });
      expect(piece).toHaveLength(length);
      seen.push(...piece);
      after = piece.at(-1)?.id ?? after;
    }
    expect(seen).toEqual(names.sort().map((name) => user(name)));
  });

  it("an account is found by a part of its username, address or name, in any case", async (store) => {
    await insert(store, ada, bob, user("percent", { name: "100 %_\\ real" }));
    const found: Record<string, string[]> = {
      ad: ["ada"],
      ADA: ["ada"],
      "a@EX": ["ada"],
      lovelace: ["ada"],
      "a l": ["ada"],
      b: ["bob"],
      "": ["ada", "bob", "percent"],
      "%": ["percent"],
      _: ["percent"],
      "\\": ["percent"],
      "%_\\": ["percent"],
      "a%a": [],
      b_b: [],
      "'": [],
      usr_: [],
      nobody: [],
    };
    for (const [q, names] of Object.entries(found)) {
      const listed = await store.read.users.list(q, all);
      expect([q, listed.map(({ username }) => username)]).toEqual([q, names]);
    }
    expect(await store.read.users.list("ad", { after: ada.id, limit: 10 })).toEqual([]);
  });

  it("an account is found by a part of its name in any script", async (store) => {
    await insert(store, user("asa", { name: "Åsa Öberg" }), user("zoya", { name: "Зоя" }));
    for (const [q, name] of [
      ["Åsa", "asa"],
      ["öberg", "asa"],
      ["Зоя", "zoya"],
      ["зоя", "zoya"],
    ] as const) {
      const listed = await store.read.users.list(q, all);
      expect([q, listed.map(({ username }) => username)]).toEqual([q, [name]]);
    }
  });
}

async function insert(store: Store, ...rows: User[]): Promise<void> {
  await store.write(async (tx) => {
    for (const row of rows) await tx.users.insert(row);
  });
}

const update = (store: Store, id: string, changes: Partial<User>): Promise<User | null> =>
  store.write((tx) => tx.users.update(id, changes));
