/** How somebody could still sign in: what may not all be taken away. */
import type { Core } from "./core.ts";
import { policy } from "./policy.ts";
import { Refusal } from "./refusal.ts";
import type { Settings } from "./settings.ts";
import type { Writes } from "./store.ts";
import type { User } from "./user.ts";

/**
 * Asked in the write that took a way in, so that what is left is what there is: a password, as long as passwords are
 * taken, an identity at a provider that is asked, or an address whose mail is read. Refuses: `LAST_SIGN_IN_METHOD`.
 */
export async function refuseLastWayIn(core: Core, tx: Writes, user: User): Promise<void> {
  const { localLogin, mailLogin } = await policy(core, tx);
  if (user.passwordHash !== null && localLogin) return;
  const issuers = await issuersAsked(core, tx);
  if ((await tx.identities.listOf(user.id)).some(({ issuer }) => issuers.includes(issuer))) return;
  if (user.email !== null && user.emailVerified && core.fixed.mail && mailLogin) return;
  throw new Refusal("LAST_SIGN_IN_METHOD");
}

/** Whose word opens this house now. */
export async function issuersAsked(core: Core, tx: Writes): Promise<string[]> {
  const provider = await tx.providers.current();
  const { googleClientId, googleIssuer } = core.fixed;
  return [
    ...(provider?.enabled ? [provider.issuer] : []),
    ...(googleClientId === null ? [] : [googleIssuer]),
  ];
}

/** Without passwords, some admin must be able to sign in otherwise. Refuses: `LAST_SIGN_IN_METHOD`. */
export async function refuseLockOut(
  core: Core,
  tx: Writes,
  { localLogin, mailLogin }: Pick<Settings, "localLogin" | "mailLogin">,
): Promise<void> {
  if (localLogin !== false) return;
  if (core.fixed.mail && mailLogin !== false && (await tx.users.hasVerifiedAdmin())) return;
  if (await tx.identities.anyAdmin(await issuersAsked(core, tx))) return;
  throw new Refusal("LAST_SIGN_IN_METHOD", {
    message: "Without passwords no admin could sign in any more.",
  });
}
