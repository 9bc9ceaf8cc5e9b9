import { expect } from "bun:test";
import { at, texts } from "../sample.ts";
import type { It } from "./it.ts";

export function houseContract(it: It): void {
  it("a new house has neither a key nor an address", async (store) => {
    expect(await store.read.house.keyCheck()).toBeNull();
    expect(await store.read.house.listening()).toBeNull();
  });

  for (const [name, text] of Object.entries(texts))
    it(`its facts come back as they went in, and the last word counts: ${name}`, async (store) => {
      for (const word of ["before", text])
        await store.write(async (tx) => {
          await tx.house.setKeyCheck(word);
          await tx.house.setListening(`http://${word}`);
          await tx.house.beat(at(1));
        });
      expect(await store.read.house.keyCheck()).toBe(text);
      expect(await store.read.house.listening()).toBe(`http://${text}`);
      expect(await store.write((tx) => tx.house.keyCheck())).toBe(text);
    });

  it("it can be written again and again", async (store) => {
    for (const seconds of [1, 2, 2, 1]) await store.write((tx) => tx.house.beat(at(seconds)));
    expect(await store.read.house.keyCheck()).toBeNull();
  });
}
