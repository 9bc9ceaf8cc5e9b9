import { expect } from "bun:test";
import { defaultLifetimes } from "../../../src/identity/policy.ts";
import type { Settings } from "../../../src/identity/settings.ts";
import type { Store } from "../../../src/identity/store.ts";
import { range, texts } from "../sample.ts";
import type { It } from "./it.ts";

export function settingsContract(it: It): void {
  it("a new house has none", async (store) => {
    expect(await store.read.settings.current()).toEqual({});
  });

  for (const [name, text] of Object.entries(texts))
    it(`every setting comes back as it went in: ${name}`, async (store) => {
      const full: Required<Settings> = {
        url: text,
        registration: "invite",
        localLogin: false,
        mailLogin: true,
        lifetimes: defaultLifetimes,
        auditDays: 90,
        forwardBypass: [{ host: text, pathPrefix: `/${text}` }],
        formerHost: { host: text, since: text },
      };
      await put(store, full);
      expect(await store.read.settings.current()).toEqual(full);
      expect(await store.write(async (tx) => tx.settings.current())).toEqual(full);
    });

  it("what is put replaces what it names and leaves the rest", async (store) => {
    await put(store, { url: "http://a.example", localLogin: true, lifetimes: { idle: 60, fresh: 30 } });
    await put(store, { url: "http://b.example", lifetimes: { idle: 90 } });
    await put(store, {});
    expect(await store.read.settings.current()).toEqual({
      url: "http://b.example",
      localLogin: true,
      lifetimes: { idle: 90 },
    });
  });

  it("what is null is forgotten, and what was never set, too", async (store) => {
    await put(store, { url: "http://a.example", formerHost: { host: "b.example", since: "then" } });
    await put(store, { formerHost: null });
    await put(store, { formerHost: null });
    expect(await store.read.settings.current()).toEqual({ url: "http://a.example" });
  });

  it("what a failing work had put is gone, for the work's neighbours too", async (store) => {
    await put(store, { registration: "closed" });
    const failing = store.write(async (tx) => {
      await tx.settings.put({ registration: "open" });
      expect(await tx.settings.current()).toEqual({ registration: "open" });
      throw new Error("no");
    });
    const [, seen] = await Promise.allSettled([failing, store.write(async (tx) => tx.settings.current())]);
    expect(seen).toEqual({ status: "fulfilled", value: { registration: "closed" } });
    expect(await store.read.settings.current()).toEqual({ registration: "closed" });
  });

  it("of fifty changes at once that build on each other, none is lost", async (store) => {
    await put(store, { lifetimes: { idle: 0 } });
    await Promise.all(
      range(50).map(() =>
        store.write(async (tx) => {
          const { lifetimes } = await tx.settings.current();
          await tx.settings.put({ lifetimes: { idle: (lifetimes?.idle ?? 0) + 1 } });
        }),
      ),
    );
    expect(await store.read.settings.current()).toEqual({ lifetimes: { idle: 50 } });
  });
}

const put = (store: Store, settings: Settings): Promise<void> =>
  store.write((tx) => tx.settings.put(settings));
