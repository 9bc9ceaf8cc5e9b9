/** What every change of a factor brings with it, whichever factor it was. */
import { type AuditEvent, record } from "./audit.ts";
import type { Core } from "./core.ts";
import type { Place } from "./known.ts";
import { write } from "./mail.ts";
import type { Writes } from "./store.ts";
import type { User } from "./user.ts";

/** As the letter about it says. */
export type FactorChange =
  | "two_factor_on"
  | "two_factor_off"
  | "backup_codes_replaced"
  | "passkey_added"
  | "passkey_removed"
  | "identity_linked"
  | "identity_unlinked";

export interface ChangedFactor {
  readonly what: FactorChange;

  /** Its own name, where it has one. */
  readonly name?: string;

  readonly event: AuditEvent;
  readonly place: Place;
}

/** Whose factor it is, and the session that stays; null: it changes in a sign-in that has none yet. */
export interface FactorOwner {
  readonly user: User;
  readonly session: { readonly id: string } | null;
}

/**
 * In the write that changes it: the account's other sessions end, what was half proved with the old factors is
 * void, the account's address is told, and the audit has a line.
 */
export async function settleFactorChange(
  core: Core,
  tx: Writes,
  { user, session }: FactorOwner,
  { what, name, event, place }: ChangedFactor,
): Promise<void> {
  const at = core.clock();
  await tx.sessions.endAll(user.id, session?.id ?? null, at);
  await tx.proofs.deleteFor(user.id);
  const named = name === undefined ? {} : { name };
  if (user.email !== null)
    await write(core, tx, { to: user.email, notice: { kind: "factor_changed", what, at, ...named } });
  await record(core, tx, place, {
    event,
    actorId: user.id,
    userId: user.id,
    sessionId: session?.id ?? null,
    reason: name ?? null,
  });
}
