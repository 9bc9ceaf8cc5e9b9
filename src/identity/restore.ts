/**
 * A house that is put back to what it was at an earlier moment. What was ended or spent since then is open
 * again in it, and nobody remembers what that was: everything that opens something by being held is made void.
 * What people know or own (passwords, passkeys, authenticator apps, backup codes, API keys) stays as it was.
 */
import { record } from "./audit.ts";
import type { Core } from "./core.ts";
import { lastStepInReach } from "./totp.ts";

export interface RestoreWrites {
  /** Ends every session, whatever the clock says of it, and with it its family of refresh tokens. */
  endSessions(at: Date): Promise<void>;

  /**
   * Removes what works once and what waits: proofs, ceremonies, mailed codes and the letters that carry them, links of
   * recovery and invitation, unspent tokens that make admins; denies devices that have not claimed their session.
   */
  voidWaiting(): Promise<void>;

  /** Takes every step of every authenticator app up to this one for spent. */
  spendSteps(upTo: number): Promise<void>;
}

/** `from` is when the backup was made; `keepSessions` is the operator's word that nothing was ended since. */
export async function concludeRestore(
  core: Core,
  { from, keepSessions }: { from: Date; keepSessions: boolean },
): Promise<void> {
  await core.store.write(async (tx) => {
    if (!keepSessions) {
      await tx.restore.endSessions(core.clock());
      await tx.restore.voidWaiting();
    }
    await tx.restore.spendSteps(lastStepInReach(core));
    const reason = `backup of ${from.toISOString()}${keepSessions ? ", sessions kept" : ""}`;
    await record(core, tx, null, { event: "house.restored", reason });
  });
}
