import type { Place } from "./known.ts";
import { may, type Permission } from "./permission.ts";
import { Refusal } from "./refusal.ts";
import type { Writes } from "./store.ts";

/** Who does something: a signed-in person at a place, or (both null) the operator on the host. */
export interface Actor {
  readonly userId: string | null;
  readonly place: Place | null;
}

export const host: Actor = { userId: null, place: null };

/**
 * Whether the actor still may, asked in the write itself: the guard judged the request as it came in, and a
 * demotion may have come between. Refuses: `FORBIDDEN`.
 */
export async function requireStill(tx: Writes, { userId }: Actor, permission: Permission): Promise<void> {
  if (userId === null) return;
  const user = await tx.users.find(userId);
  if (!user || user.disabledAt || !may(user.role, permission)) throw new Refusal("FORBIDDEN");
}
