/** Making a passkey: the options for the authenticator, and its answer. */

import { requireOpen } from "./caller.ts";
import {
  answerCeremony,
  type CeremonyPurpose,
  ceremonySeconds,
  openCeremony,
  relyingParty,
} from "./ceremony.ts";
import type { Core } from "./core.ts";
import { offeredAlgorithms } from "./cose.ts";
import type { Descriptor } from "./decoy.ts";
import { settleFactorChange } from "./factor.ts";
import type { Place } from "./known.ts";
import { descriptorOf, insertPasskey, type Passkey } from "./passkey.ts";
import type { Caller } from "./session.ts";
import type { Writes } from "./store.ts";
import type { User } from "./user.ts";
import { type Creation, userHandleOf, verifyCreation } from "./webauthn.ts";

/** `PublicKeyCredentialCreationOptionsJSON` (WebAuthn Level 3 §5.1.8). */
export interface CreationOptions {
  readonly rp: { readonly id: string; readonly name: string };
  readonly user: { readonly id: string; readonly name: string; readonly displayName: string };
  readonly challenge: string;
  readonly pubKeyCredParams: readonly { readonly type: "public-key"; readonly alg: number }[];

  /** Milliseconds. */
  readonly timeout: number;

  readonly excludeCredentials: readonly Descriptor[];
  readonly authenticatorSelection: {
    readonly residentKey: "preferred";
    readonly requireResidentKey: false;
    readonly userVerification: "required";
  };
  readonly attestation: "none";
}

/** Options for another passkey of the caller's. Refuses: `UNAUTHENTICATED`. */
export function beginEnrolment(core: Core, caller: Caller): Promise<CreationOptions> {
  return core.store.write(async (tx) => {
    await requireOpen(core, tx, caller);
    return creationOptions(core, tx, { user: caller.user, purpose: "register", asker: askerOf(caller) });
  });
}

/** The question itself, in the write that may ask it. */
export async function creationOptions(
  core: Core,
  tx: Writes,
  { user, purpose, asker }: { user: User; purpose: CeremonyPurpose; asker: string },
): Promise<CreationOptions> {
  const { id } = await relyingParty(core, tx);
  const name = user.email ?? user.username;
  return {
    rp: { id, name: "Housekey" },
    user: { id: userHandleOf(user.id), name, displayName: user.name ?? name },
    challenge: await openCeremony(core, tx, { purpose, asker, userId: user.id, named: true }),
    pubKeyCredParams: offeredAlgorithms.map((alg) => ({ type: "public-key", alg })),
    timeout: ceremonySeconds * 1000,
    // One of the former host may be followed by one of this host in the same authenticator.
    excludeCredentials: (await tx.passkeys.list(user.id)).filter(({ rpId }) => rpId === id).map(descriptorOf),
    authenticatorSelection: {
      residentKey: "preferred",
      requireResidentKey: false,
      userVerification: "required",
    },
    attestation: "none",
  };
}

export interface Enrolling {
  readonly name: string;
  readonly answer: Creation;
  readonly place: Place;
}

/**
 * Adds the passkey to the caller's account, and ends their other sessions.
 *
 * Refuses: `PASSKEY_REJECTED`, `UNAUTHENTICATED`.
 */
export function enrolPasskey(
  core: Core,
  caller: Caller,
  { name, answer, place }: Enrolling,
): Promise<Passkey> {
  return answerCeremony(core, {
    answer,
    purpose: "register",
    asker: askerOf(caller),
    place,
    signedIn: true,
    judge: async () => verifyCreation(await relyingParty(core), answer),
    async work(tx, credential) {
      await requireOpen(core, tx, caller);
      const passkey = await insertPasskey(core, tx, { userId: caller.user.id, name, credential, answer });
      await settleFactorChange(core, tx, caller, {
        what: "passkey_added",
        name,
        event: "passkey.created",
        place,
      });
      return passkey;
    },
  });
}

/** What a passkey is called when nobody named it. */
export const nameOf = ({ device }: Place): string => (device ?? "Passkey").slice(0, 64);

const askerOf = ({ session }: Caller): string => `session ${session.id}`;
