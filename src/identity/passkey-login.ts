/**
 * Signing in with a passkey. It is two factors by itself: who holds the authenticator and was verified by it is
 * asked for nothing else, and is never slowed down by others' wrong passwords.
 */
import { answerCeremony, ceremonySeconds, type House, openCeremony, relyingParty } from "./ceremony.ts";
import type { Core } from "./core.ts";
import { type Descriptor, decoys, enrolsAnew } from "./decoy.ts";
import type { Place } from "./known.ts";
import { limitKey } from "./limit.ts";
import { descriptorOf, type Outline, type Passkey } from "./passkey.ts";
import { mintProof } from "./proof.ts";
import { Refusal } from "./refusal.ts";
import { hashSecret } from "./secret.ts";
import { type Opened, openSession, type SessionKind } from "./session.ts";
import type { Writes } from "./store.ts";
import { clearFailures } from "./throttle.ts";
import { findByLogin, findIdByLogin, fold, type User } from "./user.ts";
import { type Assertion, Unacceptable, type Used, userHandleOf, verifyAssertion } from "./webauthn.ts";

/** `PublicKeyCredentialRequestOptionsJSON` (WebAuthn Level 3 §5.1.10). */
export interface RequestOptions {
  readonly challenge: string;

  /** Milliseconds. */
  readonly timeout: number;

  /** The present name of the house; its former one for somebody who has passkeys of that alone. */
  readonly rpId: string;

  /**
   * Those of both names: an authenticator passes over the ones that are not of the name it is asked under. Empty:
   * any passkey of the house that it finds by itself.
   */
  readonly allowCredentials: readonly Descriptor[];

  readonly userVerification: "required";
}

/**
 * Options for signing in, with the passkeys of the account that `typed` names; of a name that has none, or is
 * nobody's, with some that nobody has. Both take the same steps.
 */
export async function beginPasskeyLogin(
  core: Core,
  { typed, place }: { typed: string | null; place: Place },
): Promise<RequestOptions> {
  const named = typed !== null;
  const name = fold(typed ?? "").normalize("NFKC");
  const { passkeys, users } = core.store.read;
  const userId = named ? await findIdByLogin(users, name) : null;
  const known = named ? await passkeys.outlines(userId ?? "") : [];
  return core.store.write(async (tx) => {
    const house = await relyingParty(core, tx);
    const usable = known.filter(({ rpId }) => house.ids.includes(rpId)).map(offer);
    // Making some up takes about as long as having found some did, so only who found none does it.
    const others = () => (named ? standIns(core, house, userId ?? `name ${name}`) : []);
    const offered = usable.length > 0 ? usable : others();
    const isPresent = offered.length === 0 || offered.some(({ rpId }) => rpId === house.id);
    const asker = askerOf(place);
    return {
      challenge: await openCeremony(core, tx, { purpose: "authenticate", asker, userId, named }),
      timeout: ceremonySeconds * 1000,
      rpId: isPresent ? house.id : (house.former?.host ?? house.id),
      allowCredentials: offered.map(({ descriptor }) => descriptor),
      userVerification: "required",
    };
  });
}

interface Offered {
  readonly rpId: string;
  readonly descriptor: Descriptor;
}

const offer = (passkey: Outline): Offered => ({ rpId: passkey.rpId, descriptor: descriptorOf(passkey) });

/**
 * What a name without a passkey is offered. In a house that moved it has some of the former host's, and from some
 * day on also some of this one's: were it otherwise, the name that is asked for would tell who is real.
 */
function standIns({ keys, clock }: Core, { id, former }: House, subject: string): Offered[] {
  const isAnew = !former || enrolsAnew(keys, subject, new Date(former.since)) <= clock();
  const hosts = [...(former ? [former.host] : []), ...(isAnew ? [id] : [])];
  return hosts.flatMap((rpId) =>
    decoys(keys, `${rpId} ${subject}`).map((descriptor) => ({ rpId, descriptor })),
  );
}

export interface PasskeyLogin {
  readonly answer: Assertion;
  readonly place: Place;
}

/** Refuses: `PASSKEY_REJECTED`, and `ACCOUNT_DISABLED` once all was right. */
export function loginWithPasskey(
  core: Core,
  { kind, ...login }: PasskeyLogin & { readonly kind: SessionKind },
): Promise<Opened> {
  return usePasskey(core, login, (tx, { id: userId }) =>
    signIn(core, tx, { userId, kind, place: login.place }),
  );
}

/** Seconds a proof can be spent. */
const proofSeconds = 120;

export interface PasskeyProof {
  readonly user: User;
  readonly token: string;
  readonly expiresAt: Date;
}

/**
 * Makes the use of a passkey something that can be shown once: for a session of one's own, or to confirm one.
 *
 * Refuses: `PASSKEY_REJECTED`, and `ACCOUNT_DISABLED` once all was right.
 */
export function provePasskey(core: Core, login: PasskeyLogin): Promise<PasskeyProof> {
  return usePasskey(core, login, async (tx, user) => {
    const facts = {
      purpose: "passkey",
      userId: user.id,
      methods: ["passkey"],
      seconds: proofSeconds,
    } as const;
    return { user, ...(await mintProof(core, tx, facts)) };
  });
}

/**
 * Spends such a proof for a session. `typed` has to name its account, so that nobody is signed in as somebody
 * they did not mean to be. Refuses: `INVALID_TOKEN`, `ACCOUNT_DISABLED`.
 */
export function loginWithProof(
  core: Core,
  { typed, token, kind, place }: { typed: string; token: string; kind: SessionKind; place: Place },
): Promise<Opened> {
  return core.store.write(async (tx) => {
    const proof = await tx.proofs.spend(hashSecret(token), "passkey", core.clock());
    const user = await findByLogin(tx.users, typed);
    if (!proof || proof.userId !== user?.id) throw new Refusal("INVALID_TOKEN");
    return signIn(core, tx, { userId: user.id, kind, place });
  });
}

async function signIn(
  core: Core,
  tx: Writes,
  asked: { userId: string; kind: SessionKind; place: Place },
): Promise<Opened> {
  const opened = await openSession(core, tx, { ...asked, methods: ["passkey"] });
  await clearFailures(core, tx, asked.userId);
  return opened;
}

/** Judges the answer; what it says anew about the passkey is kept in the write that does `work`. */
function usePasskey<Result>(
  core: Core,
  { answer, place }: PasskeyLogin,
  work: (tx: Writes, user: User) => Promise<Result>,
): Promise<Result> {
  return answerCeremony<{ passkey: Passkey; used: Used }, Result>(core, {
    answer,
    purpose: "authenticate",
    asker: askerOf(place),
    place,
    async judge(ceremony, about) {
      const passkey = await core.store.read.passkeys.findByCredential(answer.id);
      about.userId = passkey?.userId ?? ceremony.userId;
      const house = await relyingParty(core);
      if (!passkey) return refuseUnknown(house, answer);
      requireName(house, passkey);
      const used = await verifyAssertion({ ...house, id: passkey.rpId }, passkey, answer);
      // One that was enrolled since was not among those that were asked for.
      const meant = ceremony.userId === passkey.userId && passkey.createdAt <= ceremony.createdAt;
      if (ceremony.named && !meant) throw new Unacceptable("account");
      const { userHandle } = answer.response;
      const isOwn = userHandle === userHandleOf(passkey.userId);
      if (!isOwn && (userHandle !== undefined || !ceremony.named)) throw new Unacceptable("user_handle");
      return { passkey, used };
    },
    async work(tx, { passkey, used }) {
      // The move may have ended since the answer was judged.
      requireName(await relyingParty(core, tx), passkey);
      const facts = { ...used, lastUsedAt: core.clock() };
      if (!(await tx.passkeys.use(passkey.id, passkey.counter, facts))) throw new Unacceptable("counter");
      const user = await tx.users.find(passkey.userId);
      if (!user || user.disabledAt) throw new Refusal("ACCOUNT_DISABLED");
      return work(tx, user);
    },
  });
}

function requireName({ ids }: House, { rpId }: Passkey): void {
  if (!ids.includes(rpId)) throw new Unacceptable("rp_id");
}

/**
 * A passkey nobody has is judged as well, so that its refusal takes as long: it may be one of the decoys. What it
 * signed is under one name at most, so that one signature is looked at.
 */
async function refuseUnknown(house: House, answer: Assertion): Promise<never> {
  for (const id of house.ids)
    await verifyAssertion({ ...house, id }, nobodys(answer), answer).catch(() => null);
  throw new Unacceptable("credential");
}

/** P-256, made once and for nobody. */
const nobodysKey =
  "pQECAyYgASFYIH5as8Y_IZxBg1jvUVFX-aU2m9tBABRV-YbcmZiSAnkFIlggiwNdOWe-3oUc9oPTiZpRqjHatWkQMCf1__sy7GYumV4";

const nobodys = ({ id }: Assertion) =>
  ({ credentialId: id, publicKey: nobodysKey, counter: 0, deviceType: "multiDevice" }) as const;

const askerOf = ({ address }: Place): string => `address ${limitKey(address)}`;
