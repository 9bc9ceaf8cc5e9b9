/** What every change of a factor brings with it, whichever factor it was. */
import { type AuditEvent, record } from "./audit.ts";
import type { Core } from "./core.ts";
import type { Place } from "./known.ts";
import { write } from "./mail.ts";
import type { Caller } from "./session.ts";
import type { Writes } from "./store.ts";

/** As the letter about it says. */
export type FactorChange =
  | "two_factor_on"
  | "two_factor_off"
  | "backup_codes_replaced"
  | "passkey_added"
  | "passkey_removed";

export interface ChangedFactor {
  readonly what: FactorChange;

  /** Its own name, where it has one. */
  readonly name?: string;

  readonly event: AuditEvent;
  readonly place: Place;
}

/**
 * In the write that changes it: the account's other sessions end, what was half proved with the old factors is
 * void, the account's address is told, and the audit has a line.
 */
export async function settleFactorChange(
  core: Core,
  tx: Writes,
  { user, session }: Caller,
  { what, name, event, place }: ChangedFactor,
): Promise<void> {
  const at = core.clock();
  await tx.sessions.endAll(user.id, session.id, at);
  await tx.proofs.deleteFor(user.id);
  const named = name === undefined ? {} : { name };
  if (user.email !== null)
    await write(core, tx, { to: user.email, notice: { kind: "factor_changed", what, at, ...named } });
  await record(core, tx, place, {
    event,
    actorId: user.id,
    userId: user.id,
    sessionId: session.id,
    reason: name ?? null,
  });
}
