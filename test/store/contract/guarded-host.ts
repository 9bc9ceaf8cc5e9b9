import { expect } from "bun:test";
import { at, range, texts } from "../sample.ts";
import type { It } from "./it.ts";

export function guardedHostContract(it: It): void {
  it("a new house has seen none", async (store) => {
    expect(await store.read.guardedHosts.list()).toEqual([]);
  });

  for (const [name, text] of Object.entries(texts))
    it(`a host comes back as it went in: ${name}`, async (store) => {
      await store.write((tx) => tx.guardedHosts.seen(text, at(1)));
      const one = [{ host: text, firstAt: at(1), lastAt: at(1) }];
      expect(await store.read.guardedHosts.list()).toEqual(one);
      expect(await store.write((tx) => tx.guardedHosts.list())).toEqual(one);
    });

  it("its last time moves on and never back, and its first stays", async (store) => {
    for (const seconds of [5, 9, 7, 1]) await store.write((tx) => tx.guardedHosts.seen("a", at(seconds)));
    expect(await store.read.guardedHosts.list()).toEqual([{ host: "a", firstAt: at(5), lastAt: at(9) }]);
  });

  it("the one seen last comes first, and the latest are kept", async (store) => {
    await store.write(async (tx) => {
      for (const n of range(6)) await tx.guardedHosts.seen(`h${n}`, at(n % 3));
    });
    const order = ["h2", "h5", "h1", "h4", "h0", "h3"];
    const hosts = async () => (await store.read.guardedHosts.list()).map(({ host }) => host);
    expect(await hosts()).toEqual(order);
    await store.write((tx) => tx.guardedHosts.sweep(6));
    expect(await hosts()).toEqual(order);
    await store.write((tx) => tx.guardedHosts.sweep(3));
    expect(await hosts()).toEqual(order.slice(0, 3));
    await store.write((tx) => tx.guardedHosts.sweep(0));
    expect(await hosts()).toEqual([]);
  });

  it("fifty sightings at once of one host are one host", async (store) => {
    await Promise.all(range(50).map((n) => store.write((tx) => tx.guardedHosts.seen("a", at(n)))));
    expect(await store.read.guardedHosts.list()).toEqual([{ host: "a", firstAt: at(0), lastAt: at(49) }]);
  });
}
