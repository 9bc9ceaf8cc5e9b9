/**
 * How often one client address may ask. Counted in memory, by a clock that nobody can set back; a restart
 * forgets, the slow-down per account (`throttle.ts`) does not.
 */
import { Refusal } from "./refusal.ts";

/** One row of the table of limits; all endpoints of a row share its count. */
export type LimitRow =
  | "signin"
  | "register"
  | "bootstrap"
  | "refresh"
  | "device"
  | "poll"
  | "token"
  /** Short codes that are none, polled for. */
  | "poll_guess"
  /** Device codes that are none, typed by somebody signed in. */
  | "code_guess"
  | "general";

export interface Limit {
  readonly count: number;
  readonly seconds: number;
}

export type Limits = Readonly<Record<LimitRow, Limit | "off">>;

export const defaultLimits: Limits = {
  signin: { count: 10, seconds: 60 },
  register: { count: 5, seconds: 60 },
  bootstrap: { count: 5, seconds: 60 },
  refresh: { count: 30, seconds: 60 },
  device: { count: 10, seconds: 3600 },
  poll: { count: 30, seconds: 60 },
  token: { count: 60, seconds: 60 },
  poll_guess: { count: 6, seconds: 60 },
  code_guess: { count: 10, seconds: 3600 },
  general: { count: 600, seconds: 60 },
};

export interface Verdict {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;

  /** Seconds until a place is free again, when none is; otherwise until all are. */
  readonly reset: number;
}

export interface Limiter {
  /** Takes a place for `key`; null where the row is off. */
  take(row: LimitRow, key: string): Verdict | null;

  /** Whether there is a place, taking none. */
  peek(row: LimitRow, key: string): Verdict | null;
}

/** Refuses `RATE_LIMITED` where the verdict says so. */
export function heed(verdict: Verdict | null): void {
  if (verdict && !verdict.allowed) throw new Refusal("RATE_LIMITED", { retryAfter: verdict.reset, verdict });
}

interface LimiterOptions {
  readonly limits: Limits;

  /** Monotonic milliseconds. */
  readonly ticks: () => number;

  /** Keys remembered per row; the one unused for longest goes first. */
  readonly most?: number;
}

/** An exact sliding window: never more than `count` in any span of `seconds`. */
export function makeLimiter({ limits, ticks, most = 20_000 }: LimiterOptions): Limiter {
  const rows = new Map<LimitRow, Map<string, number[]>>();

  function hitsOf(row: LimitRow, key: string): number[] {
    const known = rows.get(row) ?? new Map<string, number[]>();
    rows.set(row, known);
    const hits = known.get(key) ?? [];
    // Back to the end of the order, which is by last use.
    known.delete(key);
    known.set(key, hits);
    if (known.size > most)
      for (const oldest of known.keys()) {
        known.delete(oldest);
        break;
      }
    return hits;
  }

  function judge(row: LimitRow, hitsNow: () => number[], taking: boolean): Verdict | null {
    const limit = limits[row];
    if (limit === "off") return null;
    const now = ticks();
    const span = limit.seconds * 1000;
    const hits = hitsNow();
    while (hits[0] !== undefined && hits[0] <= now - span) hits.shift();
    const allowed = hits.length < limit.count;
    if (allowed && taking) hits.push(now);
    const wait = allowed ? hits.at(-1) : hits[0];
    return {
      allowed,
      limit: limit.count,
      remaining: limit.count - hits.length,
      reset: Math.ceil(((wait ?? now) + span - now) / 1000),
    };
  }

  return {
    take: (row, key) => judge(row, () => hitsOf(row, key), true),
    peek: (row, key) => judge(row, () => rows.get(row)?.get(key) ?? [], false),
  };
}

/** One client's key: an IPv4 address, or the /64 that an IPv6 client may roam in. `address` is canonical. */
export function limitKey(address: string): string {
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const gap = tail === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...Array.from({ length: gap }, () => "0"), ...right].slice(0, 4).join(":");
}
