/**
 * Proving who someone is with a password. The session is opened in the write that checks, once more, that
 * what was proved still holds; how its token travels is the surface's business.
 */
import { record } from "./audit.ts";
import type { Core } from "./core.ts";
import type { Place } from "./known.ts";
import { write } from "./mail.ts";
import { codeKey, redeemCode } from "./mail-code.ts";
import { hashNewPassword, rehash, verifyPassword } from "./password.ts";
import { policy } from "./policy.ts";
import { Refusal } from "./refusal.ts";
import { type Caller, type Method, type Opened, openSession, type SessionKind } from "./session.ts";
import type { Writes } from "./store.ts";
import { beginTry, clearFailures, type Try } from "./throttle.ts";
import { findByLogin, type User } from "./user.ts";

export interface PasswordLogin {
  /** A username or an address. */
  readonly username: string;

  readonly password: string;
  readonly kind: SessionKind;
  readonly place: Place;
}

/** Refuses: `LOCAL_LOGIN_DISABLED`, `INVALID_CREDENTIALS` (alike for unknown names), `ACCOUNT_DISABLED`, `BUSY`. */
export async function loginWithPassword(core: Core, login: PasswordLogin): Promise<Opened> {
  if (!(await policy(core)).localLogin) throw new Refusal("LOCAL_LOGIN_DISABLED");
  // The hash may change while it is being checked (a password change, or a re-hash by a sign-in beside
  // this one): then the new hash is what counts, and it is checked too.
  for (let tries = 0; tries < 3; tries++) {
    const opened = await tryPassword(core, login);
    if (opened) return opened;
  }
  throw new Refusal("BUSY", { retryAfter: 1 });
}

async function tryPassword(
  core: Core,
  { username, password, kind, place }: PasswordLogin,
): Promise<Opened | null> {
  const user = await findByLogin(core.store.read.users, username);
  const attempt = await beginTry(core, { factor: "password", user, name: username, place });
  try {
    const phc = user?.passwordHash ?? null;
    if (!(await verifyPassword(core, { password, phc, field: "password" })) || !user || phc === null)
      throw await failed(core, attempt, user, place);

    const newer = await rehash(core, password, phc);
    return await core.store.write(async (tx) => {
      if ((await tx.users.find(user.id))?.passwordHash !== phc) return null;
      const opened = await openSession(core, tx, { userId: user.id, kind, methods: ["pwd"], place });
      await clearFailures(core, tx, user.id);
      if (newer) await tx.users.setPassword(user.id, phc, newer);
      return opened;
    });
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
 * Makes the caller's session fresh: by the password, or by a mailed sign-in code where there is none.
 *
 * Refuses: `INVALID_REQUEST` when what is needed is missing, `INVALID_CREDENTIALS`, `INVALID_CODE`,
 * `UNAUTHENTICATED`, `RATE_LIMITED`.
 */
export async function confirmSession(
  core: Core,
  caller: Caller,
  { password, code, place }: { password: string | undefined; code: string | undefined; place: Place },
): Promise<void> {
  const { user } = caller;
  if (user.passwordHash === null && user.email !== null && code !== undefined) {
    const key = codeKey(user.email, "login", place);
    return redeemCode(core, { key, code, user, place, caller }, (tx) =>
      prove(core, tx, caller, "otp", place),
    );
  }
  if (password === undefined) {
    if (user.passwordHash === null) throw missing("code", "Enter the code that was mailed to you.");
    throw missing("password", "Enter your password to confirm that it is you.");
  }
  await proveOwnPassword(core, caller, { password, field: "password", place });
  await core.store.write((tx) => prove(core, tx, caller, "pwd", place));
}

async function prove(core: Core, tx: Writes, { user, session }: Caller, method: Method, place: Place) {
  if (!(await tx.sessions.prove(session.id, core.clock()))) throw new Refusal("UNAUTHENTICATED");
  await record(core, tx, place, {
    event: "session.confirmed",
    actorId: user.id,
    userId: user.id,
    sessionId: session.id,
    methods: [method],
  });
}

/**
 * Sets the caller's password and ends their other sessions.
 *
 * Refuses: `INVALID_REQUEST` when the current one is missing, `INVALID_CREDENTIALS` when it is wrong or was
 * changed meanwhile, `WEAK_PASSWORD`, `BUSY`.
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
    const set = await tx.users.setPassword(user.id, user.passwordHash, made);
    if (!set) throw new Refusal("INVALID_CREDENTIALS", { signedIn: true });
    await tx.sessions.endAll(user.id, session.id, core.clock());
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

async function proveOwnPassword(
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

const missing = (path: string, message: string): Refusal =>
  new Refusal("INVALID_REQUEST", { details: [{ path, message }] });
