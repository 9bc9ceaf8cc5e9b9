import { expect } from "bun:test";
import { type OpenAt, type Session, sessionKinds } from "../../../src/identity/session.ts";
import type { Store } from "../../../src/identity/store.ts";
import { at, day, hour, session, user } from "../sample.ts";
import type { It } from "./it.ts";

const ada = user("ada");
const bob = user("bob");

/** A hundred days in, with a week of idling allowed. */
const now = 100 * day;
const idle = 7 * day;
const openAt: OpenAt = { now: at(now), idleSince: at(now - idle), createdSince: at(0) };
const yesterday = at(now - day);

/** Made ten days ago, used an hour ago, good for another twenty days; unless told. */
const lasting = (name: string, facts: Partial<Session> = {}, owner = ada): Session =>
  session(name, owner, {
    createdAt: at(now - 10 * day),
    lastSeenAt: at(now - hour),
    expiresAt: at(now + 20 * day),
    ...facts,
  });

const none = Object.fromEntries(sessionKinds.map((kind) => [kind, 0]));

export function sessionListContract(it: It): void {
  it("an account's open sessions are listed whole, the newest first, and nobody else's", async (store) => {
    const sessions = [
      lasting("middle", { createdAt: at(now - 3 * day), kind: "cli" }),
      lasting("oldest"),
      lasting("tied-a", { createdAt: at(now - day) }),
      lasting("tied-b", { createdAt: at(now - day) }),
      lasting("other", {}, bob),
    ];
    await seat(store, sessions);
    const [middle, oldest, first, second, other] = sessions;
    expect(await store.read.sessions.listOpen(ada.id, openAt)).toEqual(
      [second, first, middle, oldest].flatMap((one) => one ?? []),
    );
    expect(await store.read.sessions.listOpen(bob.id, openAt)).toEqual([other].flatMap((one) => one ?? []));
    expect(await store.read.sessions.listOpen("usr_nobody", openAt)).toEqual([]);
  });

  it("what has ended, expired or idled is not listed, to the millisecond", async (store) => {
    const millisecond = 0.001;
    await seat(store, [
      lasting("ended", { endedAt: at(now) }),
      lasting("expired", { expiresAt: at(now) }),
      lasting("just-open", { expiresAt: at(now + millisecond) }),
      lasting("idle", { lastSeenAt: at(now - idle) }),
      lasting("just-used", { lastSeenAt: at(now - idle + millisecond) }),
    ]);
    const listed = await store.read.sessions.listOpen(ada.id, openAt);
    expect(listed.map(({ id }) => id)).toEqual(["ses_just-used", "ses_just-open"]);
    expect((await store.read.sessions.stats(openAt, yesterday)).active).toBe(2);
    expect(await store.read.sessions.countOpen(openAt)).toEqual({ web: 2 });
  });

  it("an empty house has numbers too", async (store) => {
    expect(await store.read.sessions.stats(openAt, yesterday)).toEqual({
      active: 0,
      users: 0,
      byKind: none as Record<Session["kind"], number>,
      last24h: { created: 0, ended: 0, expired: 0 },
      oldestCreatedAt: null,
    });
  });

  it("every session is counted where it belongs", async (store) => {
    await seat(store, [
      lasting("open", { createdAt: at(now - 12 * day) }),
      lasting("new", { createdAt: at(now - hour), kind: "cli" }),
      lasting("bobs", {}, bob),
      // The oldest of all is no longer open.
      lasting("ended", { createdAt: at(now - 50 * day), endedAt: at(now - hour) }),
      lasting("ended-long-ago", { endedAt: at(now - 2 * day) }),
      lasting("made-and-ended", { createdAt: at(now - 2 * hour), endedAt: at(now - hour) }),
      lasting("expired", { expiresAt: at(now - hour) }),
      lasting("expired-long-ago", { expiresAt: at(now - 2 * day), lastSeenAt: at(now - 3 * day) }),
      lasting("ended-then-expired", { endedAt: at(now - 2 * hour), expiresAt: at(now - hour) }),
      lasting("idle", { lastSeenAt: at(now - idle - hour), createdAt: at(now - 20 * day) }),
      lasting("idle-long-ago", { lastSeenAt: at(now - idle - 2 * day), createdAt: at(now - 20 * day) }),
    ]);
    expect(await store.read.sessions.stats(openAt, yesterday)).toEqual({
      active: 3,
      users: 2,
      byKind: { ...none, web: 2, cli: 1 } as Record<Session["kind"], number>,
      last24h: { created: 2, ended: 3, expired: 2 },
      oldestCreatedAt: at(now - 12 * day),
    });
  });

  it("each kind is counted under its name", async (store) => {
    await seat(
      store,
      sessionKinds.flatMap((kind, n) =>
        Array.from({ length: n + 1 }, (_, m) => lasting(`${kind}${m}`, { kind })),
      ),
    );
    const { active, byKind, users } = await store.read.sessions.stats(openAt, yesterday);
    expect(byKind).toEqual(Object.fromEntries(sessionKinds.map((kind, n) => [kind, n + 1])) as typeof byKind);
    expect([active, users]).toEqual([21, 1]);
  });

  it("a day begins after its first moment and ends with its last", async (store) => {
    await seat(store, [
      lasting("made-then", { createdAt: yesterday }),
      lasting("made-after", { createdAt: at(now - day + 0.001) }),
      lasting("ended-then", { endedAt: yesterday }),
      lasting("ended-after", { endedAt: at(now - day + 0.001) }),
      lasting("expired-then", { expiresAt: yesterday }),
      lasting("expired-now", { expiresAt: at(now) }),
      lasting("idle-then", { lastSeenAt: at(now - day - idle) }),
      lasting("idle-now", { lastSeenAt: at(now - idle) }),
    ]);
    const { last24h } = await store.read.sessions.stats(openAt, yesterday);
    expect(last24h).toEqual({ created: 1, ended: 1, expired: 2 });
  });

  it("a session runs out once: the other limit, passed later, is not counted again", async (store) => {
    await seat(store, [
      lasting("idle-first", { lastSeenAt: at(now - idle - 3 * day), expiresAt: at(now - hour) }),
      lasting("expired-first", { lastSeenAt: at(now - idle - hour), expiresAt: at(now - 3 * day) }),
    ]);
    expect((await store.read.sessions.stats(openAt, yesterday)).last24h.expired).toBe(0);
  });
}

async function seat(store: Store, sessions: readonly Session[]): Promise<void> {
  await store.write(async (tx) => {
    for (const one of [ada, bob]) await tx.users.insert(one);
    for (const one of sessions) await tx.sessions.insert(one);
  });
}
