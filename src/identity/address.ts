/** Changing the address of one's own account: the new one proves itself, the old one is told. */
import { record } from "./audit.ts";
import { requireOpen } from "./caller.ts";
import { settleWritten } from "./claim.ts";
import type { Core } from "./core.ts";
import type { Place } from "./known.ts";
import { write } from "./mail.ts";
import { codeKey, mailCode, maySend, redeemCode } from "./mail-code.ts";
import { Refusal } from "./refusal.ts";
import type { Caller } from "./session.ts";
import type { User } from "./user.ts";

/** Mails a code to the new address; to the asker it looks the same when that is another's. `email` is lower case. */
export async function askAddress(
  core: Core,
  { user }: Caller,
  { email, place }: { email: string; place: Place },
): Promise<void> {
  await core.store.write(async (tx) => {
    if (!(await maySend(core, tx, codeKey(email, "email", place)))) return;
    const owner = await tx.users.findByEmail(email);
    const to = owner && owner.id !== user.id ? null : email;
    // Kept under the account, which is all its owner names when the code comes back.
    await mailCode(core, tx, codeKey(user.id, "email", place), { payload: { email }, to });
  });
}

/** Takes over the address whose code it is. Refuses: `INVALID_CODE`, `RATE_LIMITED`, `UNAUTHENTICATED`. */
export function verifyAddress(
  core: Core,
  caller: Caller,
  { code, place }: { code: string; place: Place },
): Promise<User> {
  const { user } = caller;
  const key = codeKey(user.id, "email", place);
  return redeemCode(core, { key, code, user, place, caller }, async (tx, { payload }) => {
    const { email } = payload as { email: string };
    const before = await requireOpen(core, tx, caller);
    const changed = await tx.users.update(user.id, { email, emailVerified: true });
    if (!changed) throw new Refusal("INVALID_CODE", { signedIn: true });
    await settleWritten(tx, user.id);
    if (before.email !== null && before.email !== email) {
      await tx.mailCodes.deleteFor(before.email);
      const notice = { kind: "email_changed", to: email, at: core.clock() } as const;
      await write(core, tx, { to: before.email, notice });
    }
    await record(core, tx, place, { event: "email.changed", actorId: user.id, userId: user.id });
    return changed;
  });
}
