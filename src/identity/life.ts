import type { Lifetimes } from "./policy.ts";
import type { Session } from "./session.ts";

/** Whether a session still stands at `now`; `sighted` is a use that is not in the store yet. */
export function isOpen(
  session: Session,
  now: Date,
  lifetimes: Lifetimes,
  sighted: Date | undefined,
): boolean {
  const at = now.getTime();
  const lastSeen = Math.max(session.lastSeenAt.getTime(), sighted?.getTime() ?? 0);
  return (
    session.endedAt === null &&
    session.expiresAt.getTime() > at &&
    // A shortened lifetime holds for sessions that are open already.
    session.createdAt.getTime() + lifetimes.session * 1000 > at &&
    lastSeen + lifetimes.idle * 1000 > at
  );
}
