/**
 * Codes that prove one reads an address: six digits, ten minutes, once. A code is bound to its address, its
 * purpose and the client that asked, so that one that was talked out of somebody is of no use elsewhere.
 *
 *     live ──redeem──▶ gone     live ──asked again by the same client──▶ replaced
 *       ├── five wrong tries by its asker ──▶ of no use (asking again does not reset the count)
 *       └── ten minutes ──▶ expired
 */
import { randomInt, timingSafeEqual } from "node:crypto";
import { record } from "./audit.ts";
import { type Core, later } from "./core.ts";
import type { Place } from "./known.ts";
import { limitKey } from "./limit.ts";
import { type Notice, write } from "./mail.ts";
import { Refusal } from "./refusal.ts";
import type { Caller } from "./session.ts";
import type { Writes } from "./store.ts";
import { beginTry } from "./throttle.ts";
import type { User } from "./user.ts";

export type Purpose = "login" | "reset" | "register" | "email";

/** What a code is bound to. */
export interface CodeKey {
  /** Lower case. */
  readonly address: string;

  readonly purpose: Purpose;

  /** The asking client's address, an IPv6 one as its /64. */
  readonly asker: string;
}

export interface MailCode extends CodeKey {
  readonly codeMac: string;

  /** What the code completes, as JSON, sealed; null when it only proves. */
  readonly sealed: string | null;

  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export interface CodeTries extends CodeKey {
  readonly tries: number;
  readonly lastAt: Date;
}

export interface MailCodeReads {
  find(key: CodeKey): Promise<MailCode | null>;
}

export interface MailCodeWrites extends MailCodeReads {
  /** Replaces the asker's last one. */
  put(code: MailCode): Promise<void>;

  /** live → gone; `null` when another had it. */
  spend(key: CodeKey, codeMac: string): Promise<MailCode | null>;

  tries(key: CodeKey): Promise<CodeTries | null>;
  fail(key: CodeKey, at: Date): Promise<void>;
  forgetTries(key: CodeKey): Promise<void>;

  noteSending(key: CodeKey, at: Date): Promise<void>;

  /** How many sendings since `since`: of this key, or (`asker` null) of the address for whatever purpose and asker. */
  sendings(
    key: Pick<CodeKey, "address" | "purpose"> & { asker: string | null },
    since: Date,
  ): Promise<number>;

  /** Voids every code and sending of an address that belongs to an account which must be shut out. */
  deleteFor(address: string): Promise<void>;

  sweep(now: Date, before: Date): Promise<void>;
}

export const codeSeconds = 600;
const mostTries = 5;

/** Wrong tries are held against the asker until an hour after the last one. */
const triesKeptMs = 3_600_000;

export const codeKey = (address: string, purpose: Purpose, place: Place): CodeKey => ({
  address,
  purpose,
  asker: limitKey(place.address),
});

const notices = {
  login: "login_code",
  reset: "reset_code",
  register: "register_code",
  email: "email_code",
} as const;

/**
 * Whether a letter may go to this address now, noting that one does: 1 a minute and 5 an hour for an asker and
 * purpose, 20 an hour for the address. When it may not, the last code stays good.
 */
export async function maySend(core: Core, tx: Writes, key: CodeKey): Promise<boolean> {
  const now = core.clock();
  if (core.mailLimits) {
    const minute = later(core, -60);
    const hour = later(core, -3600);
    if ((await tx.mailCodes.sendings(key, minute)) >= 1) return false;
    if ((await tx.mailCodes.sendings(key, hour)) >= 5) return false;
    if ((await tx.mailCodes.sendings({ ...key, asker: null }, hour)) >= 20) return false;
  }
  await tx.mailCodes.noteSending(key, now);
  return true;
}

/**
 * Makes the asker's code and queues the letter with it. `payload` is what the code will complete; `to` is where
 * the letter goes when the code is kept under something else than an address; null: to nobody, and then nobody
 * will know the code.
 */
export async function mailCode(
  core: Core,
  tx: Writes,
  key: CodeKey,
  { payload = null, to = key.address }: { payload?: unknown; to?: string | null } = {},
): Promise<void> {
  const code = String(randomInt(1_000_000)).padStart(6, "0");
  await tx.mailCodes.put({
    ...key,
    codeMac: macOf(core, key, code),
    sealed: payload === null ? null : core.keys.seal("mail_code", contextOf(key), JSON.stringify(payload)),
    createdAt: core.clock(),
    expiresAt: later(core, codeSeconds),
  });
  const notice: Notice = { kind: notices[key.purpose], code, minutes: codeSeconds / 60 };
  await write(core, tx, { to, notice, seconds: codeSeconds });
}

export type Redeemed = { readonly payload: unknown };

/** Spends a right code; null when it is wrong, spent, expired or tried too often. */
async function spendCode(core: Core, tx: Writes, key: CodeKey, code: string): Promise<MailCode | null> {
  const mac = macOf(core, key, code);
  const held = await wrongTries(core, tx, key);
  const found = await tx.mailCodes.find(key);
  const right = found !== null && found.expiresAt > core.clock() && same(found.codeMac, mac);
  return right && held < mostTries ? tx.mailCodes.spend(key, mac) : null;
}

const payloadOf = (core: Core, { sealed, ...key }: MailCode): unknown =>
  sealed === null ? null : JSON.parse(core.keys.open("mail_code", contextOf(key), sealed));

async function wrongTries(core: Core, tx: Writes, key: CodeKey): Promise<number> {
  const found = await tx.mailCodes.tries(key);
  if (!found) return 0;
  if (core.clock().getTime() - found.lastAt.getTime() < triesKeptMs) return found.tries;
  await tx.mailCodes.forgetTries(key);
  return 0;
}

export interface CodeTry {
  readonly key: CodeKey;
  readonly code: string;

  /** Whose account it is about; null when nobody's that exists. */
  readonly user: User | null;

  readonly place: Place;

  /** Set when a signed-in person redeems it. */
  readonly caller?: Caller;
}

/**
 * Redeems a code and does `work` in the same write. What `work` refuses, thrown or answered, leaves
 * the code as it was. A wrong code is counted against the asker and against the account.
 *
 * Refuses: `INVALID_CODE`, `RATE_LIMITED`.
 */
export async function redeemCode<T>(
  core: Core,
  { key, code, user, place, caller }: CodeTry,
  work: (tx: Writes, redeemed: Redeemed) => Promise<T>,
): Promise<T> {
  const trying = { factor: "mail_code", user, name: key.address, place, ...(caller && { caller }) } as const;
  const attempt = await beginTry(core, trying);
  try {
    const done = await core.store.write(async (tx) => {
      const spent = await spendCode(core, tx, key, code);
      if (spent) {
        const value = await work(tx, { payload: payloadOf(core, spent) });
        if (value instanceof Refusal) await tx.mailCodes.put(spent);
        else await tx.mailCodes.forgetTries(key);
        return { value };
      }
      await tx.mailCodes.fail(key, core.clock());
      await attempt.fail(tx);
      await record(core, tx, place, {
        event: "code.refused",
        userId: user?.id ?? null,
        methods: ["otp"],
        result: "refused",
        reason: key.purpose,
      });
      return null;
    });
    if (done) return done.value;
    throw new Refusal("INVALID_CODE", { signedIn: caller !== undefined });
  } finally {
    attempt.done();
  }
}

/** Codes are digits; people add spaces and dashes. */
const foldCode = (typed: string): string => typed.replace(/[\s-]/g, "");

const contextOf = ({ address, purpose, asker }: CodeKey): string => `${purpose} ${asker} ${address}`;

const macOf = (core: Core, key: CodeKey, code: string): string =>
  core.keys.mac("mail_code", `${contextOf(key)} ${foldCode(code)}`);

const same = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** Forgets codes that expired and counts nobody needs any more. */
export function sweepCodes(core: Core): Promise<void> {
  return core.store.write((tx) => tx.mailCodes.sweep(core.clock(), later(core, -triesKeptMs / 1000)));
}
