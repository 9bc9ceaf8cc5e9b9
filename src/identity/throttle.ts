/**
 * The slow-down of guessing, per account. Failed passwords, second factors and mail codes are counted apart;
 * from the fifth on the next try has to wait, twice as long each time; only a completed sign-in forgets.
 *
 * Who signed in from an address or a browser before is counted on a lane of their own, so that a stranger who
 * hammers a name keeps waiting alone. A name that is nobody's is slowed like one that is somebody's.
 */
import type { Core } from "./core.ts";
import type { Place } from "./known.ts";
import { Refusal } from "./refusal.ts";
import { hashSecret } from "./secret.ts";
import type { Caller } from "./session.ts";
import type { Reads, Writes } from "./store.ts";
import { fold, type User } from "./user.ts";

export type Factor = "password" | "second" | "mail_code";

/** Failures in a row of one factor of one subject on one lane. */
export interface Throttle {
  /** A keyed hash of the account, or of the name when there is none. */
  readonly subject: string;

  readonly factor: Factor;
  readonly lane: string;
  readonly failures: number;
  readonly lastAt: Date;
}

export type ThrottleKey = Pick<Throttle, "subject" | "factor" | "lane">;

export interface ThrottleReads {
  find(key: ThrottleKey): Promise<Throttle | null>;
}

export interface ThrottleWrites extends ThrottleReads {
  /** One failure more. */
  fail(key: ThrottleKey, at: Date): Promise<void>;

  /** Forgets every factor and lane of the subject. */
  clear(subject: string): Promise<void>;

  /** Forgets rows not touched since `before`, then the oldest until at most `most` are left; answers how many. */
  sweep(before: Date, most: number): Promise<number>;
}

const freeFailures = 4;
const strangerFailures = 100;
const longestWait = 900;

/** The wait in seconds that so many failures in a row have earned. */
export const waitAfter = (failures: number): number =>
  failures <= freeFailures ? 0 : Math.min(2 ** (failures - freeFailures - 1), longestWait);

const strangers = "stranger";

/** A try that was let in. Say how it ended: `fail` in the write that records it, and `done` in any case. */
export interface Try {
  fail(tx: Writes): Promise<void>;
  done(): void;
}

export interface Trying {
  readonly factor: Factor;

  /** The account, or null when the name is nobody's. */
  readonly user: User | null;

  /** What was typed. */
  readonly name: string;

  readonly place: Place;

  /** The signed-in caller who proves something once more. */
  readonly caller?: Caller;
}

/**
 * Lets a try in, or refuses it with how long to wait. Tries under way count as failures until they end, so that
 * many at once get no further than one after the other. Refuses: `RATE_LIMITED`.
 */
export async function beginTry(core: Core, trying: Trying): Promise<Try> {
  if (!core.slowDown) return { async fail() {}, done() {} };
  const key = await keyOf(core, core.store.read, trying);
  const pendingKey = `${key.subject} ${key.factor} ${key.lane}`;
  const found = await core.store.read.throttles.find(key);
  const pending = core.pendingTries.get(pendingKey) ?? 0;
  refuseTooSoon(core, key.lane, found, pending);
  core.pendingTries.set(pendingKey, pending + 1);

  let open = true;
  return {
    fail: (tx) => tx.throttles.fail(key, core.clock()),
    done() {
      if (!open) return;
      open = false;
      const left = (core.pendingTries.get(pendingKey) ?? 1) - 1;
      if (left > 0) core.pendingTries.set(pendingKey, left);
      else core.pendingTries.delete(pendingKey);
    },
  };
}

/**
 * Lets a try in that is judged within one write, and so has none beside it. Answers how to count it as failed,
 * in the same write. Refuses: `RATE_LIMITED`.
 */
export async function admitTry(core: Core, tx: Writes, trying: Trying): Promise<() => Promise<void>> {
  if (!core.slowDown) return async () => {};
  const key = await keyOf(core, tx, trying);
  refuseTooSoon(core, key.lane, await tx.throttles.find(key), 0);
  return () => tx.throttles.fail(key, core.clock());
}

async function keyOf(core: Core, reads: Pick<Reads, "known">, trying: Trying): Promise<ThrottleKey> {
  return {
    subject: subjectOf(core, trying.user?.id ?? null, trying.name),
    factor: trying.factor,
    lane: await laneOf(reads, trying),
  };
}

function refuseTooSoon(core: Core, lane: string, found: Throttle | null, pending: number): void {
  const failures = found?.failures ?? 0;
  if (lane === strangers && failures >= strangerFailures) throw tooSoon(longestWait);
  const wait = waitAfter(failures) * 1000;
  const waited = found ? core.clock().getTime() - found.lastAt.getTime() : 0;
  // A clock that was set back by more than the wait must not lock anybody out until it has caught up.
  if (Math.abs(waited) < wait) throw tooSoon((wait - waited) / 1000);
  // Beyond the free ones, one try at a time: who else asks meanwhile comes too early.
  if (pending > 0 && failures + pending > freeFailures) throw tooSoon(1);
}

const tooSoon = (seconds: number): Refusal =>
  new Refusal("RATE_LIMITED", { retryAfter: Math.max(1, Math.ceil(seconds)) });

/** Forgets the failures of an account, in the write that completes its sign-in. */
export async function clearFailures(core: Core, tx: Writes, userId: string): Promise<void> {
  await tx.throttles.clear(subjectOf(core, userId, ""));
}

const keptSeconds = 30 * 86_400;
const mostKept = 100_000;

/** Failures of a month ago are forgotten, and there are never more than a bounded number of rows. */
export function sweepThrottles(core: Core): Promise<number> {
  const before = new Date(core.clock().getTime() - keptSeconds * 1000);
  return core.store.write((tx) => tx.throttles.sweep(before, mostKept));
}

/** All spellings of an account are one subject; so are those of a name that is nobody's. */
const subjectOf = (core: Core, userId: string | null, name: string): string =>
  core.keys.mac("throttle", userId ?? `name ${fold(name).normalize("NFKC")}`);

async function laneOf({ known }: Pick<Reads, "known">, { user, place, caller }: Trying): Promise<string> {
  if (caller) return `session ${caller.session.id}`;
  // A name that is nobody's asks the same questions, so that the answer takes as long.
  const whose = user?.id ?? "";
  const mark = hashSecret(place.browser ?? "");
  const browser = await known.find(whose, "browser", mark);
  const address = await known.find(whose, "address", place.address);
  if (browser) return `browser ${mark}`;
  return address ? `address ${place.address}` : strangers;
}
