/**
 * Hosts whose proxy asks here whom to let in, as they were seen, so that an admin can look at them. Nothing is
 * decided by them: which hosts are guarded is for the proxy to say.
 */
import type { Core } from "./core.ts";

export interface GuardedHost {
  /** Lower case, with its port where that is not the scheme's own. */
  readonly host: string;

  readonly firstAt: Date;
  readonly lastAt: Date;
}

export interface GuardedHostReads {
  /** The one seen last comes first. */
  list(): Promise<GuardedHost[]>;
}

export interface GuardedHostWrites extends GuardedHostReads {
  /** Moves `lastAt` on, never back. */
  seen(host: string, at: Date): Promise<void>;

  /** Keeps the `most` that were seen last. */
  sweep(most: number): Promise<void>;
}

interface Sighting {
  readonly at: Date;

  /** Whether the store has it. */
  readonly kept: boolean;
}

const sightings = new WeakMap<Core, Map<string, Sighting>>();

const mostHosts = 200;
const interval = 3_600_000;

/** Notes that somebody was let in at `host`, at most once an hour, in memory; `writeGuardedHosts` makes it last. */
export function noteGuardedHost(core: Core, host: string): void {
  const seen = sightings.get(core) ?? new Map<string, Sighting>();
  sightings.set(core, seen);
  const now = core.clock();
  const last = seen.get(host);
  if (last && now.getTime() - last.at.getTime() < interval) return;
  seen.delete(host);
  seen.set(host, { at: now, kept: false });
  for (const oldest of seen.keys()) {
    if (seen.size <= mostHosts) return;
    seen.delete(oldest);
  }
}

const unwritten = (core: Core): [string, Sighting][] =>
  [...(sightings.get(core) ?? [])].filter(([, { kept }]) => !kept);

/** Puts what was noted into the store; writes nothing where nothing was. */
export async function writeGuardedHosts(core: Core): Promise<void> {
  const batch = unwritten(core);
  if (batch.length === 0) return;
  await core.store.write(async (tx) => {
    for (const [host, { at }] of batch) await tx.guardedHosts.seen(host, at);
    await tx.guardedHosts.sweep(mostHosts);
  });
  const seen = sightings.get(core);
  for (const [host, sighting] of batch)
    if (seen?.get(host) === sighting) seen.set(host, { ...sighting, kept: true });
}

/** The one seen last comes first. What is not in the store yet is shown, not written. */
export async function listGuardedHosts(core: Core): Promise<GuardedHost[]> {
  const hosts = new Map((await core.store.read.guardedHosts.list()).map((one) => [one.host, one]));
  for (const [host, { at }] of unwritten(core))
    hosts.set(host, { host, firstAt: hosts.get(host)?.firstAt ?? at, lastAt: at });
  return [...hosts.values()]
    .sort((a, b) => b.lastAt.getTime() - a.lastAt.getTime() || (a.host < b.host ? -1 : 1))
    .slice(0, mostHosts);
}
