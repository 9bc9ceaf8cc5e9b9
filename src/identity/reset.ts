/** A new password for somebody who reads the account's address but forgot the old one. */
import { record } from "./audit.ts";
import { claimAddress } from "./claim.ts";
import type { Core } from "./core.ts";
import type { Place } from "./known.ts";
import { write } from "./mail.ts";
import { codeKey, mailCode, maySend, redeemCode } from "./mail-code.ts";
import { mailboxOf } from "./mail-login.ts";
import { hashNewPassword } from "./password.ts";
import { Refusal } from "./refusal.ts";
import { clearFailures } from "./throttle.ts";
import { voidCredentials } from "./voiding.ts";

/** Mails a code if there is such an account; to the asker it always looks the same. */
export async function sendResetCode(
  core: Core,
  { typed, place }: { typed: string; place: Place },
): Promise<void> {
  const { address, user } = await mailboxOf(core, typed);
  await core.store.write(async (tx) => {
    const key = codeKey(address, "reset", place);
    const to = user?.email && !user.disabledAt ? address : null;
    if (await maySend(core, tx, key)) await mailCode(core, tx, key, { to });
  });
}

/**
 * Sets the password and ends everything the account had open; its second factor stays.
 *
 * Refuses: `INVALID_CODE` (alike for unknown names), `WEAK_PASSWORD`, `RATE_LIMITED`, `BUSY`.
 */
export async function resetPassword(
  core: Core,
  { typed, code, password, place }: { typed: string; code: string; password: string; place: Place },
): Promise<void> {
  const { address, user } = await mailboxOf(core, typed);
  const owner = user ?? { username: address, email: address };
  const min = core.fixed.passwordMin;
  const passwordHash = await hashNewPassword(core, { password, owner, min, field: "new_password" });
  const key = codeKey(address, "reset", place);
  await redeemCode(core, { key, code, user, place }, async (tx) => {
    const current = await tx.users.findByEmail(address);
    if (!current || current.disabledAt) throw new Refusal("INVALID_CODE");
    await claimAddress(core, tx, current, place);
    await tx.users.update(current.id, { passwordHash });
    await voidCredentials(core, tx, current.id);
    await clearFailures(core, tx, current.id);
    const whose = { actorId: current.id, userId: current.id };
    await record(core, tx, place, { event: "password.reset", methods: ["otp"], ...whose });
    await write(core, tx, { to: address, notice: { kind: "password_changed", at: core.clock() } });
  });
}
