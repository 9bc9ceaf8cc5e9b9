import { expect } from "bun:test";
import { type AuditEntry, type AuditFilter, auditEvents } from "../../../src/identity/audit.ts";
import { signInMethods } from "../../../src/identity/session.ts";
import type { Store } from "../../../src/identity/store.ts";
import { all, at, auditEntry, day, hour, moments, range, texts } from "../sample.ts";
import type { It } from "./it.ts";

const everything: AuditFilter = { userId: null, event: null };

export function auditContract(it: It): void {
  for (const [name, text] of Object.entries(texts))
    it(`every column comes back as it went in: ${name}`, async (store) => {
      const full: AuditEntry = {
        id: `aud_full${text}`,
        at: at(0.001),
        event: "signin.failed",
        actorId: text,
        userId: text,
        sessionId: text,
        ip: text,
        userAgent: text,
        methods: signInMethods,
        result: "refused",
        reason: text,
      };
      await append(store, full, auditEntry("bare"));
      expect(await list(store)).toEqual([full, auditEntry("bare")]);
    });

  it("every event, and dates long ago and far ahead, come back as they went in", async (store) => {
    const lines = [
      ...auditEvents.map((event, n) => auditEntry(`a${String(n).padStart(2, "0")}`, { event })),
      ...moments.map((moment, n) => auditEntry(`b${n}`, { at: moment })),
    ];
    await append(store, ...lines);
    expect(await list(store)).toEqual(lines.reverse());
  });

  it("a line is written once", async (store) => {
    await append(store, auditEntry("a", { reason: "first" }));
    await expect(append(store, auditEntry("a", { reason: "second" }))).rejects.toThrow("constraint");
    expect(await list(store)).toEqual([auditEntry("a", { reason: "first" })]);
  });

  it("the newest lines come first, a piece at a time, none twice", async (store) => {
    const names = range(25).map((n) => String((n * 7) % 25).padStart(2, "0"));
    await append(store, ...names.map((name) => auditEntry(name)));
    const seen: string[] = [];
    let after: string | null = null;
    for (const length of [10, 10, 5, 0]) {
      const piece: AuditEntry[] = await store.read.audit.list(everything, { after, limit: 10 });
      expect(piece).toHaveLength(length);
      seen.push(...piece.map(({ id }) => id));
      after = seen.at(-1) ?? null;
    }
    expect(seen).toEqual(
      names
        .map((name) => `aud_${name}`)
        .sort()
        .reverse(),
    );
  });

  it("an account's lines are those about it and those by it; both filters hold together, on every piece", async (store) => {
    await append(
      store,
      auditEntry("1", { userId: "usr_ada" }),
      auditEntry("2", { actorId: "usr_ada", event: "user.changed" }),
      auditEntry("3", { userId: "usr_ada", actorId: "usr_ada", event: "signin.failed" }),
      auditEntry("4", { userId: "usr_bob", sessionId: "usr_ada", reason: "usr_ada" }),
      auditEntry("5", { userId: "usr_bob", event: "signin.failed" }),
    );
    const ids = async (filter: Partial<AuditFilter>, after: string | null = null) =>
      (await store.read.audit.list({ ...everything, ...filter }, { after, limit: 10 })).map(({ id }) => id);
    expect(await ids({ userId: "usr_ada" })).toEqual(["aud_3", "aud_2", "aud_1"]);
    expect(await ids({ userId: "usr_ada" }, "aud_3")).toEqual(["aud_2", "aud_1"]);
    expect(await ids({ event: "signin.failed" })).toEqual(["aud_5", "aud_3"]);
    expect(await ids({ userId: "usr_ada", event: "signin.failed" })).toEqual(["aud_3"]);
    expect(await ids({ userId: "usr_ada", event: "signin.failed" }, "aud_3")).toEqual([]);
    expect(await ids({ userId: "usr_nobody" })).toEqual([]);
  });

  it("days are counted in UTC, from the first moment on, in their order", async (store) => {
    await append(
      store,
      auditEntry("before", { at: at(-0.001) }),
      auditEntry("first", { at: at(0), methods: ["pwd"] }),
      auditEntry("both", { at: at(hour), methods: ["pwd", "totp"] }),
      auditEntry("again", { at: at(2 * hour), methods: ["pwd"] }),
      auditEntry("last", { at: at(day - 0.001), event: "signin.failed", result: "refused" }),
      auditEntry("third", { at: at(2 * day), event: "user.created" }),
      auditEntry("fourth", { at: at(2 * day), methods: ["passkey"] }),
      auditEntry("unasked", { at: at(day), event: "settings.changed" }),
    );
    expect(await store.read.audit.days(at(0))).toEqual([
      {
        date: "2026-01-01",
        signIns: 3,
        failures: 1,
        newAccounts: 0,
        byMethod: { pwd: 2, "pwd+totp": 1 },
      },
      { date: "2026-01-03", signIns: 1, failures: 0, newAccounts: 1, byMethod: { passkey: 1 } },
    ]);
    expect(await store.read.audit.days(at(3 * day))).toEqual([]);
  });

  it("old lines are let go, the oldest first, some at a time, and counted", async (store) => {
    await append(store, ...range(10).map((n) => auditEntry(String(n), { at: at((n * 3) % 10) })));
    const sweep = (seconds: number, most: number) => store.write((tx) => tx.audit.sweep(at(seconds), most));
    const left = async () => (await list(store)).map((line) => (line.at.getTime() - at(0).getTime()) / 1000);
    expect(await sweep(5, 2)).toBe(2);
    expect((await left()).sort()).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await sweep(5, 100)).toBe(3);
    expect((await left()).sort()).toEqual([5, 6, 7, 8, 9]);
    expect(await sweep(5, 100)).toBe(0);
  });
}

const list = (store: Store): Promise<AuditEntry[]> => store.read.audit.list(everything, all);

async function append(store: Store, ...lines: AuditEntry[]): Promise<void> {
  await store.write(async (tx) => {
    for (const line of lines) await tx.audit.append(line);
  });
}
