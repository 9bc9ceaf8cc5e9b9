/** What the nouns of the SPA surface keep to, whatever engine keeps them. */
import { expect } from "bun:test";
import {
  at,
  codeKey,
  day,
  mail,
  mailCode,
  refreshToken,
  session,
  signingKey,
  tenant,
  user,
} from "../sample.ts";
import type { It } from "./it.ts";

const ada = user("ada");
const fifty = <T>(act: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: 50 }, act));
const winners = (answers: unknown[]): number => answers.filter((answer) => answer !== null).length;

export function spaContract(plain: It): void {
  const it: It = (sentence, run) =>
    plain(sentence, async (store) => {
      await store.write(async (tx) => {
        await tx.users.insert(ada);
        await tx.sessions.insert(session("a", ada));
      });
      await run(store);
    });

  it("a refresh token is spent once, and not after its time", async ({ read, write }) => {
    await write((tx) => tx.refreshes.insert(refreshToken("ses_a")));
    const late = refreshToken("ses_a", { tokenHash: "late", expiresAt: at(1) });
    await write((tx) => tx.refreshes.insert(late));
    expect(winners(await fifty(() => write((tx) => tx.refreshes.rotate("hash_refresh", at(5)))))).toBe(1);
    expect(await read.refreshes.find("hash_refresh")).toEqual(refreshToken("ses_a", { rotatedAt: at(5) }));
    expect(await write((tx) => tx.refreshes.rotate("late", at(1)))).toBeNull();
    expect(await read.refreshes.find("nothing")).toBeNull();
  });

  it("a mailed code is spent once, by its own key and code", async ({ read, write }) => {
    await write((tx) => tx.mailCodes.put(mailCode()));
    for (const wrong of [
      { ...codeKey, asker: "10.0.0.1" },
      { ...codeKey, purpose: "reset" as const },
      { ...codeKey, address: "eve@example.com" },
    ])
      expect(await write((tx) => tx.mailCodes.spend(wrong, "mac"))).toBeNull();
    expect(await write((tx) => tx.mailCodes.spend(codeKey, "other"))).toBeNull();
    expect(winners(await fifty(() => write((tx) => tx.mailCodes.spend(codeKey, "mac"))))).toBe(1);
    expect(await read.mailCodes.find(codeKey)).toBeNull();
  });

  it("a new code replaces its asker's last one and nobody else's", async ({ read, write }) => {
    const other = { ...codeKey, asker: "10.0.0.1" };
    await write((tx) => tx.mailCodes.put(mailCode()));
    await write((tx) => tx.mailCodes.put(mailCode({ ...other, codeMac: "theirs" })));
    await write((tx) => tx.mailCodes.put(mailCode({ codeMac: "newer", sealed: "x" })));
    expect(await read.mailCodes.find(codeKey)).toEqual(mailCode({ codeMac: "newer", sealed: "x" }));
    expect((await read.mailCodes.find(other))?.codeMac).toBe("theirs");
    await write((tx) => tx.mailCodes.deleteFor(codeKey.address));
    expect([await read.mailCodes.find(codeKey), await read.mailCodes.find(other)]).toEqual([null, null]);
  });

  it("tries and sendings are counted by their key, and forgotten when they are old", async ({ write }) => {
    const other = { ...codeKey, asker: "10.0.0.1" };
    const counts = await write(async (tx) => {
      for (const n of [1, 2, 3]) await tx.mailCodes.fail(codeKey, at(n));
      for (const n of [10, 20]) await tx.mailCodes.noteSending(codeKey, at(n));
      await tx.mailCodes.noteSending(other, at(30));
      return [
        await tx.mailCodes.tries(codeKey),
        await tx.mailCodes.tries(other),
        await tx.mailCodes.sendings(codeKey, at(0)),
        await tx.mailCodes.sendings(codeKey, at(10)),
        await tx.mailCodes.sendings({ ...codeKey, asker: null }, at(0)),
      ];
    });
    expect(counts).toEqual([{ ...codeKey, tries: 3, lastAt: at(3) }, null, 2, 1, 3]);
    await write((tx) => tx.mailCodes.put(mailCode()));
    const left = await write(async (tx) => {
      await tx.mailCodes.sweep(at(600), at(25));
      return [
        await tx.mailCodes.find(codeKey),
        await tx.mailCodes.tries(codeKey),
        await tx.mailCodes.sendings({ ...codeKey, asker: null }, at(0)),
      ];
    });
    expect(left).toEqual([null, null, 1]);
  });

  it("a letter is due at its time, can be put off, and goes once", async ({ read, write }) => {
    await write((tx) => tx.mails.insert(mail("b", { nextAt: at(20) })));
    await write((tx) => tx.mails.insert(mail("a", { nextAt: at(10) })));
    const due = async (seconds: number) => (await read.mails.due(at(seconds), 10)).map(({ id }) => id);
    expect([await due(9), await due(10), await due(20)]).toEqual([[], ["mai_a"], ["mai_a", "mai_b"]]);
    await write((tx) => tx.mails.postpone("mai_a", 3, at(50)));
    expect(await due(20)).toEqual(["mai_b"]);
    expect((await read.mails.due(at(50), 10)).find(({ id }) => id === "mai_a")?.tries).toBe(3);
    expect(await read.mails.count()).toBe(2);
    expect(winners(await fifty(() => write((tx) => tx.mails.delete("mai_b"))))).toBe(1);
  });

  it("signing keys are the same array until one changes", async ({ read, write }) => {
    await write((tx) => tx.signingKeys.insert(signingKey("one")));
    const first = await read.signingKeys.current();
    expect(await read.signingKeys.current()).toBe(first);
    await write((tx) => tx.signingKeys.retire(at(50)));
    await write((tx) => tx.signingKeys.insert(signingKey("two", { createdAt: at(1) })));
    const next = await read.signingKeys.current();
    expect(next).toEqual([
      signingKey("one", { verifiesUntil: at(50) }),
      signingKey("two", { createdAt: at(1) }),
    ]);
    await write((tx) => tx.signingKeys.sweep(at(49)));
    expect(await read.signingKeys.current()).toHaveLength(2);
    await write((tx) => tx.signingKeys.sweep(at(50)));
    expect((await read.signingKeys.current()).map(({ kid }) => kid)).toEqual(["two"]);
  });

  it("a tenant is found by its owner and goes with them", async ({ read, write }) => {
    await write((tx) => tx.tenants.insert(tenant(ada)));
    expect(await read.tenants.findByOwner(ada.id)).toEqual(tenant(ada));
    await write((tx) => tx.users.delete(ada.id));
    expect(await read.tenants.findByOwner(ada.id)).toBeNull();
  });

  it("what is long dead is let go, with the refresh tokens of its sessions, and nothing else", async (store) => {
    const { read, write } = store;
    await write(async (tx) => {
      await tx.sessions.insert(session("ended", ada, { endedAt: at(5) }));
      await tx.sessions.insert(session("over", ada, { expiresAt: at(5) }));
      await tx.refreshes.insert(refreshToken("ses_ended"));
      await tx.refreshes.insert(refreshToken("ses_a", { tokenHash: "alive" }));
      await tx.sweep.dead(at(day / 2));
    });
    const found = await Promise.all(["ended", "over", "a"].map((id) => read.sessions.find(`ses_${id}`)));
    expect(found.map((one) => one?.id ?? null)).toEqual([null, null, "ses_a"]);
    expect(await read.refreshes.find("hash_refresh")).toBeNull();
    expect((await read.refreshes.find("alive"))?.sessionId).toBe("ses_a");
  });
}
