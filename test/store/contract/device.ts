import { expect } from "bun:test";
import type { Decision, Device } from "../../../src/identity/device.ts";
import type { Store } from "../../../src/identity/store.ts";
import { at, device, moments, texts, user, winners } from "../sample.ts";
import type { It } from "./it.ts";

const ada = user("ada");
const bob = user("bob");

const yes = (by = ada, seconds = 1): Decision => ({
  status: "authorized",
  by: by.id,
  in: "ses_a",
  at: at(seconds),
});

export function deviceContract(plain: It): void {
  const it: It = (sentence, run) =>
    plain(sentence, async (store) => {
      await store.write(async (tx) => {
        for (const one of [ada, bob]) await tx.users.insert(one);
      });
      await run(store);
    });

  for (const [name, text] of Object.entries(texts))
    it(`every column comes back as it went in: ${name}`, async (store) => {
      const facts = {
        codeMac: text,
        tokenHash: text,
        ip: text,
        userAgent: text,
        device: text,
        decidedIn: text,
      };
      const full = device("a", {
        ...facts,
        createdBy: ada.id,
        decidedBy: bob.id,
        decidedAt: at(1),
        claimedAt: at(2),
      });
      const bare = device("b", { tokenHash: null });
      await put(store, full, bare);
      const { devices } = store.read;
      expect([
        await devices.find("dev_a"),
        await devices.findByCode(text),
        await devices.findByToken(text),
      ]).toEqual([full, full, full]);
      expect(await devices.find("dev_b")).toEqual(bare);
      expect(await devices.findByCode("MAC_B")).toBeNull();
    });

  it("dates keep their milliseconds, long ago and far ahead", async (store) => {
    for (const [n, moment] of moments.entries()) {
      const times = { createdAt: moment, expiresAt: moment, decidedAt: moment, claimedAt: moment };
      const one = device(`d${n}`, times);
      await put(store, one);
      expect(await store.read.devices.find(one.id)).toEqual(one);
    }
  });

  it("a code is one device's; a second one with it is not kept, and says so", async (store) => {
    const first = device("a");
    const twin = device("b", { codeMac: first.codeMac });
    expect(await store.write((tx) => tx.devices.insert(first))).toEqual(first);
    expect(await store.write((tx) => tx.devices.insert(twin))).toBeNull();
    expect(await store.read.devices.findByCode(first.codeMac)).toEqual(first);
    expect(await store.read.devices.findByToken("hash_b")).toBeNull();
    await expect(put(store, device("c", { tokenHash: "hash_a" }))).rejects.toThrow("constraint");
    await expect(put(store, device("d", { createdBy: "usr_nobody" }))).rejects.toThrow("constraint");
  });

  it("a decision is made once, while there is time, and kept with who made it", async (store) => {
    await put(store, device("a"), device("late"));
    expect(await decide(store, "late", yes(ada, 600))).toBeNull();
    expect(await decide(store, "none", yes())).toBeNull();
    const decided = {
      status: "authorized",
      decidedBy: ada.id,
      decidedIn: "ses_a",
      decidedAt: at(599),
    } as const;
    expect(await decide(store, "a", yes(ada, 599))).toEqual(device("a", decided));
    expect(await decide(store, "a", { ...yes(bob, 2), status: "denied" })).toBeNull();
    expect(await store.read.devices.find("dev_a")).toEqual(device("a", decided));
    expect(await store.read.devices.find("dev_late")).toEqual(device("late"));
  });

  it("of fifty decisions at once one is made, and of fifty claims", async (store) => {
    await put(store, device("a"));
    const made = await winners((n) => decide(store, "a", yes(n % 2 ? ada : bob)));
    expect(made).toHaveLength(1);
    expect((await store.read.devices.find("dev_a"))?.decidedBy ?? null).toBe(made[0]?.decidedBy ?? "nobody");
    expect(await winners((n) => claim(store, "a", n))).toHaveLength(1);
  });

  it("only what was authorized is claimed, once, while there is time", async (store) => {
    await put(store, device("a"), device("denied"), device("late"));
    expect(await claim(store, "a", 2)).toBeNull();
    await decide(store, "denied", { ...yes(), status: "denied" });
    for (const name of ["a", "late"]) await decide(store, name, yes());
    expect(await claim(store, "denied", 2)).toBeNull();
    expect(await claim(store, "late", 600)).toBeNull();
    const claimed = await claim(store, "a", 599);
    expect([claimed?.status, claimed?.claimedAt, claimed?.decidedBy]).toEqual(["claimed", at(599), ada.id]);
    expect(await claim(store, "a", 3)).toBeNull();
    expect(await decide(store, "a", yes(bob))).toBeNull();
  });

  it("what was claimed in a work that fails can be claimed again", async (store) => {
    await put(store, device("a"));
    await decide(store, "a", yes());
    const failing = store.write(async (tx) => {
      expect(await tx.devices.claim("dev_a", at(2))).not.toBeNull();
      throw new Error("the disk is full");
    });
    await expect(failing).rejects.toThrow("the disk is full");
    expect(await claim(store, "a", 3)).not.toBeNull();
  });

  it("a yes is withdrawn, and nothing else is", async (store) => {
    await put(store, device("yes"), device("pending"), device("claimed"));
    for (const name of ["yes", "claimed"]) await decide(store, name, yes());
    await claim(store, "claimed", 2);
    const withdraw = (name: string) => store.write((tx) => tx.devices.withdraw(`dev_${name}`));
    expect((await withdraw("yes"))?.status).toBe("denied");
    for (const name of ["yes", "pending", "claimed", "none"]) expect(await withdraw(name)).toBeNull();
    expect(await claim(store, "yes", 3)).toBeNull();
  });

  it("all that an account made or let in is withdrawn with it, but what was delivered, and nobody else's", async (store) => {
    const names = ["own", "letIn", "delivered", "others", "anybodys"];
    const made: Record<string, Partial<Device>> = {
      own: { createdBy: ada.id },
      others: { createdBy: bob.id },
    };
    await put(store, ...names.map((name) => device(name, made[name])));
    for (const name of ["letIn", "delivered"]) await decide(store, name, yes(ada));
    await decide(store, "others", yes(bob));
    await claim(store, "delivered", 2);
    await store.write((tx) => tx.devices.withdrawFor(ada.id));
    const statuses = [];
    for (const name of names) statuses.push((await store.read.devices.find(`dev_${name}`))?.status);
    expect(statuses).toEqual(["denied", "denied", "claimed", "authorized", "pending"]);
  });

  it("codes go with the account that made or answered them", async (store) => {
    await put(store, device("own", { createdBy: ada.id }), device("letIn"), device("anybodys"));
    await decide(store, "letIn", yes(ada));
    await store.write((tx) => tx.users.delete(ada.id));
    const left = [];
    for (const name of ["own", "letIn", "anybodys"]) left.push(await store.read.devices.find(`dev_${name}`));
    expect(left.map((one) => one?.id ?? null)).toEqual([null, null, "dev_anybodys"]);
  });

  it("what expired before a moment is let go, and not what expires with it", async (store) => {
    await put(store, device("old"), device("young", { expiresAt: at(601) }));
    await store.write((tx) => tx.devices.sweep(at(600)));
    expect(await store.read.devices.find("dev_old")).not.toBeNull();
    await store.write((tx) => tx.devices.sweep(at(600.001)));
    expect(await store.read.devices.find("dev_old")).toBeNull();
    expect(await store.read.devices.find("dev_young")).not.toBeNull();
  });
}

async function put(store: Store, ...devices: Device[]): Promise<void> {
  await store.write(async (tx) => {
    for (const one of devices) await tx.devices.insert(one);
  });
}

const decide = (store: Store, name: string, decision: Decision): Promise<Device | null> =>
  store.write((tx) => tx.devices.decide(`dev_${name}`, decision));

const claim = (store: Store, name: string, seconds: number): Promise<Device | null> =>
  store.write((tx) => tx.devices.claim(`dev_${name}`, at(seconds)));
