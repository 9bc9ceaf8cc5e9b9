/** What is counted while the house is served, for whoever watches it. A restart begins again, which watchers expect. */

/** Upper bounds of the buckets, in seconds; a commit with its fsync takes milliseconds on anything but a bad disk. */
export const writeBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5] as const;

/** What the machine and its files say, read whenever somebody asks. */
export interface Machine {
  /** Unix seconds. */
  readonly startedAt: number;

  residentBytes(): number;
  cpuSeconds(): number;

  /** The write-ahead log beside the database. */
  logBytes(): number;
}

export interface Metrics {
  readonly machine: Machine;

  /** By `GET /auth/sessions/{id} 200`. */
  readonly requests: Map<string, number>;

  /** By `pwd+totp ok`. */
  readonly signIns: Map<string, number>;

  /** Commits by bucket, the last for those that took longer than any. */
  readonly writes: { readonly buckets: number[]; seconds: number };

  /** Session checks that were answered from memory, and those that asked the database. */
  readonly recalled: { hits: number; misses: number };
}

export const newMetrics = (machine: Machine): Metrics => ({
  machine,
  requests: new Map(),
  signIns: new Map(),
  writes: { buckets: Array.from({ length: writeBuckets.length + 1 }, () => 0), seconds: 0 },
  recalled: { hits: 0, misses: 0 },
});

export function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

export function noteWrite({ writes }: Metrics, milliseconds: number): void {
  const seconds = milliseconds / 1000;
  const bucket = writeBuckets.findIndex((bound) => seconds <= bound);
  const index = bucket === -1 ? writeBuckets.length : bucket;
  writes.buckets[index] = (writes.buckets[index] ?? 0) + 1;
  writes.seconds += seconds;
}
