/** The ways an account can be signed in to. At least one has to be left. */
import type { Core } from "./core.ts";
import { type Policy, policy, rpIdsOf } from "./policy.ts";
import { Refusal } from "./refusal.ts";
import type { Writes } from "./store.ts";
import type { User } from "./user.ts";

interface Asked {
  readonly core: Core;
  readonly tx: Writes;
  readonly rules: Policy;
  readonly user: User;
}

/** Every way there is; whoever adds one adds a line. */
const ways: readonly ((asked: Asked) => boolean | Promise<boolean>)[] = [
  ({ user, rules }) => user.passwordHash !== null && rules.localLogin,
  ({ core, user, rules }) => core.fixed.mail && rules.mailLogin && user.email !== null && user.emailVerified,
  async ({ tx, user, rules }) =>
    (await tx.passkeys.list(user.id)).some(({ rpId }) => rpIdsOf(rules).includes(rpId)),
];

/** To be asked in a write that took a way in away, after it did. Refuses: `LAST_SIGN_IN_METHOD`. */
export async function requireWayIn(core: Core, tx: Writes, userId: string): Promise<void> {
  const user = await tx.users.find(userId);
  const rules = await policy(core, tx);
  if (!user || !(await hasWayIn({ core, tx, rules, user }))) throw new Refusal("LAST_SIGN_IN_METHOD");
}

/** Whether the account could be signed in to under `rules`. */
export async function hasWayIn(asked: Asked): Promise<boolean> {
  for (const isOpen of ways) if (await isOpen(asked)) return true;
  return false;
}
