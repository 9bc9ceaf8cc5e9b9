/** Switching the second factor of one's own account on and off. */
import { replaceBackupCodes } from "./backup-code.ts";
import { requireOpen } from "./caller.ts";
import type { Core } from "./core.ts";
import { settleFactorChange } from "./factor.ts";
import type { Place } from "./known.ts";
import { Refusal } from "./refusal.ts";
import { foldTotp, settled, spendSecond } from "./second.ts";
import type { Caller } from "./session.ts";
import type { Writes } from "./store.ts";
import { admitTry } from "./throttle.ts";
import { confirmTotp, type Enrolment, enrolTotp, isPending } from "./totp.ts";

export interface TwoFactorStatus {
  readonly enabledAt: Date | null;
  readonly backupCodesLeft: number;
}

export async function twoFactorStatus(core: Core, { user }: Caller): Promise<TwoFactorStatus> {
  return {
    enabledAt: user.twoFactorAt,
    backupCodesLeft: await core.store.read.backupCodes.count(user.id),
  };
}

export interface SetUp extends Enrolment {
  /** The URI as a picture to be scanned. */
  readonly qrSvg: string;
}

/** A secret that waits fifteen minutes for its first code. Refuses: `ALREADY_ENABLED`. */
export async function setUpTwoFactor(core: Core, caller: Caller): Promise<SetUp> {
  const { default: encode } = await import("qr");
  const enrolment = await core.store.write(async (tx) => {
    const current = await requireOpen(core, tx, caller);
    if (current.twoFactorAt !== null) throw new Refusal("ALREADY_ENABLED");
    return enrolTotp(core, tx, current);
  });
  return { ...enrolment, qrSvg: encode(enrolment.uri, "svg", { ecc: "medium", border: 4 }) };
}

/**
 * Switches two-factor on; answers the backup codes, which are never shown again.
 *
 * Refuses: `NOT_ENABLED` without a set-up that waits, `ALREADY_ENABLED`, `INVALID_CODE`, `RATE_LIMITED`.
 */
export async function enableTwoFactor(
  core: Core,
  caller: Caller,
  { code, place }: { code: string; place: Place },
): Promise<string[]> {
  const { user } = caller;
  const answer = await core.store.write(async (tx) => {
    const current = await requireOpen(core, tx, caller);
    if (current.twoFactorAt !== null) throw new Refusal("ALREADY_ENABLED");
    if (!(await isPending(core, tx, user.id))) throw new Refusal("NOT_ENABLED");
    const fail = await admitTry(core, tx, { factor: "second", user, name: user.username, place, caller });
    if (!(await confirmTotp(core, tx, user.id, foldTotp(code)))) {
      await fail();
      return new Refusal("INVALID_CODE", { signedIn: true });
    }
    await tx.users.update(user.id, { twoFactorAt: core.clock() });
    await settleFactorChange(core, tx, caller, { what: "two_factor_on", event: "two_factor.enabled", place });
    return replaceBackupCodes(core, tx, user.id);
  });
  return settled(answer);
}

/** Refuses: `NOT_ENABLED`, `INVALID_CODE`, `RATE_LIMITED`. */
export async function disableTwoFactor(
  core: Core,
  caller: Caller,
  { code, place }: { code: string; place: Place },
): Promise<void> {
  const answer = await core.store.write(async (tx) => {
    const current = await requireOpen(core, tx, caller);
    if (current.twoFactorAt === null) throw new Refusal("NOT_ENABLED");
    const shown = await spendSecond(core, tx, current, { code, place, caller });
    if (shown instanceof Refusal) return shown;
    await dropTwoFactor(tx, current.id);
    const changed = { what: "two_factor_off", event: "two_factor.disabled", place } as const;
    return settleFactorChange(core, tx, caller, changed);
  });
  settled(answer);
}

/** Ten new backup codes in place of whatever is left. Refuses: `NOT_ENABLED`. */
export function regenerateBackupCodes(core: Core, caller: Caller, place: Place): Promise<string[]> {
  return core.store.write(async (tx) => {
    const current = await requireOpen(core, tx, caller);
    if (current.twoFactorAt === null) throw new Refusal("NOT_ENABLED");
    const changed = { what: "backup_codes_replaced", event: "backup_codes.replaced", place } as const;
    await settleFactorChange(core, tx, caller, changed);
    return replaceBackupCodes(core, tx, current.id);
  });
}

/** The account signs in without a second factor from now on. */
export async function dropTwoFactor(tx: Writes, userId: string): Promise<void> {
  await tx.totps.delete(userId);
  await tx.backupCodes.replace(userId, []);
  await tx.users.update(userId, { twoFactorAt: null });
}
