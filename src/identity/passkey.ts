/**
 * A passkey: a key in somebody's authenticator, and what the house keeps of it to know it again. Enrolled
 * once, through whatever surface, it counts on all of them.
 *
 *     enrolled ──used (its counter moves on)──▶ enrolled
 *       └── deleted, or its account is ──▶ gone
 */

import { requireOpen } from "./caller.ts";
import type { Core } from "./core.ts";
import type { Descriptor } from "./decoy.ts";
import { settleFactorChange } from "./factor.ts";
import { newId } from "./id.ts";
import type { Place } from "./known.ts";
import { Refusal } from "./refusal.ts";
import type { Caller } from "./session.ts";
import type { Writes } from "./store.ts";
import { requireWayIn } from "./way-in.ts";
import { type Creation, type Credential, Unacceptable, type Used } from "./webauthn.ts";

export interface Passkey extends Credential {
  readonly id: string;
  readonly userId: string;
  readonly name: string;

  /** How its authenticator can be reached, as it said itself; sorted. A hint for browsers. */
  readonly transports: readonly string[];

  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
}

/** What is told of a passkey to whoever asks by its owner's name. */
export type Outline = Pick<Passkey, "credentialId" | "rpId" | "transports">;

export interface PasskeyReads {
  findByCredential(credentialId: string): Promise<Passkey | null>;

  /** Oldest first. */
  list(userId: string): Promise<Passkey[]>;

  /** The same as far as options tell: so little is read that finding some takes hardly longer than finding none. */
  outlines(userId: string): Promise<Outline[]>;

  /** Whether an admin who may sign in has one that is bound to one of these names. */
  hasLiveAdmin(rpIds: readonly string[]): Promise<boolean>;

  /** The accounts that have one bound to this name, in the order they were made. */
  holders(rpId: string): Promise<string[]>;
}

export interface PasskeyWrites extends PasskeyReads {
  /** `null` when the credential is known already, whosever it is. */
  insert(passkey: Passkey): Promise<Passkey | null>;

  /** Compare and set: `null` when the counter is no longer `counter`, or the passkey is gone. */
  use(id: string, counter: number, used: Used & { readonly lastUsedAt: Date }): Promise<Passkey | null>;

  /** `null` when it is not `userId`'s. */
  rename(id: string, userId: string, name: string): Promise<Passkey | null>;

  /** `null` when it was gone already, or is not `userId`'s. */
  delete(id: string, userId: string): Promise<Passkey | null>;

  deleteFor(userId: string): Promise<void>;
}

/** Nobody has more authenticators than that. */
const mostPasskeys = 50;

export const listPasskeys = (core: Core, { user }: Caller): Promise<Passkey[]> =>
  core.store.read.passkeys.list(user.id);

/** Refuses: `NOT_FOUND`. */
export async function renamePasskey(
  core: Core,
  { user }: Caller,
  { id, name }: { id: string; name: string },
): Promise<Passkey> {
  const renamed = await core.store.write((tx) => tx.passkeys.rename(id, user.id, name));
  if (!renamed) throw new Refusal("NOT_FOUND");
  return renamed;
}

/** Refuses: `NOT_FOUND`, `LAST_SIGN_IN_METHOD`, `UNAUTHENTICATED`. */
export async function deletePasskey(
  core: Core,
  caller: Caller,
  { id, place }: { id: string; place: Place },
): Promise<void> {
  await core.store.write(async (tx) => {
    await requireOpen(core, tx, caller);
    const deleted = await tx.passkeys.delete(id, caller.user.id);
    if (!deleted) throw new Refusal("NOT_FOUND");
    await requireWayIn(core, tx, caller.user.id);
    const { name } = deleted;
    await settleFactorChange(core, tx, caller, {
      what: "passkey_removed",
      name,
      event: "passkey.deleted",
      place,
    });
  });
}

/** Keeps what was judged good. Throws `Unacceptable` when somebody, whoever it is, has it already. */
export async function insertPasskey(
  core: Core,
  tx: Writes,
  {
    userId,
    name,
    credential,
    answer,
  }: { userId: string; name: string; credential: Credential; answer: Creation },
): Promise<Passkey> {
  if ((await tx.passkeys.list(userId)).length >= mostPasskeys) throw new Unacceptable("too_many");
  const createdAt = core.clock();
  const passkey = await tx.passkeys.insert({
    ...credential,
    id: newId("psk", createdAt),
    userId,
    name,
    transports: [...new Set(answer.response.transports)].sort(),
    createdAt,
    lastUsedAt: null,
  });
  if (!passkey) throw new Unacceptable("known_credential");
  return passkey;
}

export const descriptorOf = ({
  credentialId,
  transports,
}: Pick<Outline, "credentialId" | "transports">): Descriptor => ({
  id: credentialId,
  type: "public-key",
  transports,
});
