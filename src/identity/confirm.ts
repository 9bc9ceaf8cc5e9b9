/** Proving once more, in a session that is open, who one is. */
import { record } from "./audit.ts";
import type { Core } from "./core.ts";
import type { Place } from "./known.ts";
import { missing, proveOwnPassword } from "./login.ts";
import { codeKey, redeemCode } from "./mail-code.ts";
import { Refusal } from "./refusal.ts";
import { settled, spendSecond } from "./second.ts";
import { hashSecret } from "./secret.ts";
import type { Caller, Method } from "./session.ts";
import type { Writes } from "./store.ts";

export interface Confirmation {
  /** A proof by a passkey of the same account. */
  readonly passkeyToken: string | undefined;

  readonly password: string | undefined;

  /** The second factor beside the password; alone, where there is no password, that factor or a mailed code. */
  readonly code: string | undefined;

  readonly place: Place;
}

/**
 * Makes the caller's session fresh: by a passkey, by the password (and the second factor, where it is on), or by a
 * code where the account has neither.
 *
 * Refuses: `INVALID_REQUEST` when what is needed is missing, `PASSKEY_REJECTED`, `INVALID_CREDENTIALS`,
 * `TOTP_REQUIRED`, `INVALID_CODE`, `UNAUTHENTICATED`, `RATE_LIMITED`.
 */
export async function confirmSession(core: Core, caller: Caller, shown: Confirmation): Promise<void> {
  const { user } = caller;
  const { passkeyToken, password, place } = shown;
  if (passkeyToken !== undefined) return confirmByPasskey(core, caller, passkeyToken, place);
  if (user.passwordHash === null) {
    // A mailed code is less than what this account has to offer.
    const passkeys = await core.store.read.passkeys.list(user.id);
    if (passkeys.length > 0) throw missing("passkey_token", "Use your passkey to confirm that it is you.");
    return confirmByCode(core, caller, shown);
  }
  if (password === undefined) throw missing("password", "Enter your password to confirm that it is you.");
  await proveOwnPassword(core, caller, { password, field: "password", place });
  await confirmBySecond(core, caller, shown, ["pwd"]);
}

function confirmByPasskey(core: Core, caller: Caller, token: string, place: Place): Promise<void> {
  return core.store.write(async (tx) => {
    const proof = await tx.proofs.spend(hashSecret(token), "passkey", core.clock());
    // Another's proof is rolled back with the refusal: it is not this caller's to spend.
    if (proof?.userId !== caller.user.id) throw new Refusal("PASSKEY_REJECTED", { signedIn: true });
    await prove(core, tx, caller, proof.methods, place);
  });
}

async function confirmByCode(core: Core, caller: Caller, shown: Confirmation): Promise<void> {
  const { user } = caller;
  const { code, place } = shown;
  if (user.twoFactorAt !== null && code !== undefined) return confirmBySecond(core, caller, shown, []);
  if (code === undefined || user.email === null)
    throw missing("code", "Enter the code that was mailed to you, or one from your authenticator app.");
  const key = codeKey(user.email, "login", place);
  await redeemCode(core, { key, code, user, place, caller }, (tx) => prove(core, tx, caller, ["otp"], place));
}

/** `methods`: what was proved before. */
async function confirmBySecond(
  core: Core,
  caller: Caller,
  { code, place }: Confirmation,
  methods: readonly Method[],
): Promise<void> {
  const answer = await core.store.write(async (tx) => {
    const user = await tx.users.find(caller.user.id);
    if (!user) throw new Refusal("UNAUTHENTICATED");
    const shown = await spendSecond(core, tx, user, { code, place, caller });
    return shown instanceof Refusal ? shown : prove(core, tx, caller, [...methods, ...shown], place);
  });
  settled(answer);
}

async function prove(
  core: Core,
  tx: Writes,
  { user, session }: Caller,
  methods: readonly Method[],
  place: Place,
): Promise<void> {
  if (!(await tx.sessions.prove(session.id, core.clock()))) throw new Refusal("UNAUTHENTICATED");
  await record(core, tx, place, {
    event: "session.confirmed",
    actorId: user.id,
    userId: user.id,
    sessionId: session.id,
    methods,
  });
}
