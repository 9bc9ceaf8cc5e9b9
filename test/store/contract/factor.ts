/** What second factors and half-finished sign-ins keep to, whatever engine keeps them. */
import { expect } from "bun:test";
import { at, proof, totp, user, winners } from "../sample.ts";
import type { It } from "./it.ts";

const ada = user("ada");
const bob = user("bob");

export function factorContract(plain: It): void {
  const it: It = (sentence, run) =>
    plain(sentence, async (store) => {
      await store.write(async (tx) => {
        await tx.users.insert(ada);
        await tx.users.insert(bob);
      });
      await run(store);
    });

  it("what is pending is confirmed once, by its own secret, in its time", async ({ read, write }) => {
    await write((tx) => tx.totps.put(totp(ada, { pendingUntil: at(900) })));
    expect(await write((tx) => tx.totps.confirm(ada.id, "another", 5, at(1)))).toBeNull();
    expect(await write((tx) => tx.totps.confirm(bob.id, "sealed", 5, at(1)))).toBeNull();
    expect(await write((tx) => tx.totps.confirm(ada.id, "sealed", 5, at(900)))).toBeNull();
    expect(await write((tx) => tx.totps.spendStep(ada.id, 9))).toBeNull();
    const won = await winners(() => write((tx) => tx.totps.confirm(ada.id, "sealed", 5, at(899))));
    expect(won).toEqual([totp(ada, { lastStep: 5 })]);
    expect(await read.totps.find(ada.id)).toEqual(totp(ada, { lastStep: 5 }));
  });

  it("a step is spent once, and with it every step before", async ({ read, write }) => {
    await write((tx) => tx.totps.put(totp(ada, { lastStep: 5 })));
    await write((tx) => tx.totps.put(totp(bob)));
    for (const step of [0, 4, 5]) expect(await write((tx) => tx.totps.spendStep(ada.id, step))).toBeNull();
    expect(await winners(() => write((tx) => tx.totps.spendStep(ada.id, 7)))).toHaveLength(1);
    expect(await write((tx) => tx.totps.spendStep(ada.id, 6))).toBeNull();
    expect((await read.totps.find(ada.id))?.lastStep).toBe(7);
    expect(await read.totps.find(bob.id)).toEqual(totp(bob));
    await write((tx) => tx.totps.delete(ada.id));
    expect([await read.totps.find(ada.id), await read.totps.find(bob.id)]).toEqual([null, totp(bob)]);
  });

  it("a new set of backup codes replaces the old, and each is spent once by its owner", async (store) => {
    const { read, write } = store;
    await write((tx) => tx.backupCodes.replace(ada.id, ["old"]));
    await write((tx) => tx.backupCodes.replace(bob.id, ["a"]));
    await write((tx) => tx.backupCodes.replace(ada.id, ["a", "b", "c"]));
    expect(await write((tx) => tx.backupCodes.spend(ada.id, "old"))).toBeNull();
    expect(await winners(() => write((tx) => tx.backupCodes.spend(ada.id, "a")))).toEqual(["a"]);
    expect([await read.backupCodes.count(ada.id), await read.backupCodes.count(bob.id)]).toEqual([2, 1]);
    await write((tx) => tx.backupCodes.replace(ada.id, []));
    expect(await read.backupCodes.count(ada.id)).toBe(0);
  });

  it("a proof is spent once, for its own purpose, in its time", async ({ read, write }) => {
    await write((tx) => tx.proofs.insert(proof("p", ada, { methods: ["pwd", "totp"], tries: 1 })));
    expect(await read.proofs.find("hash_p")).toEqual(proof("p", ada, { methods: ["pwd", "totp"], tries: 1 }));
    expect(await write((tx) => tx.proofs.spend("hash_p", "passkey", at(1)))).toBeNull();
    expect(await write((tx) => tx.proofs.spend("hash_p", "second", at(300)))).toBeNull();
    expect(await winners(() => write((tx) => tx.proofs.spend("hash_p", "second", at(299))))).toHaveLength(1);
    expect(await read.proofs.find("hash_p")).toBeNull();
  });

  it("wrong codes are counted, and the last one ends the proof", async ({ read, write }) => {
    await write((tx) => tx.proofs.insert(proof("p", ada)));
    await write((tx) => tx.proofs.insert(proof("q", ada)));
    for (const n of [1, 2, 3, 4]) {
      expect(await write((tx) => tx.proofs.fail("hash_p", 5))).toBe(false);
      expect((await read.proofs.find("hash_p"))?.tries).toBe(n);
    }
    expect(await write((tx) => tx.proofs.fail("hash_p", 5))).toBe(true);
    expect(await read.proofs.find("hash_p")).toBeNull();
    expect((await read.proofs.find("hash_q"))?.tries).toBe(0);
  });

  it("proofs go with their account, with its voiding and with their time", async ({ read, write }) => {
    await write(async (tx) => {
      await tx.proofs.insert(proof("a", ada));
      await tx.proofs.insert(proof("b", bob));
      await tx.proofs.insert(proof("late", bob, { expiresAt: at(10) }));
      await tx.proofs.deleteFor(ada.id);
      await tx.proofs.sweep(at(10));
    });
    const left = await Promise.all(["a", "b", "late"].map((name) => read.proofs.find(`hash_${name}`)));
    expect(left.map((one) => one?.tokenHash ?? null)).toEqual([null, "hash_b", null]);
    await write(async (tx) => {
      await tx.totps.put(totp(bob));
      await tx.backupCodes.replace(bob.id, ["a"]);
      await tx.users.delete(bob.id);
    });
    expect([await read.proofs.find("hash_b"), await read.totps.find(bob.id)]).toEqual([null, null]);
    expect(await read.backupCodes.count(bob.id)).toBe(0);
  });
}
