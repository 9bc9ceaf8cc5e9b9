/**
 * The second factor: a code from the authenticator app, or a backup code, beside whatever proved the first.
 *
 * It is spent in the write that spends the first, so that `TOTP_REQUIRED` and a wrong code leave the first as it
 * was. A wrong code is counted once that write is rolled back; until then the try counts as under way.
 */
import { record } from "./audit.ts";
import { foldBackupCode, spendBackupCode } from "./backup-code.ts";
import type { Core } from "./core.ts";
import type { Place } from "./known.ts";
import { write } from "./mail.ts";
import { Refusal } from "./refusal.ts";
import type { Caller, Method } from "./session.ts";
import type { Writes } from "./store.ts";
import { beginTry, type Try } from "./throttle.ts";
import { spendTotp } from "./totp.ts";
import type { User } from "./user.ts";

export interface Second {
  /**
   * In the write that spends the first factor: what was shown beside it. Nothing, where two-factor is off.
   * Refuses: `TOTP_REQUIRED`, `INVALID_CODE`, `RATE_LIMITED`.
   */
  spend(tx: Writes, user: User): Promise<Method[]>;
}

export interface Shown {
  /** As typed; undefined when none came along. */
  readonly code: string | undefined;

  readonly place: Place;

  /** Set when a signed-in person proves something once more. */
  readonly caller?: Caller;

  /** Does what else a wrong code costs, in the write that counts it. */
  readonly onWrong?: ((tx: Writes) => Promise<void>) | undefined;
}

/** Runs `work` with the means to spend the second factor, and counts a wrong one. */
export async function withSecond<T>(
  core: Core,
  { code, place, caller, onWrong }: Shown,
  work: (second: Second) => Promise<T>,
): Promise<T> {
  let wrong: { readonly attempt: Try; readonly userId: string } | null = null;
  let attempt: Try | null = null;
  const second: Second = {
    async spend(tx, user) {
      if (user.twoFactorAt === null) return [];
      if (code === undefined) throw new Refusal("TOTP_REQUIRED");
      const trying = {
        factor: "second",
        user,
        name: user.username,
        place,
        ...(caller && { caller }),
      } as const;
      // An engine may run a write twice: a try that is under way is not begun again.
      attempt ??= await beginTry(core, trying, tx);
      const method = await spendCode(core, tx, user, code, place);
      if (method) return [method];
      wrong = { attempt, userId: user.id };
      throw new Refusal("INVALID_CODE", { signedIn: caller !== undefined });
    },
  };
  try {
    return await work(second);
  } catch (error) {
    if (wrong) await countWrong(core, wrong, { place, onWrong });
    throw error;
  } finally {
    (attempt as Try | null)?.done();
  }
}

/** Spends a code of either kind; null when it is wrong or spent. */
export async function spendCode(
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

function countWrong(
  core: Core,
  { attempt, userId }: { attempt: Try; userId: string },
  { place, onWrong }: Pick<Shown, "place" | "onWrong">,
): Promise<void> {
  return core.store.write(async (tx) => {
    await attempt.fail(tx);
    await onWrong?.(tx);
    await record(core, tx, place, {
      event: "code.refused",
      userId,
      methods: ["totp"],
      result: "refused",
      reason: "second factor",
    });
  });
}
