/**
 * Somebody at another provider who is somebody here. Who they are there is the pair of issuer and subject; an address
 * never is.
 *
 *     linked ──unlink (by its owner, while another way in is left)──▶ gone
 */

import { requireOpen } from "./caller.ts";
import type { Core } from "./core.ts";
import { type FactorOwner, settleFactorChange } from "./factor.ts";
import { newId } from "./id.ts";
import type { Place } from "./known.ts";
import { Refusal } from "./refusal.ts";
import type { Caller } from "./session.ts";
import type { Writes } from "./store.ts";
import type { Claims } from "./upstream.ts";
import { requireWayIn } from "./way-in.ts";

export interface Identity {
  readonly id: string;
  readonly userId: string;
  readonly issuer: string;
  readonly subject: string;

  /** As the provider had verified it when it was linked; for people to tell them apart, never to find anybody by. */
  readonly email: string | null;

  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
}

export interface IdentityReads {
  find(issuer: string, subject: string): Promise<Identity | null>;

  /** In the order they were linked. */
  listOf(userId: string): Promise<Identity[]>;

  /** Whether an admin who may sign in has one of these issuers' identities. */
  anyAdmin(issuers: readonly string[]): Promise<boolean>;
}

export interface IdentityWrites extends IdentityReads {
  /** `null` when it is linked already, to whomever. */
  insert(identity: Identity): Promise<Identity | null>;

  used(id: string, at: Date): Promise<void>;

  /** linked → gone; `null` when it was not `userId`'s, or gone. */
  delete(id: string, userId: string): Promise<Identity | null>;

  deleteFor(userId: string): Promise<void>;
}

export const listIdentities = (core: Core, { user }: Caller): Promise<Identity[]> =>
  core.store.read.identities.listOf(user.id);

/**
 * In the write that proved both: from now on this is a way into the account. `null` when the identity is linked
 * already, to whomever.
 */
export async function linkIdentity(
  core: Core,
  tx: Writes,
  owner: FactorOwner,
  { claims, place }: { claims: Claims; place: Place },
): Promise<Identity | null> {
  const linked = await insertIdentity(core, tx, owner.user.id, claims);
  if (linked) {
    const changed = { what: "identity_linked", event: "identity.linked", place } as const;
    await settleFactorChange(core, tx, owner, { ...changed, name: nameOf(claims.issuer) });
  }
  return linked;
}

/** Without a word to anybody: the account is made in the same write. */
export function insertIdentity(
  core: Core,
  tx: Writes,
  userId: string,
  { issuer, subject, email }: Claims,
): Promise<Identity | null> {
  const createdAt = core.clock();
  const id = newId("idn", createdAt);
  return tx.identities.insert({ id, userId, issuer, subject, email, createdAt, lastUsedAt: createdAt });
}

/** Refuses: `NOT_FOUND`, `LAST_SIGN_IN_METHOD`. */
export function unlinkIdentity(
  core: Core,
  caller: Caller,
  { id, place }: { id: string; place: Place },
): Promise<void> {
  return core.store.write(async (tx) => {
    const user = await requireOpen(core, tx, caller);
    const gone = await tx.identities.delete(id, user.id);
    if (!gone) throw new Refusal("NOT_FOUND");
    await requireWayIn(core, tx, user.id);
    const changed = { what: "identity_unlinked", event: "identity.unlinked", place } as const;
    await settleFactorChange(core, tx, { ...caller, user }, { ...changed, name: nameOf(gone.issuer) });
  });
}

/** The provider in a word, for letters and lists. */
export const nameOf = (issuer: string): string => (URL.canParse(issuer) ? new URL(issuer).host : issuer);
