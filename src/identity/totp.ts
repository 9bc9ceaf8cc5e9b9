/**
 * Codes from an authenticator app (RFC 6238: SHA-1, six digits, thirty seconds), and which of them are spent.
 *
 *     pending ──first right code──▶ on ──disabled, or recovery──▶ gone
 *       ├── set up again ──▶ pending, with another secret
 *       └── fifteen minutes ──▶ expired
 *
 * A code belongs to a step of thirty seconds. Once a step is spent, neither it nor any before it works again,
 * whatever the clock says.
 */
import { randomBytes } from "node:crypto";
import { Secret, TOTP } from "otpauth";
import { type Core, later } from "./core.ts";
import { policy } from "./policy.ts";
import type { Writes } from "./store.ts";
import type { User } from "./user.ts";

export interface Totp {
  readonly userId: string;

  /** The secret in base32, sealed. */
  readonly sealed: string;

  /** The last step whose code was spent; -1 while there was none. */
  readonly lastStep: number;

  readonly createdAt: Date;

  /** Until when the first code is waited for; null once it came. */
  readonly pendingUntil: Date | null;
}

export interface TotpReads {
  find(userId: string): Promise<Totp | null>;
}

export interface TotpWrites extends TotpReads {
  /** Replaces what the account had. */
  put(totp: Totp): Promise<void>;

  /** pending → on, spending `step`; `null` when `sealed` is not what is pending (any more) or its time is up. */
  confirm(userId: string, sealed: string, step: number, at: Date): Promise<Totp | null>;

  /** `null` when this step, or a later one, is spent already, or nothing is on. */
  spendStep(userId: string, step: number): Promise<Totp | null>;

  delete(userId: string): Promise<void>;
}

/** RFC 4226 §4 R6 recommends 160 bits. */
const secretBytes = 20;
const stepSeconds = 30;
const pendingSeconds = 900;

/** What an authenticator app is given. */
export interface Enrolment {
  /** Base32. */
  readonly secret: string;

  /** `otpauth://totp/…` */
  readonly uri: string;
}

/** A new secret for the account, in place of one that is pending. Nothing asks for its codes before `confirmTotp`. */
export async function enrolTotp(core: Core, tx: Writes, user: User): Promise<Enrolment> {
  const secret = Secret.fromHex(randomBytes(secretBytes).toString("hex"));
  await tx.totps.put({
    userId: user.id,
    sealed: core.keys.seal("totp", user.id, secret.base32),
    lastStep: -1,
    createdAt: core.clock(),
    pendingUntil: later(core, pendingSeconds),
  });
  const { url } = await policy(core, tx);
  const issuer = `Housekey ${new URL(url).hostname}`;
  const app = new TOTP({ ...parameters, issuer, label: user.email ?? user.username, secret });
  return { secret: secret.base32, uri: app.toString() };
}

/** Whether there is an enrolment whose first code is still waited for. */
export async function isPending(core: Core, tx: Writes, userId: string): Promise<boolean> {
  const totp = await tx.totps.find(userId);
  return totp?.pendingUntil != null && totp.pendingUntil > core.clock();
}

/** Takes the first code of what is pending, spending its step; false when it is wrong. */
export async function confirmTotp(core: Core, tx: Writes, userId: string, code: string): Promise<boolean> {
  const totp = await tx.totps.find(userId);
  const step = totp && stepOf(core, totp, code);
  if (!totp || step === null) return false;
  return (await tx.totps.confirm(userId, totp.sealed, step, core.clock())) !== null;
}

/** Spends the step of a right code; false when the code is wrong, or its step or a later one is spent. */
export async function spendTotp(core: Core, tx: Writes, userId: string, code: string): Promise<boolean> {
  const totp = await tx.totps.find(userId);
  const step = totp && stepOf(core, totp, code);
  if (totp && step === null) noteOffset(core, totp, code);
  return step !== null && (await tx.totps.spendStep(userId, step)) !== null;
}

const parameters = { algorithm: "SHA1", digits: 6, period: stepSeconds } as const;

const offsetSteps = 20;
const offsetsKept = 8;

/** A code that is right for a time some minutes off is no better than any other, but it says that a clock is wrong. */
function noteOffset(core: Core, totp: Totp, code: string): void {
  const delta = new TOTP({ ...parameters, secret: secretOf(core, totp) }).validate({
    token: code,
    timestamp: core.clock().getTime(),
    window: offsetSteps,
  });
  if (delta === null) return;
  core.seen.codeOffsets.push(delta * stepSeconds);
  if (core.seen.codeOffsets.length > offsetsKept) core.seen.codeOffsets.shift();
}

const secretOf = (core: Core, { sealed, userId }: Totp): Secret =>
  Secret.fromBase32(core.keys.open("totp", userId, sealed));

/** The step whose code this is, of those that are not over for more than one (RFC 6238 §5.2); null when of none. */
function stepOf(core: Core, totp: Totp, code: string): number | null {
  const secret = secretOf(core, totp);
  const timestamp = core.clock().getTime();
  const delta = new TOTP({ ...parameters, secret }).validate({ token: code, timestamp, window: 1 });
  return delta === null ? null : Math.floor(timestamp / 1000 / stepSeconds) + delta;
}
