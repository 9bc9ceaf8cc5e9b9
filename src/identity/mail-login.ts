/** Signing in with a code that was mailed: the first factor for those who read an address. */
import { claimAddress, settleSecond } from "./claim.ts";
import type { Core } from "./core.ts";
import type { Place } from "./known.ts";
import { codeKey, mailCode, maySend, redeemCode } from "./mail-code.ts";
import { policy } from "./policy.ts";
import { Refusal } from "./refusal.ts";
import { makeMember } from "./registration.ts";
import { settled } from "./second.ts";
import type { SessionKind } from "./session.ts";
import { completeSignIn, type Ended } from "./signin.ts";
import { findByLogin, fold, type User } from "./user.ts";

/** Whom a typed name or address means, and where their mail goes; a name that is nobody's has no mail. */
export async function mailboxOf(core: Core, typed: string): Promise<{ address: string; user: User | null }> {
  const name = fold(typed);
  const user = await findByLogin(core.store.read.users, name);
  return { address: user?.email ?? name, user };
}

/** Mails a code, if there is an account or registration is open; to the asker it always looks the same. */
export async function sendLoginCode(
  core: Core,
  { typed, place }: { typed: string; place: Place },
): Promise<void> {
  const { address, user } = await mailboxOf(core, typed);
  const { mailLogin, registration } = await policy(core);
  const wanted = mailLogin && address.includes("@") && (user ? user.email !== null : registration === "open");
  await core.store.write(async (tx) => {
    const key = codeKey(address, "login", place);
    if (await maySend(core, tx, key)) await mailCode(core, tx, key, { to: wanted ? address : null });
  });
}

export interface CodeLogin<Kind extends SessionKind> {
  /** A username or an address. */
  readonly typed: string;

  readonly mailed: string;

  /** Of the second factor, when it came along. */
  readonly code: string | undefined;

  readonly kind: Kind;
  readonly place: Place;
}

/** Refuses: `INVALID_CODE` (alike for unknown names), `TOTP_REQUIRED`, `ACCOUNT_DISABLED`, `RATE_LIMITED`. */
export async function loginWithCode<Kind extends SessionKind>(
  core: Core,
  { typed, mailed, code, kind, place }: CodeLogin<Kind>,
): Promise<Ended<Kind>> {
  const { address, user } = await mailboxOf(core, typed);
  const { mailLogin } = await policy(core);
  // What cannot be right is tried all the same, so that it takes as long.
  const key = codeKey(mailLogin ? address : "", "login", place);
  const answer = await redeemCode(core, { key, code: mailed, user, place }, async (tx) => {
    const known = await tx.users.findByEmail(address);
    const { registration } = await policy(core, tx);
    // A name that is nobody's was mailed nothing, and makes no account even for who guesses right.
    if (!known && (registration !== "open" || !address.includes("@"))) throw new Refusal("INVALID_CODE");
    const owner =
      known ?? (await makeMember(core, tx, { email: address, name: null, passwordHash: null, place }));
    await claimAddress(core, tx, owner, place);
    const done = await completeSignIn(core, tx, { userId: owner.id, kind, methods: ["otp"], code, place });
    if ("session" in done) await settleSecond(tx, owner);
    return done;
  });
  return settled(answer);
}
