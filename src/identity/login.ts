/**
 * Proving who someone is with a password. The session is opened in the write that checks, once more, that
 * what was proved still holds; how its token travels is the surface's business.
 */
import { record } from "./audit.ts";
import { requireOpen } from "./caller.ts";
import type { Core } from "./core.ts";
import type { Place } from "./known.ts";
import { write } from "./mail.ts";
import { hashNewPassword, rehash, verifyPassword } from "./password.ts";
import { policy } from "./policy.ts";
import { Refusal } from "./refusal.ts";
import { settled } from "./second.ts";
import type { Caller, SessionKind } from "./session.ts";
import { completeSignIn, type Ended } from "./signin.ts";
import { beginTry, type Try } from "./throttle.ts";
import { findByLogin, type User } from "./user.ts";

export interface PasswordLogin<Kind extends SessionKind> {
  /** A username or an address. */
  readonly username: string;

  readonly password: string;

  /** Of the second factor, when it came along. */
  readonly code: string | undefined;

  readonly kind: Kind;
  readonly place: Place;
}

/**
 * Refuses: `LOCAL_LOGIN_DISABLED`, `INVALID_CREDENTIALS` (alike for unknown names), `TOTP_REQUIRED`, `INVALID_CODE`,
 * `ACCOUNT_DISABLED`, `RATE_LIMITED`, `BUSY`.
 */
export async function loginWithPassword<Kind extends SessionKind>(
  core: Core,
  login: PasswordLogin<Kind>,
): Promise<Ended<Kind>> {
  if (!(await policy(core)).localLogin) throw new Refusal("LOCAL_LOGIN_DISABLED");
  // The hash may change while it is being checked (a password change, or a re-hash by a sign-in beside
  // this one): then the new hash is what counts, and it is checked too.
  for (let tries = 0; tries < 3; tries++) {
    const ended = await tryPassword(core, login);
    if (ended) return ended;
  }
  throw new Refusal("BUSY", { retryAfter: 1 });
}

async function tryPassword<Kind extends SessionKind>(
  core: Core,
  { username, password, code, kind, place }: PasswordLogin<Kind>,
): Promise<Ended<Kind> | null> {
  const user = await findByLogin(core.store.read.users, username);
  const attempt = await beginTry(core, { factor: "password", user, name: username, place });
  try {
    const phc = user?.passwordHash ?? null;
    if (!(await verifyPassword(core, { password, phc, field: "password" })) || !user || phc === null)
      throw await failed(core, attempt, user, place);

    const newer = await rehash(core, password, phc);
    const answer = await core.store.write(async (tx) => {
      if ((await tx.users.find(user.id))?.passwordHash !== phc) return null;
      const proved = { userId: user.id, kind, methods: ["pwd"], code, place } as const;
      const ended = await completeSignIn(core, tx, proved);
      if (newer) await tx.users.setPassword(user.id, phc, newer);
      return ended;
    });
    return settled(answer);
  } finally {
    attempt.done();
  }
}

/** One write for a known name and for an unknown one, so that the time tells nothing either. */
async function failed(core: Core, attempt: Try, user: User | null, place: Place): Promise<Refusal> {
  await core.store.write(async (tx) => {
    await attempt.fail(tx);
    await record(core, tx, place, {
      event: "signin.failed",
      userId: user?.id ?? null,
      methods: ["pwd"],
      result: "refused",
      reason: "INVALID_CREDENTIALS",
    });
  });
  return new Refusal("INVALID_CREDENTIALS");
}

/**
 * Sets the caller's password and ends their other sessions.
 *
 * Refuses: `INVALID_REQUEST` when the current one is missing, `INVALID_CREDENTIALS` when it is wrong or was
 * changed meanwhile, `WEAK_PASSWORD`, `BUSY`, `UNAUTHENTICATED` when the session was ended meanwhile.
 */
export async function changePassword(
  core: Core,
  caller: Caller,
  { current, password, place }: { current: string | undefined; password: string; place: Place },
): Promise<void> {
  const { user, session } = caller;
  if (user.passwordHash !== null) {
    if (current === undefined) throw missing("current_password", "Enter the password you have now.");
    await proveOwnPassword(core, caller, { password: current, field: "current_password", place });
  }
  const { passwordMin: min } = core.fixed;
  const made = await hashNewPassword(core, { password, owner: user, min, field: "new_password" });
  await core.store.write(async (tx) => {
    await requireOpen(core, tx, caller);
    const set = await tx.users.setPassword(user.id, user.passwordHash, made);
    if (!set) throw new Refusal("INVALID_CREDENTIALS", { signedIn: true });
    await tx.sessions.endAll(user.id, session.id, core.clock());
    // What the old password had half opened.
    await tx.proofs.deleteFor(user.id);
    if (user.email !== null)
      await write(core, tx, { to: user.email, notice: { kind: "password_changed", at: core.clock() } });
    await record(core, tx, place, {
      event: "password.changed",
      actorId: user.id,
      userId: user.id,
      sessionId: session.id,
    });
  });
}

/** Refuses: `INVALID_CREDENTIALS`, `RATE_LIMITED`, `BUSY`. `field` is what the request calls the password. */
export async function proveOwnPassword(
  core: Core,
  caller: Caller,
  { password, field, place }: { password: string; field: string; place: Place },
): Promise<void> {
  const { user } = caller;
  const attempt = await beginTry(core, { factor: "password", user, name: user.username, place, caller });
  try {
    if (await verifyPassword(core, { password, phc: user.passwordHash, field })) return;
    await failed(core, attempt, user, place);
    throw new Refusal("INVALID_CREDENTIALS", { signedIn: true });
  } finally {
    attempt.done();
  }
}

export const missing = (path: string, message: string): Refusal =>
  new Refusal("INVALID_REQUEST", { details: [{ path, message }] });
