import { expect } from "bun:test";
import type { Store, Writes } from "../../../src/identity/store.ts";
import { at, gate, user } from "../sample.ts";
import type { It } from "./it.ts";

/** Built anew for each call, or prepared once and kept: neither may get past its end. */
const statements: Readonly<Record<string, (tx: Writes) => Promise<unknown>>> = {
  "a write built for the call": (tx) => tx.users.insert(user("ghost")),
  "a read built for the call": (tx) => tx.users.count(),
  "a prepared write": (tx) => tx.sessions.seen("ses_ghost", at(1)),
  "a prepared read": (tx) => tx.users.find("usr_ada"),
};

type Late = (store: Store, statement: (tx: Writes) => Promise<unknown>) => Promise<unknown>;

const late: Readonly<Record<string, Late>> = {
  async "from outside"(store, statement) {
    const tx = await keptBy(store);
    return statement(tx);
  },

  async "from a job the write left behind"(store, statement) {
    const ended = gate();
    const { promise: job, resolve } = Promise.withResolvers<unknown>();
    await store.write(async (tx) => resolve(ended.opened.then(() => statement(tx))));
    ended.open();
    return job;
  },

  async "from outside while another write is running"(store, statement) {
    const tx = await keptBy(store);
    return meanwhile(store, () => statement(tx));
  },

  async "from a job the write left behind while another write is running"(store, statement) {
    const ended = gate();
    const { promise: job, resolve } = Promise.withResolvers<unknown>();
    await store.write(async (tx) => resolve(ended.opened.then(() => statement(tx))));
    return meanwhile(store, () => {
      ended.open();
      return job;
    });
  },
};

export function lateContract(it: It): void {
  for (const [when, run] of Object.entries(late))
    for (const [what, statement] of Object.entries(statements))
      it(`after its write has ended, ${what} is refused: ${when}`, async (store) => {
        // Used once beforehand, so that what can be prepared is.
        await store.write(async (tx) => {
          await tx.users.insert(user("ada"));
          await tx.users.find("usr_ada");
          await tx.sessions.seen("ses_none", at(1));
        });
        await expect(run(store, statement)).rejects.toThrow("had ended");
        expect(await store.read.users.find("usr_ghost")).toBeNull();
        await store.write((tx) => tx.users.insert(user("bob")));
        expect(await store.read.users.count()).toBe(2);
      });

  it("a write inside a write is refused, and the outer one may go on", async (store) => {
    await expect(store.write(() => store.write(async () => 1))).rejects.toThrow("nested write");
    await store.write(async (tx) => {
      const inner = store.write((own) => own.users.insert(user("inner")));
      await expect(inner).rejects.toThrow("nested write");
      await tx.users.insert(user("outer"));
    });
    expect(await store.read.users.find("usr_inner")).toBeNull();
    expect(await store.read.users.find("usr_outer")).not.toBeNull();
  });

  it("a read past the tx inside a write is refused", async (store) => {
    await expect(store.write(async () => store.read.users.count())).rejects.toThrow("through its tx");
    await expect(store.write(async () => store.read.sessions.check("hash"))).rejects.toThrow(
      "through its tx",
    );
    await expect(store.write(async () => store.read.settings.current())).rejects.toThrow("through its tx");
  });

  it("a read past the tx is refused also when its port was taken before the write", async (store) => {
    const { users } = store.read;
    await expect(store.write(() => users.count())).rejects.toThrow("through its tx");
  });

  it("a read beside a running write is nobody's business", async (store) => {
    expect(await meanwhile(store, () => store.read.users.count())).toBe(0);
  });
}

/** The tx of a write that has ended. */
async function keptBy(store: Store): Promise<Writes> {
  const { promise, resolve } = Promise.withResolvers<{ tx: Writes }>();
  await store.write(async (tx) => resolve({ tx }));
  return (await promise).tx;
}

/** Runs `act` in the middle of another write, which it must not disturb. */
async function meanwhile<T>(store: Store, act: () => Promise<T>): Promise<T> {
  const running = gate();
  const end = gate();
  const writing = store.write(async (tx) => {
    await tx.users.find("usr_nobody");
    running.open();
    await end.opened;
    await tx.users.find("usr_nobody");
  });
  await running.opened;
  try {
    return await act();
  } finally {
    end.open();
    await writing;
  }
}
