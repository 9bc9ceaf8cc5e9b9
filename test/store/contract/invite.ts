import { expect } from "bun:test";
import type { Invite } from "../../../src/identity/invite.ts";
import type { Store } from "../../../src/identity/store.ts";
import { all, at, day, hour, invite, moments, range, texts, winners } from "../sample.ts";
import type { It } from "./it.ts";

export function inviteContract(it: It): void {
  for (const [name, text] of Object.entries(texts))
    it(`every column comes back as it went in: ${name}`, async (store) => {
      const full: Invite = {
        id: text,
        tokenHash: `hash${text}`,
        email: text,
        role: "admin",
        createdBy: text,
        createdAt: at(0.001),
        expiresAt: at(0.002),
        uses: 2_147_483_648,
        usesLeft: 7,
      };
      await insert(store, full, invite("bare"));
      expect(await store.read.invites.findByToken(full.tokenHash)).toEqual(full);
      expect(await store.read.invites.findByToken("hash_bare")).toEqual(invite("bare"));
      expect(await store.read.invites.findByToken("hash_BARE")).toBeNull();
    });

  it("dates keep their milliseconds, long ago and far ahead", async (store) => {
    for (const [n, moment] of moments.entries()) {
      const one = invite(`i${n}`, { createdAt: moment, expiresAt: moment });
      await insert(store, one);
      expect(await store.read.invites.findByToken(one.tokenHash)).toEqual(one);
    }
  });

  it("each use leaves one less, until none is left", async (store) => {
    await insert(store, invite("a", { uses: 2, usesLeft: 2 }), invite("b"));
    expect(await use(store, "a", 1)).toEqual(invite("a", { uses: 2, usesLeft: 1 }));
    expect(await use(store, "a", 2)).toEqual(invite("a", { uses: 2, usesLeft: 0 }));
    expect(await use(store, "a", 3)).toBeNull();
    expect(await use(store, "none", 1)).toBeNull();
    expect(await store.read.invites.findByToken("hash_a")).toEqual(invite("a", { uses: 2, usesLeft: 0 }));
    expect(await store.read.invites.findByToken("hash_b")).toEqual(invite("b"));
  });

  it("an expired one is not used, from its last moment on", async (store) => {
    await insert(store, invite("a"));
    expect(await use(store, "a", day)).toBeNull();
    expect((await store.read.invites.findByToken("hash_a"))?.usesLeft).toBe(1);
    expect(await use(store, "a", day - 0.001)).not.toBeNull();
  });

  for (const uses of [1, 3, 50, 60])
    it(`of fifty at once with an invitation for ${uses}, ${Math.min(uses, 50)} are let in`, async (store) => {
      await insert(store, invite("a", { uses, usesLeft: uses }));
      const won = await winners((n) => use(store, "a", n));
      expect(won).toHaveLength(Math.min(uses, 50));
      expect(new Set(won.map(({ usesLeft }) => usesLeft)).size).toBe(won.length);
      expect((await store.read.invites.findByToken("hash_a"))?.usesLeft).toBe(Math.max(uses - 50, 0));
    });

  it("of fifty at once that use it or delete it, none uses it after it was deleted", async (store) => {
    await insert(store, invite("a", { uses: 50, usesLeft: 50 }));
    const order: string[] = [];
    await Promise.all(
      range(50).map(async (n) => {
        if (n === 20) {
          await store.write((tx) => tx.invites.delete("inv_a"));
          order.push("deleted");
        } else if (await use(store, "a", 1)) order.push("used");
      }),
    );
    expect(order.at(-1)).toBe("deleted");
    expect(await store.read.invites.findByToken("hash_a")).toBeNull();
  });

  it("of fifty at once that delete it, one does", async (store) => {
    await insert(store, invite("a"), invite("b"));
    const won = await winners(() => store.write((tx) => tx.invites.delete("inv_a")));
    expect(won).toEqual([invite("a")]);
    expect(await store.read.invites.findByToken("hash_b")).toEqual(invite("b"));
  });

  it("those that can still be accepted are listed, the newest first, a piece at a time", async (store) => {
    await insert(
      store,
      ...["c", "a", "d", "b"].map((name) => invite(name)),
      invite("used-up", { usesLeft: 0 }),
      invite("expired", { expiresAt: at(hour) }),
      invite("nearly", { expiresAt: at(hour + 0.001) }),
    );
    const ids = async (after: string | null, limit: number) =>
      (await store.read.invites.list({ after, limit }, at(hour))).map(({ id }) => id);
    expect(await ids(null, 2)).toEqual(["inv_nearly", "inv_d"]);
    expect(await ids("inv_d", 2)).toEqual(["inv_c", "inv_b"]);
    expect(await ids("inv_b", 2)).toEqual(["inv_a"]);
    expect(await ids("inv_a", 2)).toEqual([]);
    const [first] = await store.read.invites.list(all, at(hour));
    expect(first).toEqual(invite("nearly", { expiresAt: at(hour + 0.001) }));
  });

  it("what one admin invited falls together, and no other's", async (store) => {
    await insert(
      store,
      invite("a1", { createdBy: "usr_ada" }),
      invite("a2", { createdBy: "usr_ada", usesLeft: 0 }),
      invite("b", { createdBy: "usr_bob" }),
      invite("host"),
    );
    await store.write((tx) => tx.invites.deleteBy("usr_ada"));
    const left = (await store.read.invites.list(all, at(1))).map(({ id }) => id);
    expect(left).toEqual(["inv_host", "inv_b"]);
    expect(await store.read.invites.findByToken("hash_a2")).toBeNull();
  });
}

async function insert(store: Store, ...invites: Invite[]): Promise<void> {
  await store.write(async (tx) => {
    for (const one of invites) await tx.invites.insert(one);
  });
}

const use = (store: Store, name: string, seconds: number): Promise<Invite | null> =>
  store.write((tx) => tx.invites.use(`hash_${name}`, at(seconds)));
