/** What passkeys and the ceremonies about them keep to, whatever engine keeps them. */
import { expect } from "bun:test";
import type { Passkey } from "../../../src/identity/passkey.ts";
import type { Store } from "../../../src/identity/store.ts";
import { at, ceremony, passkey, range, texts, user, winners } from "../sample.ts";
import type { It } from "./it.ts";

const ada = user("ada", { role: "admin" });
const bob = user("bob");

export function passkeyContract(plain: It): void {
  const it: It = (sentence, run) =>
    plain(sentence, async (store) => {
      await store.write(async (tx) => {
        await tx.users.insert(ada);
        await tx.users.insert(bob);
      });
      await run(store);
    });

  for (const [name, text] of Object.entries(texts))
    it(`every column of a passkey comes back as it went in: ${name}`, async ({ read, write }) => {
      const full = passkey("p", ada, {
        rpId: text,
        credentialId: text,
        publicKey: text,
        name: text,
        aaguid: text,
        transports: [text, "usb"],
        counter: 4_294_967_295,
        deviceType: "multiDevice",
        backedUp: true,
        createdAt: at(0.001),
        lastUsedAt: at(0.002),
      });
      expect(await write((tx) => tx.passkeys.insert(full))).toEqual(full);
      expect(await read.passkeys.findByCredential(text)).toEqual(full);
      expect(await read.passkeys.list(ada.id)).toEqual([full]);
      const { credentialId, rpId, transports } = full;
      expect(await read.passkeys.outlines(ada.id)).toEqual([{ credentialId, rpId, transports }]);
      expect(await read.passkeys.findByCredential(`${text}x`)).toBeNull();
    });

  it("a credential is kept once, whosever it is", async ({ read, write }) => {
    const won = await winners((n) =>
      write((tx) => tx.passkeys.insert(passkey(`p${n}`, n % 2 ? ada : bob, { credentialId: "same" }))),
    );
    expect(won).toHaveLength(1);
    expect(await read.passkeys.findByCredential("same")).toEqual(won[0] ?? null);
  });

  it("a list is one account's, oldest first", async (store) => {
    const made = [passkey("c", ada, { createdAt: at(1) }), passkey("b", ada), passkey("a", ada)];
    await keep(store, ...made, passkey("bobs", bob));
    const ids = (await store.read.passkeys.list(ada.id)).map(({ id }) => id);
    expect(ids).toEqual(["psk_a", "psk_b", "psk_c"]);
    expect(await store.read.passkeys.list("usr_nobody")).toEqual([]);
  });

  it("a counter moves on from where it was seen, once", async (store) => {
    await keep(store, passkey("p", ada, { counter: 3 }), passkey("q", ada, { counter: 3 }));
    const used = (counter: number) => ({ counter, backedUp: true, lastUsedAt: at(counter) });
    const won = await winners((n) => store.write((tx) => tx.passkeys.use("psk_p", 3, used(10 + n))));
    expect(won).toEqual([passkey("p", ada, used(won[0]?.counter ?? 0))]);
    expect(await store.write((tx) => tx.passkeys.use("psk_none", 3, used(4)))).toBeNull();
    expect((await store.read.passkeys.list(ada.id))[1]).toEqual(passkey("q", ada, { counter: 3 }));
  });

  it("only its owner renames and deletes one, and deletes it once", async (store) => {
    await keep(store, passkey("p", ada), passkey("bobs", bob));
    expect(await store.write((tx) => tx.passkeys.rename("psk_p", bob.id, "mine"))).toBeNull();
    expect(await store.write((tx) => tx.passkeys.delete("psk_p", bob.id))).toBeNull();
    const renamed = passkey("p", ada, { name: "phone" });
    expect(await store.write((tx) => tx.passkeys.rename("psk_p", ada.id, "phone"))).toEqual(renamed);
    expect(await winners(() => store.write((tx) => tx.passkeys.delete("psk_p", ada.id)))).toEqual([renamed]);
    expect(await store.write((tx) => tx.passkeys.rename("psk_p", ada.id, "late"))).toBeNull();
    expect(await store.read.passkeys.list(bob.id)).toEqual([passkey("bobs", bob)]);
  });

  it("an admin who may sign in has one, or not", async (store) => {
    const has = (...rpIds: string[]) => store.read.passkeys.hasLiveAdmin(["localhost", ...rpIds]);
    await keep(store, passkey("bobs", bob));
    expect(await has()).toBe(false);
    await keep(store, passkey("p", ada));
    expect(await has()).toBe(true);
    await store.write((tx) => tx.passkeys.delete("psk_p", ada.id));
    await keep(store, passkey("there", ada, { rpId: "old.example" }));
    expect([await has(), await has("old.example")]).toEqual([false, true]);
    await keep(store, passkey("p", ada));
    await store.write((tx) => tx.users.update(ada.id, { disabledAt: at(1) }));
    expect(await has()).toBe(false);
  });

  it("who has some of a host is told once each, in the order of their accounts", async (store) => {
    const there = { rpId: "old.example" };
    await keep(store, passkey("b", bob, there), passkey("a", ada, there), passkey("a2", ada, there));
    await keep(store, passkey("here", bob));
    expect(await store.read.passkeys.holders("old.example")).toEqual([ada.id, bob.id]);
    expect(await store.read.passkeys.holders("localhost")).toEqual([bob.id]);
    expect(await store.read.passkeys.holders("OLD.example")).toEqual([]);
  });

  it("an open ceremony ends once, and not from its last moment on", async ({ read, write }) => {
    const full = ceremony("c", { userId: ada.id, named: true, purpose: "register", asker: "session ses_a" });
    await write((tx) => tx.ceremonies.insert(full, 64));
    expect(await read.ceremonies.find("hash_c")).toEqual(full);
    expect(await write((tx) => tx.ceremonies.spend("hash_c", at(300)))).toBeNull();
    expect(await winners(() => write((tx) => tx.ceremonies.spend("hash_c", at(299.999))))).toEqual([full]);
    expect(await read.ceremonies.find("hash_c")).toBeNull();
  });

  it("of one asker and purpose the newest are kept", async ({ read, write }) => {
    const others = [ceremony("other", { asker: "address ::1" }), ceremony("bound", { purpose: "recovery" })];
    for (const one of others) await write((tx) => tx.ceremonies.insert(one, 3));
    for (const n of range(5))
      await write((tx) => tx.ceremonies.insert(ceremony(`${n}`, { createdAt: at(n) }), 3));
    const names = [..."01234", "other", "bound"];
    const left = await Promise.all(names.map((name) => read.ceremonies.find(`hash_${name}`)));
    expect(names.filter((_, n) => left[n] !== null)).toEqual(["2", "3", "4", "other", "bound"]);
  });

  it("both go with their account, and ceremonies with its voiding and with their time", async (store) => {
    const { read, write } = store;
    await keep(store, passkey("p", ada));
    for (const one of [
      ceremony("a", { userId: ada.id }),
      ceremony("b", { userId: bob.id }),
      ceremony("free"),
      ceremony("late", { expiresAt: at(10) }),
    ])
      await write((tx) => tx.ceremonies.insert(one, 64));
    await write((tx) => tx.ceremonies.deleteFor(bob.id));
    await write((tx) => tx.ceremonies.sweep(at(10)));
    await write((tx) => tx.users.delete(ada.id));
    const left = await Promise.all(
      ["a", "b", "free", "late"].map((name) => read.ceremonies.find(`hash_${name}`)),
    );
    expect(left.map((one) => one !== null)).toEqual([false, false, true, false]);
    expect(await read.passkeys.list(ada.id)).toEqual([]);
  });
}

async function keep({ write }: Store, ...passkeys: Passkey[]): Promise<void> {
  await write(async (tx) => {
    for (const one of passkeys) await tx.passkeys.insert(one);
  });
}
