import { expect } from "bun:test";
import { gate, range, turn, user } from "../sample.ts";
import type { It } from "./it.ts";

export function writeContract(it: It): void {
  it("of a hundred works at once, the fifty that fail leave nothing and the others stay", async (store) => {
    const results = await Promise.allSettled(
      range(100).map((n) =>
        store.write(async (tx) => {
          await tx.users.insert(user(`first${n}`));
          await tx.users.insert(user(`second${n}`));
          if (n % 2 === 1) throw new Error(`no ${n}`);
          return n;
        }),
      ),
    );
    for (const [n, result] of results.entries()) {
      const kept = n % 2 === 0;
      if (result.status === "fulfilled") expect([kept, result.value]).toEqual([true, n]);
      else expect([kept, String(result.reason)]).toEqual([false, `Error: no ${n}`]);
      expect((await store.read.users.find(`usr_first${n}`)) !== null).toBe(kept);
      expect((await store.read.users.find(`usr_second${n}`)) !== null).toBe(kept);
    }
    expect(await store.read.users.count()).toBe(100);
  });

  it("the caller hears the very error that the work threw", async (store) => {
    const thrown = new Error("mine");
    const heard = await store.write(() => Promise.reject(thrown)).catch((error) => error);
    expect(heard).toBe(thrown);
  });

  it("a work that throws before it is a promise is one that fails", async (store) => {
    const writing = store.write(() => {
      throw new Error("at once");
    });
    await expect(writing).rejects.toThrow("at once");
    await store.write((tx) => tx.users.insert(user("ada")));
    expect(await store.read.users.count()).toBe(1);
  });

  it("what the engine refuses takes its own work back and no other", async (store) => {
    const orphan = { id: "usr_nobody" };
    const results = await Promise.allSettled(
      range(40).map((n) =>
        store.write(async (tx) => {
          await tx.users.insert(user(`u${n}`));
          if (n % 2 === 1) await tx.known.note(orphan.id, "address", "127.0.0.1", new Date(0));
        }),
      ),
    );
    expect(results.map(({ status }) => status)).toEqual(
      range(40).map((n) => (n % 2 === 1 ? "rejected" : "fulfilled")),
    );
    expect(await store.read.users.count()).toBe(20);
    expect(await store.read.users.find("usr_u1")).toBeNull();
    expect(await store.read.users.find("usr_u38")).not.toBeNull();
  });

  it("a work sees what it wrote; others see it once it is committed", async (store) => {
    const wrote = gate();
    const end = gate();
    const writing = store.write(async (tx) => {
      await tx.users.insert(user("ada"));
      expect(await tx.users.find("usr_ada")).not.toBeNull();
      wrote.open();
      await end.opened;
    });
    await wrote.opened;
    expect(await store.read.users.find("usr_ada")).toBeNull();
    end.open();
    await writing;
    expect(await store.read.users.find("usr_ada")).toEqual(user("ada"));
  });

  it("nobody hears that something was written before everybody can read it", async (store) => {
    const found = await Promise.all(
      range(200).map(async (n) => {
        await store.write((tx) => tx.users.insert(user(`u${n}`)));
        return store.read.users.find(`usr_u${n}`);
      }),
    );
    expect(found.filter((row) => row === null)).toHaveLength(0);
  });

  it("fifty works that look before they write do not overtake each other", async (store) => {
    const first = await Promise.all(
      range(50).map((n) =>
        store.write(async (tx) => {
          if ((await tx.users.count()) > 0) return false;
          await turn();
          await tx.users.insert(user(`u${n}`));
          return true;
        }),
      ),
    );
    expect(first.filter((won) => won)).toHaveLength(1);
    expect(await store.read.users.count()).toBe(1);
  });

  it("a thousand writes at once are all kept", async (store) => {
    await Promise.all(range(1000).map((n) => store.write((tx) => tx.users.insert(user(`u${n}`)))));
    expect(await store.read.users.count()).toBe(1000);
  });

  it("side by side in one work: when one fails, nothing of either is kept and no neighbour is hurt", async (store) => {
    const escaped: unknown[] = [];
    const note = (error: unknown) => escaped.push(error);
    process.on("unhandledRejection", note);
    const siblings: Promise<void>[] = [];
    const results = await Promise.allSettled(
      range(20).flatMap((n) => [
        store.write((tx) => {
          const sibling = (async () => {
            for (const row of range(10)) {
              await tx.users.insert(user(`sibling${n}-${row}`));
              if (row === 2 + (n % 5)) await turn();
            }
          })();
          siblings.push(sibling);
          const failing = (async () => {
            await tx.users.insert(user(`failing${n}`));
            for (const _ of range(n)) await Promise.resolve();
            throw new Error("no");
          })();
          return Promise.all([sibling, failing]);
        }),
        store.write(async (tx) => {
          await tx.users.insert(user(`neighbour${n}`));
          // Long enough for a sibling that was left behind to try its luck in here.
          await turn();
          await turn();
          await tx.users.insert(user(`other-neighbour${n}`));
        }),
      ]),
    );
    const ends = await Promise.allSettled(siblings);
    await turn();
    process.off("unhandledRejection", note);

    expect(escaped).toEqual([]);
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(0);
    expect(results.map(({ status }) => status)).toEqual(
      range(20).flatMap(() => ["rejected", "fulfilled"] as const),
    );
    expect(await store.read.users.count()).toBe(40);
    for (const n of range(20)) expect(await store.read.users.find(`usr_other-neighbour${n}`)).not.toBeNull();
  });

  it("a job that a write started may write and read once that write has ended", async (store) => {
    const ended = gate();
    let job: Promise<unknown> = Promise.resolve();
    await store.write(async (tx) => {
      await tx.users.insert(user("ada"));
      job = ended.opened.then(async () => {
        expect(await store.read.users.find("usr_ada")).not.toBeNull();
        await store.write((own) => own.users.insert(user("later")));
      });
    });
    ended.open();
    await job;
    expect(await store.read.users.find("usr_later")).not.toBeNull();
  });
}
