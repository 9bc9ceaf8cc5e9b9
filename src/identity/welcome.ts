/**
 * Whose account a person from another provider gets: the one their identity is linked to; else, where the admin wants
 * it, the one with the same address, verified on both sides; else a new one, where registration allows.
 */
import { record } from "./audit.ts";
import type { Core } from "./core.ts";
import { insertIdentity } from "./identity.ts";
import type { Place } from "./known.ts";
import { policy } from "./policy.ts";
import { challengeSeconds, mintProof } from "./proof.ts";
import { Refusal } from "./refusal.ts";
import { makeMember } from "./registration.ts";
import type { Opened } from "./session.ts";
import { type Challenge, completeSignIn } from "./signin.ts";
import type { Writes } from "./store.ts";
import type { Claims } from "./upstream.ts";
import type { User } from "./user.ts";

export interface Arrival {
  readonly claims: Claims;

  /** Whether its newcomers are wanted at all; registration still has to be open. */
  readonly provision: boolean;

  readonly linkByEmail: boolean;
  readonly kind: "web" | "spa";
  readonly place: Place;
}

/**
 * Signs the person in, in one write; with two-factor on they are challenged, and only then is what was found by its
 * address linked. Refuses: `REGISTRATION_CLOSED`, and `ACCOUNT_DISABLED` once every factor was right.
 */
export async function welcome(
  core: Core,
  tx: Writes,
  arrival: Arrival,
): Promise<Opened | Challenge | Refusal> {
  const { claims, kind, place } = arrival;
  const { user, link } = await accountFor(core, tx, arrival);
  const proved = { userId: user.id, methods: ["oidc"], ...(link && { link: claims }) } as const;
  if (kind === "spa" || user.twoFactorAt === null)
    return completeSignIn(core, tx, { ...proved, code: undefined, kind, place });
  const asked = { ...proved, purpose: "upstream", seconds: challengeSeconds } as const;
  const { token, expiresAt } = await mintProof(core, tx, asked);
  return { challenge: token, expiresAt };
}

/** `link`: the identity is still to be linked to the account. */
async function accountFor(
  core: Core,
  tx: Writes,
  { claims, provision, linkByEmail, place }: Arrival,
): Promise<{ user: User; link: boolean }> {
  const known = await tx.identities.find(claims.issuer, claims.subject);
  const owner = known && (await tx.users.find(known.userId));
  if (owner) {
    await tx.identities.used(known.id, core.clock());
    return { user: owner, link: false };
  }
  const holder = claims.email === null ? null : await tx.users.findByEmail(claims.email);
  if (holder?.emailVerified && linkByEmail) return { user: holder, link: true };
  const { registration } = await policy(core, tx);
  if (!provision || registration !== "open") throw new Refusal("REGISTRATION_CLOSED");
  if (holder?.emailVerified)
    throw new Refusal("REGISTRATION_CLOSED", {
      message:
        "There is an account with this address. Sign in as you usually do, then link the provider to it.",
    });
  if (holder) await yieldAddress(core, tx, holder, place);
  const { email, name, handle } = claims;
  const user = await makeMember(core, tx, { email, name, handle, passwordHash: null, place });
  await insertIdentity(core, tx, user.id, claims);
  return { user, link: false };
}

/** Whoever only wrote an address down gives it up to whoever has verified it, and keeps nothing that was mailed there. */
async function yieldAddress(core: Core, tx: Writes, holder: User, place: Place): Promise<void> {
  await tx.users.update(holder.id, { email: null, emailVerified: false });
  if (holder.email !== null) await tx.mailCodes.deleteFor(holder.email);
  await tx.mailCodes.deleteFor(holder.id);
  await record(core, tx, place, {
    event: "user.changed",
    userId: holder.id,
    reason: "address verified by another",
  });
}
