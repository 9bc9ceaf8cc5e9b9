/** The ways an account can be signed in to. At least one has to be left. */
import type { Core } from "./core.ts";
import { type Policy, policy, rpIdsOf } from "./policy.ts";
import { Refusal } from "./refusal.ts";
import type { Settings } from "./settings.ts";
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
  async ({ core, tx, user }) => {
    const issuers = await issuersAsked(core, tx);
    return (await tx.identities.listOf(user.id)).some(({ issuer }) => issuers.includes(issuer));
  },
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

/** Whose word opens this house now: identities at others are of no use. */
async function issuersAsked(core: Core, tx: Writes): Promise<string[]> {
  const provider = await tx.providers.current();
  const { googleClientId, googleIssuer } = core.fixed;
  return [
    ...(provider?.enabled ? [provider.issuer] : []),
    ...(googleClientId === null ? [] : [googleIssuer]),
  ];
}

/**
 * Without passwords, some admin must be able to sign in by a passkey, a mailed code or another provider. Refuses:
 * `LAST_SIGN_IN_METHOD`.
 */
export async function refuseLockOut(
  core: Core,
  tx: Writes,
  { localLogin, mailLogin }: Pick<Settings, "localLogin" | "mailLogin">,
): Promise<void> {
  if (localLogin !== false || (await tx.passkeys.hasLiveAdmin(rpIdsOf(await policy(core, tx))))) return;
  if (core.fixed.mail && mailLogin !== false && (await tx.users.hasVerifiedAdmin())) return;
  if (await tx.identities.anyAdmin(await issuersAsked(core, tx))) return;
  throw new Refusal("LAST_SIGN_IN_METHOD", {
    message: "Without passwords no admin could sign in any more.",
  });
}
