/** The end of every sign-in that began with a factor of its own: the second factor, then the session. */
import type { Core } from "./core.ts";
import type { Place } from "./known.ts";
import { challengeSeconds, findChallenge, mintProof, mostTries, type ProofPurpose } from "./proof.ts";
import { Refusal } from "./refusal.ts";
import { type Second, withSecond } from "./second.ts";
import { hashSecret } from "./secret.ts";
import { type Method, type Opened, openSession, type SessionKind } from "./session.ts";
import type { Writes } from "./store.ts";
import { clearFailures } from "./throttle.ts";

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

  readonly place: Place;
}

/**
 * Ends a sign-in, in the write that proved its first factor. Refuses: `TOTP_REQUIRED`, `INVALID_CODE`,
 * `RATE_LIMITED`, and `ACCOUNT_DISABLED` once every factor was right.
 */
export async function completeSignIn<Kind extends SessionKind>(
  core: Core,
  tx: Writes,
  second: Second,
  { userId, kind, methods, place }: Proved<Kind>,
): Promise<Ended<Kind>> {
  const user = await tx.users.find(userId);
  if (!user) throw new Refusal("ACCOUNT_DISABLED");
  if (kind === "spa" && user.twoFactorAt !== null) {
    const asked = { purpose: "second", userId, methods, seconds: challengeSeconds } as const;
    const { token, expiresAt } = await mintProof(core, tx, asked);
    return { challenge: token, expiresAt } as Ended<Kind>;
  }
  const shown = [...methods, ...(await second.spend(tx, user))];
  return (await open(core, tx, { userId, kind, methods: shown, place })) as Ended<Kind>;
}

/**
 * Answers a challenge with the second factor. Its fifth wrong code ends it.
 *
 * Refuses: `INVALID_CHALLENGE`, `INVALID_CODE`, `ACCOUNT_DISABLED`, `RATE_LIMITED`.
 */
export async function answerChallenge(
  core: Core,
  {
    token,
    purpose,
    code,
    kind,
    place,
  }: { token: string; purpose: ProofPurpose; code: string; kind: SessionKind; place: Place },
): Promise<Opened> {
  await findChallenge(core, token, purpose);
  const tokenHash = hashSecret(token);
  let ended = false;
  const onWrong = async (tx: Writes) => {
    ended = await tx.proofs.fail(tokenHash, mostTries);
  };
  try {
    return await withSecond(core, { code, place, onWrong }, (second) =>
      core.store.write(async (tx) => {
        const proof = await tx.proofs.spend(tokenHash, purpose, core.clock());
        const user = proof && (await tx.users.find(proof.userId));
        if (!user) throw new Refusal("INVALID_CHALLENGE");
        const methods = [...proof.methods, ...(await second.spend(tx, user))];
        return open(core, tx, { userId: user.id, kind, methods, place });
      }),
    );
  } catch (error) {
    if (ended) throw new Refusal("INVALID_CHALLENGE", { cause: error });
    throw error;
  }
}

async function open(
  core: Core,
  tx: Writes,
  asked: { userId: string; kind: SessionKind; methods: Method[]; place: Place },
): Promise<Opened> {
  const opened = await openSession(core, tx, asked);
  await clearFailures(core, tx, asked.userId);
  return opened;
}
