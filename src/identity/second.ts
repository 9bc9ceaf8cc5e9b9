/**
 * The second factor: a code from the authenticator app, or a backup code, beside whatever proved the first.
 *
 * It is spent in the write that spends the first. `TOTP_REQUIRED` is thrown and undoes that write. A wrong code is
 * answered, not thrown: the write keeps its count, and spends nothing else.
 */
import { record } from "./audit.ts";
import { foldBackupCode, spendBackupCode } from "./backup-code.ts";
import type { Core } from "./core.ts";
import type { Place } from "./known.ts";
import { write } from "./mail.ts";
import { Refusal } from "./refusal.ts";
import type { Caller, Method } from "./session.ts";
import type { Writes } from "./store.ts";
import { admitTry } from "./throttle.ts";
import { spendTotp } from "./totp.ts";
import type { User } from "./user.ts";

/** What came along beside the first factor. */
export interface Shown {
  /** As typed; undefined when none did. */
  readonly code: string | undefined;

  readonly place: Place;

  /** Set when a signed-in person proves something once more. */
  readonly caller?: Caller;
}

/**
 * In the write that proves the first factor, and before it is spent: what proved the second; nothing, where
 * two-factor is off. A refusal that is answered is to be answered by the write as well.
 *
 * Refuses: `TOTP_REQUIRED`, `RATE_LIMITED`; answers `INVALID_CODE`.
 */
export async function spendSecond(
  core: Core,
  tx: Writes,
  user: User,
  { code, place, caller }: Shown,
): Promise<Method[] | Refusal> {
  if (user.twoFactorAt === null) return [];
  if (code === undefined) throw new Refusal("TOTP_REQUIRED");
  const trying = { factor: "second", user, name: user.username, place, ...(caller && { caller }) } as const;
  const fail = await admitTry(core, tx, trying);
  const method = await spendCode(core, tx, user, code, place);
  if (method) return [method];
  await fail();
  await record(core, tx, place, {
    event: "code.refused",
    userId: user.id,
    methods: ["totp"],
    result: "refused",
    reason: "second factor",
  });
  return new Refusal("INVALID_CODE", { signedIn: caller !== undefined });
}

/** Throws a refusal that a write answered, once what it counted is kept. */
export function settled<T>(answer: T | Refusal): T {
  if (answer instanceof Refusal) throw answer;
  return answer;
}

/** Spends a code of either kind; null when it is wrong or spent. */
async function spendCode(
  core: Core,
  tx: Writes,
  user: User,
  typed: string,
  place: Place,
): Promise<Method | null> {
  const digits = foldTotp(typed);
  if (isTotp(digits)) return (await spendTotp(core, tx, user.id, digits)) ? "totp" : null;
  const left = await spendBackupCode(core, tx, user.id, foldBackupCode(typed));
  if (left === null) return null;
  await record(core, tx, place, {
    event: "backup_code.used",
    actorId: user.id,
    userId: user.id,
    reason: `${left} left`,
  });
  if (user.email !== null)
    await write(core, tx, { to: user.email, notice: { kind: "backup_code_used", left, at: core.clock() } });
  return "backup";
}

/** People copy codes with the space that apps show in the middle. */
export const foldTotp = (typed: string): string => typed.replace(/[\s-]/g, "");

const isTotp = (digits: string): boolean => /^\d{6}$/.test(digits);
