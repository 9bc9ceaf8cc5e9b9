import { expect } from "bun:test";
import {
  at,
  bootstrapToken,
  device,
  invite,
  mail,
  mailCode,
  proof,
  recovery,
  session,
  totp,
  user,
} from "../sample.ts";
import type { It } from "./it.ts";

const ada = user("ada");

export function restoreContract(it: It): void {
  it("every session ends that had not, also one that had run out, and none before it began", async (store) => {
    await store.write(async (tx) => {
      await tx.users.insert(ada);
      await tx.sessions.insert(session("open", ada));
      await tx.sessions.insert(session("ended", ada, { endedAt: at(5) }));
      await tx.sessions.insert(session("over", ada, { expiresAt: at(1) }));
      await tx.sessions.insert(session("ahead", ada, { createdAt: at(90), lastSeenAt: at(90) }));
      await tx.restore.endSessions(at(60));
    });
    const ends = async (name: string) => (await store.read.sessions.find(`ses_${name}`))?.endedAt;
    expect([await ends("open"), await ends("ended"), await ends("over"), await ends("ahead")]).toEqual([
      at(60),
      at(5),
      at(60),
      at(90),
    ]);
  });

  it("what waits is void: links, codes, letters, proofs, unspent tokens, devices", async (store) => {
    await store.write(async (tx) => {
      await tx.users.insert(ada);
      await tx.bootstraps.insert(bootstrapToken("first", { kind: "first_run" }));
      await tx.bootstraps.insert(bootstrapToken("further", { kind: "admin" }));
      await tx.bootstraps.insert(bootstrapToken("spent", { kind: "admin", spentAt: at(1) }));
      await tx.invites.insert(invite("first"));
      await tx.recoveries.put(recovery("new", ada));
      await tx.proofs.insert(proof("p", ada));
      await tx.mailCodes.put(mailCode());
      await tx.mails.insert(mail("a"));
      await tx.devices.insert(device("a"));
      await tx.restore.voidWaiting();
    });
    const { read } = store;
    expect((await read.devices.find("dev_a"))?.status).toBe("denied");
    const kept = ["first", "further", "spent"].map((name) => read.bootstraps.find(`hash_${name}`));
    expect((await Promise.all(kept)).map((token) => token !== null)).toEqual([true, false, true]);
    expect(await read.proofs.find("hash_p")).toBeNull();
    expect(await read.mails.due(at(1_000_000), 10)).toEqual([]);
  });

  it("steps are spent up to one, never back, and never of what is still pending", async (store) => {
    const [bob, eve] = [user("bob"), user("eve")];
    await store.write(async (tx) => {
      for (const one of [ada, bob, eve]) await tx.users.insert(one);
      await tx.totps.put(totp(ada, { lastStep: 3, pendingUntil: null }));
      await tx.totps.put(totp(bob, { lastStep: 9, pendingUntil: null }));
      await tx.totps.put(totp(eve, { lastStep: -1, pendingUntil: at(60) }));
      await tx.restore.spendSteps(7);
    });
    const last = async (id: string) => (await store.read.totps.find(id))?.lastStep;
    expect([await last(ada.id), await last(bob.id), await last(eve.id)]).toEqual([7, 9, -1]);
  });
}
