/** What an account loses when its owner was locked out, or must be: everything that could act for it. */
import type { Core } from "./core.ts";
import type { Writes } from "./store.ts";

/** Ends every session and voids every link, code and half-finished sign-in that would let somebody in as this account. */
export async function voidCredentials(core: Core, tx: Writes, userId: string): Promise<void> {
  await tx.sessions.endAll(userId, null, core.clock());
  await tx.apiKeys.deleteFor(userId);
  await tx.recoveries.deleteFor(userId);
  await tx.devices.withdrawFor(userId);
  await tx.proofs.deleteFor(userId);
  await tx.ceremonies.deleteFor(userId);
  const user = await tx.users.find(userId);
  await tx.mailCodes.deleteFor(userId);
  if (user?.email) await tx.mailCodes.deleteFor(user.email);
}

/** An admin who is one no longer leaves nothing behind that makes accounts or opens them. */
export async function voidAdminPowers(tx: Writes, userId: string): Promise<void> {
  await tx.bootstraps.deleteBy(userId);
  await tx.invites.deleteBy(userId);
  await tx.recoveries.deleteBy(userId);
}
