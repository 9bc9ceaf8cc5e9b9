/** The reads that every request asks for, remembered between two changes; and what a write says it changed. */
import type { OwnedKey } from "../identity/api-key.ts";
import type { Caller } from "../identity/session.ts";
import type { Settings } from "../identity/settings.ts";
import { makeShelf } from "../identity/shelf.ts";
import type { SigningKey } from "../identity/signing-key.ts";
import type { Reads } from "../identity/store.ts";
import { type Changes, makeMemory, makePlace } from "./memory.ts";
import { callers as callerCodec, ownedKeys as ownedKeyCodec } from "./packed.ts";

interface Options {
  /** Moves when another process has committed. */
  readonly version: () => number | undefined;

  /** Counts the session checks that are answered from memory. */
  readonly recalled?: { hits: number; misses: number };
}

export interface Remembered {
  readonly reads: Reads;

  /** Said by a job while it runs, acted on by `settle` in the same breath as its commit. */
  readonly changes: Changes;

  /** Some of what was said did not come to pass: then the accounts are read anew. */
  doubt(): void;

  settle(): void;
}

/** In bytes: over fifty thousand sessions, each with its answer. */
const sessionsRemembered = 64 * 1024 * 1024;
const keysRemembered = 16 * 1024 * 1024;

interface Sighting {
  readonly userId: string;
  readonly sessionId: string;
  readonly at: Date;
}

export function remember(read: Reads, { version, recalled }: Options): Remembered {
  const callers = makeMemory<Caller>({
    shelf: makeShelf(callerCodec, sessionsRemembered),
    moved: movement(version),
    ...(recalled && { recalled }),
  });
  const ownedKeys = makeMemory<OwnedKey>({
    shelf: makeShelf(ownedKeyCodec, keysRemembered),
    moved: movement(version),
  });
  const settings = makeMemory<Settings>({ shelf: makePlace(), moved: movement(version) });
  const signingKeys = makeMemory<readonly SigningKey[]>({ shelf: makePlace(), moved: movement(version) });

  const reads: Reads = {
    ...read,
    sessions: {
      ...read.sessions,
      check: (hash) => callers.recall(hash, async () => read.sessions.check(hash)),
      checkId: (id) => callers.recall(id, async () => read.sessions.checkId(id)),
    },
    apiKeys: {
      ...read.apiKeys,
      check: (hash) => ownedKeys.recall(hash, async () => read.apiKeys.check(hash)),
      checkId: (id) => ownedKeys.recall(id, async () => read.apiKeys.checkId(id)),
    },
    settings: {
      current: () => settings.recall("", async () => read.settings.current()) as Promise<Settings>,
    },
    signingKeys: {
      current: () =>
        signingKeys.recall("", async () => read.signingKeys.current()) as Promise<readonly SigningKey[]>,
    },
  };

  const accounts = new Set<string>();
  const sightings: Sighting[] = [];
  const changed = { everyAccount: false, settings: false, signingKeys: false };

  return {
    reads,

    changes: {
      account: (userId) => accounts.add(userId),
      sighted: (userId, sessionId, at) => sightings.push({ userId, sessionId, at }),
      everyAccount() {
        changed.everyAccount = true;
      },
      settings() {
        changed.settings = true;
      },
      signingKeys() {
        changed.signingKeys = true;
      },
    },

    doubt() {
      for (const { userId } of sightings) accounts.add(userId);
      sightings.length = 0;
    },

    settle() {
      for (const memory of [callers, ownedKeys])
        if (changed.everyAccount) memory.clear();
        else for (const userId of accounts) memory.forget(userId);
      for (const { userId, sessionId, at } of sightings)
        callers.amend(userId, (caller) => (caller.session.id === sessionId ? seenAt(caller, at) : caller));
      if (changed.settings) settings.clear();
      if (changed.signingKeys) signingKeys.clear();
      accounts.clear();
      sightings.length = 0;
      Object.assign(changed, { everyAccount: false, settings: false, signingKeys: false });
    },
  };
}

/** Whether another process has committed since the last time this was asked. */
function movement(version: () => number | undefined): () => boolean {
  let last = version();
  return () => {
    const now = version();
    if (now === last) return false;
    last = now;
    return true;
  };
}

const seenAt = ({ session, user }: Caller, lastSeenAt: Date): Caller => ({
  session: { ...session, lastSeenAt },
  user,
});
