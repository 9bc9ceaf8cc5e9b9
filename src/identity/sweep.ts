/** Letting go of what is long dead. */
import { type Core, later } from "./core.ts";

/** Ended and expired things are kept a month, for people who ask what happened. */
const keptSeconds = 30 * 86_400;

export interface SweepWrites {
  /** Removes sessions (with their refresh tokens), API keys, invites, recovery links and admins' bootstrap tokens that were over before `before`. */
  dead(before: Date): Promise<void>;
}

export function sweepDead(core: Core): Promise<void> {
  return core.store.write(async (tx) => {
    await tx.sweep.dead(later(core, -keptSeconds));
    await tx.signingKeys.sweep(core.clock());
    await tx.proofs.sweep(core.clock());
    await tx.assertions.sweep(core.clock());
  });
}
