/** What is not counted but there, for whoever watches the house. */
import type { Core } from "./core.ts";
import { openAt, type SessionKind, sessionKinds } from "./session.ts";

export interface Levels {
  readonly hashes: { readonly running: number; readonly waiting: number };
  readonly mails: number;
  readonly sessions: Readonly<Record<SessionKind, number>>;
}

export async function levels(core: Core): Promise<Levels> {
  const found = await core.store.read.sessions.countOpen(await openAt(core));
  const sessions = Object.fromEntries(sessionKinds.map((kind) => [kind, found[kind] ?? 0]));
  return {
    hashes: core.hasher.load(),
    mails: await core.store.read.mails.count(),
    sessions: sessions as Record<SessionKind, number>,
  };
}
