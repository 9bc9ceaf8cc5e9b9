/** What signing in with another provider keeps to, whatever engine keeps it. */
import { expect } from "bun:test";
import { at, texts, user, winners } from "../sample.ts";
import { identity, provider } from "../sample-upstream.ts";
import type { It } from "./it.ts";

const ada = user("ada");
const bob = user("bob");
const here = "https://id.example.org";

export function upstreamContract(plain: It): void {
  const it: It = (sentence, run) =>
    plain(sentence, async (store) => {
      await store.write(async (tx) => {
        for (const one of [ada, bob]) await tx.users.insert(one);
      });
      await run(store);
    });

  for (const [name, text] of Object.entries(texts))
    it(`every column of an identity comes back as it went in: ${name}`, async ({ read, write }) => {
      const full = identity("a", ada, { issuer: text, subject: text, email: text, lastUsedAt: at(0.001) });
      expect(await write((tx) => tx.identities.insert(full))).toEqual(full);
      expect(await read.identities.find(text, text)).toEqual(full);
    });

  it("an issuer and a subject together are one account's, whoever is first", async ({ read, write }) => {
    const won = await winners((n) =>
      write((tx) => tx.identities.insert(identity("same", n % 2 ? ada : bob, { id: `idn_${n}` }))),
    );
    expect(won).toHaveLength(1);
    expect(await write((tx) => tx.identities.insert(identity("other", ada)))).not.toBeNull();
    const elsewhere = identity("same", ada, { id: "idn_e", issuer: "https://elsewhere.example" });
    expect(await write((tx) => tx.identities.insert(elsewhere))).toEqual(elsewhere);
    expect(await read.identities.find(here, "SAME")).toBeNull();
    expect(await read.identities.find(`${here}/`, "same")).toBeNull();
  });

  it("an account's are listed as they were linked, and go with it", async ({ read, write }) => {
    await write(async (tx) => {
      for (const name of ["b", "a"]) await tx.identities.insert(identity(name, ada));
      await tx.identities.insert(identity("c", bob));
      await tx.identities.used("idn_a", at(5));
    });
    expect(await read.identities.listOf(ada.id)).toEqual([
      identity("a", ada, { lastUsedAt: at(5) }),
      identity("b", ada),
    ]);
    await write((tx) => tx.users.delete(ada.id));
    expect(await read.identities.find(here, "a")).toBeNull();
    expect(await read.identities.find(here, "c")).toEqual(identity("c", bob));
  });

  it("it is unlinked once, by its owner", async ({ read, write }) => {
    await write((tx) => tx.identities.insert(identity("a", ada)));
    expect(await write((tx) => tx.identities.delete("idn_a", bob.id))).toBeNull();
    expect(await winners(() => write((tx) => tx.identities.delete("idn_a", ada.id)))).toEqual([
      identity("a", ada),
    ]);
    expect(await read.identities.listOf(ada.id)).toEqual([]);
  });

  it("an admin who may sign in counts by an issuer that is asked, and nobody else", async ({
    read,
    write,
  }) => {
    await write((tx) => tx.identities.insert(identity("a", ada)));
    const any = (...issuers: string[]) => read.identities.anyAdmin(issuers);
    expect(await any(here)).toBe(false);
    await write((tx) => tx.users.update(ada.id, { role: "admin" }));
    expect([await any(here), await any("https://elsewhere.example", here)]).toEqual([true, true]);
    expect([await any(), await any("https://elsewhere.example")]).toEqual([false, false]);
    await write((tx) => tx.users.update(ada.id, { disabledAt: at(1) }));
    expect(await any(here)).toBe(false);
  });

  it("the provider is changed by whoever knew it as it was", async ({ read, write }) => {
    expect(await read.providers.current()).toBeNull();
    expect(await write((tx) => tx.providers.put(provider({ revision: 2 })))).toBeNull();
    const first = await winners((n) => write((tx) => tx.providers.put(provider({ name: `first ${n}` }))));
    expect(first).toHaveLength(1);
    const second = await winners((n) => {
      const next = provider({
        name: `second ${n}`,
        clientId: `client ${n}`,
        sealedSecret: null,
        revision: 2,
      });
      return write((tx) => tx.providers.put(next));
    });
    expect(second).toHaveLength(1);
    expect(await read.providers.current()).toEqual(second[0] ?? null);
    expect(await write((tx) => tx.providers.put(provider({ revision: 1 })))).toBeNull();
  });

  for (const flags of [
    { enabled: true, autoProvision: false, linkByEmail: false },
    { enabled: false, autoProvision: true, linkByEmail: false },
    { enabled: false, autoProvision: false, linkByEmail: true },
  ])
    it(`every column of the provider comes back as it went in: ${JSON.stringify(flags)}`, async ({
      read,
      write,
    }) => {
      const text = Object.values(texts).join("");
      const full = provider({
        issuer: text,
        clientId: text,
        sealedSecret: text,
        name: text,
        scopes: [text, "b"],
        ...flags,
      });
      await write((tx) => tx.providers.put(full));
      expect(await read.providers.current()).toEqual(full);
    });

  it("what is used once is used once, until it is forgotten", async ({ write }) => {
    const use = () => write((tx) => tx.assertions.use("hash", at(10)));
    expect(await winners(use)).toHaveLength(1);
    await write((tx) => tx.assertions.sweep(at(9.999)));
    expect(await use()).toBeNull();
    await write((tx) => tx.assertions.sweep(at(10)));
    expect(await use()).not.toBeNull();
  });
}
