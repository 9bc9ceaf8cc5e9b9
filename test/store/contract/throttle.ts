import { expect } from "bun:test";
import type { Store } from "../../../src/identity/store.ts";
import type { ThrottleKey } from "../../../src/identity/throttle.ts";
import { at, moments, range, texts } from "../sample.ts";
import type { It } from "./it.ts";

const key = (subject: string, lane = "stranger"): ThrottleKey => ({ subject, factor: "password", lane });

export function throttleContract(it: It): void {
  for (const [name, text] of Object.entries(texts))
    it(`every column comes back as it went in: ${name}`, async (store) => {
      const strange: ThrottleKey = { subject: text, factor: "mail_code", lane: text };
      await fail(store, strange, 0.001);
      expect(await store.read.throttles.find(strange)).toEqual({
        ...strange,
        failures: 1,
        lastAt: at(0.001),
      });
    });

  it("dates keep their milliseconds, long ago and far ahead", async (store) => {
    for (const moment of moments) {
      await store.write((tx) => tx.throttles.fail(key("a"), moment));
      expect((await store.read.throttles.find(key("a")))?.lastAt).toEqual(moment);
    }
  });

  it("failures are counted apart for every subject, factor and lane, and remember the last", async (store) => {
    const keys = [key("a"), key("b"), key("a", "browser"), { ...key("a"), factor: "second" as const }];
    for (const [n, one] of keys.entries()) for (const m of range(n + 1)) await fail(store, one, 10 * n + m);
    for (const [n, one] of keys.entries())
      expect(await store.read.throttles.find(one)).toEqual({ ...one, failures: n + 1, lastAt: at(11 * n) });
    expect(await store.read.throttles.find(key("nobody"))).toBeNull();
  });

  it("of fifty failures at once none is lost", async (store) => {
    await Promise.all(range(50).map((n) => fail(store, key("a"), n)));
    expect((await store.read.throttles.find(key("a")))?.failures).toBe(50);
  });

  it("a subject is forgotten with every factor and lane, and no other subject", async (store) => {
    const gone = [key("a"), key("a", "browser"), { ...key("a"), factor: "second" as const }];
    for (const one of [...gone, key("b")]) await fail(store, one, 1);
    await store.write((tx) => tx.throttles.clear("a"));
    for (const one of gone) expect(await store.read.throttles.find(one)).toBeNull();
    expect((await store.read.throttles.find(key("b")))?.failures).toBe(1);
    await fail(store, key("a"), 2);
    expect((await store.read.throttles.find(key("a")))?.failures).toBe(1);
  });

  it("what was not touched for long is swept, to the millisecond, and counted", async (store) => {
    for (const [name, seconds] of Object.entries({
      old: 1,
      older: 0,
      "just-old": 9.999,
      edge: 10,
      young: 11,
    }))
      await fail(store, key(name), seconds);
    expect(await store.write((tx) => tx.throttles.sweep(at(10), 100))).toBe(3);
    expect(await left(store, ["old", "older", "just-old", "edge", "young"])).toEqual(["edge", "young"]);
    expect(await store.write((tx) => tx.throttles.sweep(at(10), 100))).toBe(0);
  });

  it("of too many, the oldest are swept until there are no more than may be", async (store) => {
    const names = range(20).map((n) => `s${n}`);
    for (const n of range(20)) await fail(store, key(`s${n}`), 100 + ((n * 7) % 20));
    await fail(store, key("ancient"), 1);
    expect(await store.write((tx) => tx.throttles.sweep(at(10), 5))).toBe(16);
    const kept = names.filter((_, n) => (n * 7) % 20 >= 15);
    expect((await left(store, [...names, "ancient"])).sort()).toEqual(kept.sort());
  });

  it("of too many, what was touched last stays, whatever else its subject has", async (store) => {
    await fail(store, key("a", "browser"), 1);
    for (const [n, name] of ["b", "c"].entries()) await fail(store, key(name), 2 + n);
    await fail(store, key("a"), 100);
    expect(await store.write((tx) => tx.throttles.sweep(at(0), 3))).toBe(1);
    expect(await store.read.throttles.find(key("a", "browser"))).toBeNull();
    expect(await left(store, ["a", "b", "c"])).toEqual(["a", "b", "c"]);
  });
}

const fail = (store: Store, one: ThrottleKey, seconds: number): Promise<void> =>
  store.write((tx) => tx.throttles.fail(one, at(seconds)));

/** Those of `subjects` that are still known among strangers. */
async function left(store: Store, subjects: readonly string[]): Promise<string[]> {
  const known: string[] = [];
  for (const subject of subjects) if (await store.read.throttles.find(key(subject))) known.push(subject);
  return known;
}
