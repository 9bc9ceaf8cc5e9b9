import { expect } from "bun:test";
import { type Session, sessionKinds, signInMethods } from "../../../src/identity/session.ts";
import type { Store } from "../../../src/identity/store.ts";
import { at, day, minute, moments, range, session, texts, user, winners } from "../sample.ts";
import type { It } from "./it.ts";

const ada = user("ada", { email: "ada@example.com", role: "admin" });
const bob = user("bob");

export function sessionContract(it: It): void {
  for (const [name, text] of Object.entries(texts))
    it(`every column comes back as it went in, with its account: ${name}`, async (store) => {
      const full: Session = {
        id: `ses${text}`,
        userId: ada.id,
        tokenHash: text,
        kind: "connector",
        device: text,
        ip: text,
        userAgent: text,
        methods: signInMethods,
        createdAt: at(0.001),
        lastSeenAt: at(0.002),
        expiresAt: at(0.003),
        provedAt: at(0.004),
        endedAt: at(0.005),
      };
      await seat(store, full);
      expect(await store.read.sessions.find(full.id)).toEqual(full);
      expect(await store.read.sessions.check(text)).toEqual({ session: full, user: ada });
    });

  it("every kind, no method, and what is not set come back as they went in", async (store) => {
    const bare = sessionKinds.map((kind) => session(kind, bob, { kind, methods: [] }));
    await seat(store, ...bare);
    for (const one of bare) {
      expect(await store.read.sessions.find(one.id)).toEqual(one);
      expect(await store.read.sessions.check(one.tokenHash)).toEqual({ session: one, user: bob });
    }
  });

  it("dates keep their milliseconds, long ago and far ahead", async (store) => {
    const old = moments.map((moment, n) =>
      session(`s${n}`, ada, {
        createdAt: moment,
        lastSeenAt: moment,
        expiresAt: moment,
        provedAt: moment,
        endedAt: moment,
      }),
    );
    await seat(store, ...old);
    for (const one of old) expect(await store.read.sessions.find(one.id)).toEqual(one);
  });

  it("a token nobody holds has no session, and neither has an almost right one", async (store) => {
    await seat(store, session("a", ada));
    for (const hash of ["", "hash_", "hash_A", "hash_a ", "ses_a", "hash__"])
      expect([hash, await store.read.sessions.check(hash)]).toEqual([hash, null]);
    expect(await store.read.sessions.find("hash_a")).toBeNull();
  });

  it("a session is nobody's twice: a token, an id or an account that is not there is refused", async (store) => {
    await seat(store, session("a", ada));
    const wrong = [
      { ...session("b", bob), tokenHash: "hash_a" },
      { ...session("b", bob), id: "ses_a" },
      session("b", { id: "usr_nobody" }),
    ];
    for (const one of wrong)
      await expect(store.write((tx) => tx.sessions.insert(one))).rejects.toThrow("constraint");
    expect(await store.read.sessions.check("hash_a")).toEqual({ session: session("a", ada), user: ada });
    expect(await store.read.sessions.check("hash_b")).toBeNull();
  });

  it("an open session ends once, for its owner or for anybody who may", async (store) => {
    await seat(store, session("a", ada), session("b", ada), session("c", bob));
    const end = (id: string, userId: string | null, when = at(5)) =>
      store.write((tx) => tx.sessions.end(id, userId, when));

    expect(await end("ses_a", bob.id)).toBeNull();
    expect(await end("ses_none", null)).toBeNull();
    expect(await end("ses_a", ada.id)).toEqual(session("a", ada, { endedAt: at(5) }));
    expect(await end("ses_a", ada.id, at(6))).toBeNull();
    expect(await end("ses_a", null, at(6))).toBeNull();
    expect(await end("ses_b", null)).toEqual(session("b", ada, { endedAt: at(5) }));
    expect(await store.read.sessions.find("ses_a")).toEqual(session("a", ada, { endedAt: at(5) }));
    expect(await store.read.sessions.find("ses_c")).toEqual(session("c", bob));
  });

  it("what has expired cannot be ended any more", async (store) => {
    await seat(store, session("a", ada, { expiresAt: at(10) }), session("b", ada, { expiresAt: at(10) }));
    expect(await store.write((tx) => tx.sessions.end("ses_a", null, at(10)))).toBeNull();
    expect(await store.write((tx) => tx.sessions.end("ses_a", null, at(9.999)))).not.toBeNull();
    expect(await store.write((tx) => tx.sessions.endAll(ada.id, null, at(9.999)))).toBe(1);
    expect(await store.write((tx) => tx.sessions.endAll(null, null, at(10)))).toBe(0);
  });

  it("all sessions of one account end, or of every account, but the one that is kept", async (store) => {
    const own = range(5).map((n) => session(`a${n}`, ada));
    const others = range(3).map((n) => session(`b${n}`, bob));
    await seat(store, ...own, ...others);
    const endAll = (userId: string | null, exceptId: string | null, when: Date) =>
      store.write((tx) => tx.sessions.endAll(userId, exceptId, when));
    const ended = async () => {
      const rows = await Promise.all([...own, ...others].map(({ id }) => store.read.sessions.find(id)));
      return rows.map((row) => row?.endedAt?.getTime() ?? null);
    };

    expect(await endAll("usr_nobody", null, at(1))).toBe(0);
    expect(await endAll(ada.id, "ses_a2", at(2))).toBe(4);
    expect(await endAll(ada.id, "ses_a2", at(3))).toBe(0);
    const second = at(2).getTime();
    expect(await ended()).toEqual([second, second, null, second, second, null, null, null]);
    expect(await endAll(null, "ses_b1", at(4))).toBe(3);
    expect(await endAll(null, null, at(5))).toBe(1);
    const [fourth, fifth] = [at(4).getTime(), at(5).getTime()];
    expect(await ended()).toEqual([second, second, fourth, second, second, fourth, fifth, fourth]);
  });

  it("ending everything ends what ran out too, at its own end, and counts only what was open", async (store) => {
    await seat(store, session("over", ada, { expiresAt: at(5) }), session("open", ada));
    expect(await store.write((tx) => tx.sessions.endAll(ada.id, null, at(10)))).toBe(1);
    const ends = async (name: string) => (await store.read.sessions.find(`ses_${name}`))?.endedAt;
    expect([await ends("over"), await ends("open")]).toEqual([at(5), at(10)]);
  });

  it("no session ends before it began, whatever the clock says by then", async (store) => {
    const ahead = { createdAt: at(90), lastSeenAt: at(90) };
    await seat(store, session("a", ada, ahead), session("b", ada, ahead));
    const ended = await store.write((tx) => tx.sessions.end("ses_a", ada.id, at(60)));
    await store.write((tx) => tx.sessions.endAll(ada.id, null, at(60)));
    expect([ended?.endedAt, (await store.read.sessions.find("ses_b"))?.endedAt]).toEqual([at(90), at(90)]);
  });

  it("of fifty at once that end a session, one does", async (store) => {
    await seat(store, session("a", ada));
    const won = await winners((n) =>
      store.write((tx) => tx.sessions.end("ses_a", n % 2 === 0 ? ada.id : null, at(n))),
    );
    expect(won).toHaveLength(1);
    expect(await store.read.sessions.find("ses_a")).toEqual(won[0] ?? null);
  });

  it("of fifty at once that end everything, each session is ended by one", async (store) => {
    await seat(store, ...range(30).map((n) => session(`s${n}`, n % 2 === 0 ? ada : bob)));
    const counts = await Promise.all(
      range(50).map((n) =>
        store.write(async (tx) =>
          n % 3 === 0
            ? Number((await tx.sessions.end(`ses_s${n % 30}`, null, at(n))) !== null)
            : tx.sessions.endAll(n % 3 === 1 ? ada.id : null, null, at(n)),
        ),
      ),
    );
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(30);
  });

  it("the last use moves on, never back, and not after the end", async (store) => {
    await seat(store, session("a", ada, { lastSeenAt: at(10) }), session("b", ada), session("c", bob));
    const seen = (id: string, when: Date) => store.write((tx) => tx.sessions.seen(id, when));
    const last = async (id: string) => (await store.read.sessions.find(id))?.lastSeenAt;

    await seen("ses_a", at(9.999));
    expect(await last("ses_a")).toEqual(at(10));
    await seen("ses_a", at(10.001));
    expect(await last("ses_a")).toEqual(at(10.001));
    await store.write((tx) => tx.sessions.end("ses_b", null, at(1)));
    await seen("ses_b", at(20));
    expect(await last("ses_b")).toEqual(at(0));
    await seen("ses_none", at(20));
    expect(await last("ses_c")).toEqual(at(0));
    const order = range(50).map((n) => (n * 37) % 50);
    await Promise.all(order.map((n) => seen("ses_c", at(n))));
    expect(await last("ses_c")).toEqual(at(49));
  });

  it("a proof counts for an open session only", async (store) => {
    await seat(store, session("a", ada), session("b", bob));
    const prove = (id: string, when: Date) => store.write((tx) => tx.sessions.prove(id, when));

    expect(await prove("ses_a", at(minute))).toEqual(session("a", ada, { provedAt: at(minute) }));
    expect(await prove("ses_a", at(2 * minute))).toEqual(session("a", ada, { provedAt: at(2 * minute) }));
    expect(await prove("ses_none", at(minute))).toBeNull();
    await store.write((tx) => tx.sessions.end("ses_a", null, at(3 * minute)));
    expect(await prove("ses_a", at(4 * minute))).toBeNull();
    expect((await store.read.sessions.find("ses_a"))?.provedAt).toEqual(at(2 * minute));
    expect((await store.read.sessions.find("ses_b"))?.provedAt).toBeNull();
  });

  it("a proof comes too late for a session that has expired", async (store) => {
    await seat(store, session("a", ada, { expiresAt: at(day) }));
    expect(await store.write((tx) => tx.sessions.prove("ses_a", at(day)))).toBeNull();
    expect((await store.read.sessions.find("ses_a"))?.provedAt).toBeNull();
  });

  it("of proofs and ends at once, no proof succeeds after the end", async (store) => {
    await seat(store, session("a", ada));
    const order: string[] = [];
    await Promise.all(
      range(50).map(async (n) => {
        if (n === 25) {
          await store.write((tx) => tx.sessions.end("ses_a", null, at(100)));
          order.push("ended");
        } else if ((await store.write((tx) => tx.sessions.prove("ses_a", at(n)))) !== null)
          order.push("proved");
      }),
    );
    expect(order.at(-1)).toBe("ended");
    expect((await store.read.sessions.find("ses_a"))?.endedAt).toEqual(at(100));
  });
}

/** Ada, Bob, and these sessions of theirs. */
async function seat(store: Store, ...sessions: Session[]): Promise<void> {
  await store.write(async (tx) => {
    for (const one of [ada, bob]) await tx.users.insert(one);
    for (const one of sessions) await tx.sessions.insert(one);
  });
}
