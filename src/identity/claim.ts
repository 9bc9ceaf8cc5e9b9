/**
 * An address that the maker of an account wrote down for themselves, with an invitation, and that nobody vouched for
 * or proved. Its reader may be somebody else, on whose arrival the maker waits with a password of their own.
 *
 *     written ──its maker proves it (signed in, in a browser the account knows, or with its second factor)──▶ proved
 *        └── somebody else does, for all that can be told ──▶ proved: theirs, and what was there before is void
 *
 * Other addresses that are not proved were vouched for: an admin wrote them, for the account or into the
 * invitation, or the operator did, for the first admin. There a code proves the address and voids nothing.
 */
import { record } from "./audit.ts";
import type { Core } from "./core.ts";
import type { Place } from "./known.ts";
import { write } from "./mail.ts";
import { hashSecret } from "./secret.ts";
import type { Writes } from "./store.ts";
import type { User } from "./user.ts";
import { voidAdminPowers, voidCredentials } from "./voiding.ts";

export async function noteWritten(core: Core, tx: Writes, { id, email }: User): Promise<void> {
  if (email !== null) await tx.known.note(id, "written", email, core.clock());
}

/** It was proved by the account's own maker, who keeps everything. */
export async function settleWritten(tx: Writes, userId: string): Promise<void> {
  await tx.known.forget(userId, ["written"]);
}

/**
 * The account's address was read by whoever is there now. With two-factor on and an address that was only written
 * down, that alone proves nothing yet: the second factor does, for which see `settleSecond`.
 */
export async function claimAddress(core: Core, tx: Writes, user: User, place: Place): Promise<void> {
  if (user.emailVerified || user.email === null) return;
  const isWritten = (await tx.known.find(user.id, "written", user.email)) !== null;
  if (isWritten && user.twoFactorAt !== null) return;
  await tx.users.update(user.id, { emailVerified: true });
  if (!isWritten) return;
  if (await isMaker(tx, user, place)) return settleWritten(tx, user.id);
  await voidBefore(core, tx, { ...user, email: user.email }, place);
}

/** The account's second factor was shown along with what was read: it is the maker, who has proved the address. */
export async function settleSecond(tx: Writes, user: User): Promise<void> {
  if (user.twoFactorAt === null || user.emailVerified) return;
  await tx.users.update(user.id, { emailVerified: true });
  await settleWritten(tx, user.id);
}

/** An IP address would not do: people in one house share it. */
async function isMaker(tx: Writes, { id }: User, { browser }: Place): Promise<boolean> {
  return browser !== null && (await tx.known.find(id, "browser", hashSecret(browser))) !== null;
}

async function voidBefore(
  core: Core,
  tx: Writes,
  { id, email }: User & { email: string },
  place: Place,
): Promise<void> {
  await voidCredentials(core, tx, id);
  await voidAdminPowers(tx, id);
  await tx.users.update(id, { passwordHash: null });
  await tx.passkeys.deleteFor(id);
  await tx.identities.deleteFor(id);
  await tx.totps.delete(id);
  await tx.known.forget(id, ["address", "browser", "written"]);
  await record(core, tx, place, { event: "address.claimed", actorId: id, userId: id, methods: ["otp"] });
  await write(core, tx, { to: email, notice: { kind: "address_claimed", at: core.clock() } });
}
