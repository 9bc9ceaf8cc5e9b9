/** The end of every sign-in that began with a factor of its own: the second factor, then the session. */
import type { Core } from "./core.ts";
import { linkIdentity } from "./identity.ts";
import type { Place } from "./known.ts";
import { challengeSeconds, linkIn, mintProof, mostTries, type ProofPurpose } from "./proof.ts";
import { Refusal } from "./refusal.ts";
import { settled, spendSecond } from "./second.ts";
import { hashSecret } from "./secret.ts";
import { type Method, type Opened, openSession, type SessionKind } from "./session.ts";
import type { Writes } from "./store.ts";
import { clearFailures } from "./throttle.ts";
import type { Claims } from "./upstream.ts";

/** A first factor that was right; the second is asked for in a request of its own. */
export interface Challenge {
  readonly challenge: string;
  readonly expiresAt: Date;
}

/** Clients with tokens are challenged; all others send the code along. */
export type Ended<Kind extends SessionKind> = Kind extends "spa" ? Opened | Challenge : Opened;

export interface Proved<Kind extends SessionKind> {
  readonly userId: string;
  readonly kind: Kind;

  /** What proved the first factor. */
  readonly methods: readonly Method[];

  /** Of the second factor, when it came along. */
  readonly code: string | undefined;

  readonly place: Place;

  /** An identity that was found by its address, to be linked once every factor was right. */
  readonly link?: Claims;
}

/**
 * Ends a sign-in, in the write that proves its first factor, and before it is spent. A refusal that is answered is
 * to be answered by the write as well, which then spends nothing.
 *
 * Refuses: `TOTP_REQUIRED`, `RATE_LIMITED`, `ACCOUNT_DISABLED` once every factor was right; answers `INVALID_CODE`.
 */
export async function completeSignIn<Kind extends SessionKind>(
  core: Core,
  tx: Writes,
  { userId, kind, methods, code, place, link }: Proved<Kind>,
): Promise<Ended<Kind> | Refusal> {
  const user = await tx.users.find(userId);
  if (!user) throw new Refusal("ACCOUNT_DISABLED");
  if (kind === "spa" && user.twoFactorAt !== null) {
    const asked = { purpose: "second", userId, methods, link, seconds: challengeSeconds } as const;
    const { token, expiresAt } = await mintProof(core, tx, asked);
    return { challenge: token, expiresAt } as Ended<Kind>;
  }
  const shown = await spendSecond(core, tx, user, { code, place });
  if (shown instanceof Refusal) return shown;
  if (link) await linkIdentity(core, tx, { user, session: null }, { claims: link, place });
  const opened = await openSession(core, tx, { userId, kind, methods: [...methods, ...shown], place });
  await clearFailures(core, tx, userId);
  return opened as Ended<Kind>;
}

export interface Answer {
  /** The challenge's token. */
  readonly token: string;

  readonly purpose: ProofPurpose;
  readonly code: string;
  readonly kind: SessionKind;
  readonly place: Place;
}

/**
 * Answers a challenge with the second factor. Its fifth wrong code ends it.
 *
 * Refuses: `INVALID_CHALLENGE`, `INVALID_CODE`, `ACCOUNT_DISABLED`, `RATE_LIMITED`.
 */
export async function answerChallenge(
  core: Core,
  { token, purpose, code, kind, place }: Answer,
): Promise<Opened> {
  const tokenHash = hashSecret(token);
  const answer = await core.store.write(async (tx) => {
    const proof = await tx.proofs.find(tokenHash);
    const user = proof && (await tx.users.find(proof.userId));
    // Looked at before the code is: who comes with a dead challenge spends no step.
    if (!user || proof.purpose !== purpose || proof.expiresAt <= core.clock())
      throw new Refusal("INVALID_CHALLENGE");
    const shown = await spendSecond(core, tx, user, { code, place });
    if (shown instanceof Refusal)
      return (await tx.proofs.fail(tokenHash, mostTries)) ? new Refusal("INVALID_CHALLENGE") : shown;
    if (!(await tx.proofs.spend(tokenHash, purpose, core.clock()))) throw new Refusal("INVALID_CHALLENGE");
    const claims = linkIn(core, proof);
    if (claims) await linkIdentity(core, tx, { user, session: null }, { claims, place });
    const methods = [...proof.methods, ...shown];
    const opened = await openSession(core, tx, { userId: user.id, kind, methods, place });
    await clearFailures(core, tx, user.id);
    return opened;
  });
  return settled(answer);
}
