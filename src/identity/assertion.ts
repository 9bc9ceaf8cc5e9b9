/**
 * What proves something once, and is signed or sealed instead of being kept: a sign-in with a provider that is under
 * way, an ID token that a client holds. Only that one was used is kept, for as long as it could be used again.
 */
import { hashSecret } from "./secret.ts";
import type { Writes } from "./store.ts";

export interface AssertionWrites {
  /** unused → used; `null` when it was used before. */
  use(hash: string, expiresAt: Date): Promise<{ readonly hash: string } | null>;

  sweep(now: Date): Promise<void>;
}

/** Whether it is used for the first time now. `expiresAt`: from when on it could not be used anyway. */
export async function useOnce(tx: Writes, secret: string, expiresAt: Date): Promise<boolean> {
  return (await tx.assertions.use(hashSecret(secret), expiresAt)) !== null;
}
