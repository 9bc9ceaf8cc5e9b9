/**
 * A way back into an account, opened by an admin or from the host: a link, good once, for an hour. The same
 * link lets somebody whose account an admin made choose their first password.
 *
 *     open ──complete (password set or passkey added, everything else ended, signed in: one write)──▶ gone
 *       ├── a newer link, or the account disabled ──▶ gone
 *       └── its time is up ──▶ expired
 */
import { type Actor, requireStill } from "./actor.ts";
import { record } from "./audit.ts";
import { answerCeremony, relyingParty } from "./ceremony.ts";
import { type Core, later } from "./core.ts";
import { type CreationOptions, creationOptions, nameOf } from "./enrolment.ts";
import type { Place } from "./known.ts";
import { write } from "./mail.ts";
import { insertPasskey } from "./passkey.ts";
import { hashNewPassword } from "./password.ts";
import { policy } from "./policy.ts";
import { Refusal } from "./refusal.ts";
import { hashSecret, mintSecret } from "./secret.ts";
import { type Method, type Opened, openSession } from "./session.ts";
import type { Writes } from "./store.ts";
import { clearFailures } from "./throttle.ts";
import { dropTwoFactor } from "./two-factor.ts";
import type { User } from "./user.ts";
import { voidCredentials } from "./voiding.ts";
import { type Creation, verifyCreation } from "./webauthn.ts";

export interface Recovery {
  readonly userId: string;
  readonly tokenHash: string;

  /** Null for the host. */
  readonly createdBy: string | null;

  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export interface RecoveryReads {
  findByToken(tokenHash: string): Promise<Recovery | null>;
}

export interface RecoveryWrites extends RecoveryReads {
  /** Replaces the account's last one. */
  put(recovery: Recovery): Promise<void>;

  /** open → gone; `null` when it was gone or its time was up. */
  spend(tokenHash: string, at: Date): Promise<Recovery | null>;

  deleteFor(userId: string): Promise<void>;

  /** The links an admin made fall with their power to make them. */
  deleteBy(createdBy: string): Promise<void>;
}

export const recoverySeconds = 3600;

/** For a first password: people read their mail the next day. */
export const setupSeconds = 7 * 86_400;

export interface RecoveryLink {
  readonly url: string;
  readonly expiresAt: Date;
}

/** Refuses: `NOT_FOUND`, `ACCOUNT_DISABLED`. */
export async function createRecovery(core: Core, by: Actor, userId: string): Promise<RecoveryLink> {
  const { url } = await policy(core);
  return core.store.write(async (tx) => {
    await requireStill(tx, by, "users:write");
    const user = await tx.users.find(userId);
    if (!user) throw new Refusal("NOT_FOUND");
    if (user.disabledAt)
      throw new Refusal("ACCOUNT_DISABLED", { message: "This account is disabled. Enable it first." });
    return mintRecovery(core, tx, { user, by, seconds: recoverySeconds, url });
  });
}

/** Mints a link in the write it belongs to. `url` is the public origin. */
export async function mintRecovery(
  core: Core,
  tx: Writes,
  { user, by, seconds, url }: { user: User; by: Actor; seconds: number; url: string },
): Promise<RecoveryLink> {
  const token = mintSecret(24);
  const expiresAt = later(core, seconds);
  await tx.recoveries.put({
    userId: user.id,
    tokenHash: hashSecret(token),
    createdBy: by.userId,
    createdAt: core.clock(),
    expiresAt,
  });
  await record(core, tx, by.place, { event: "recovery.created", actorId: by.userId, userId: user.id });
  return { url: `${url}/recover#token=${token}`, expiresAt };
}

/** Whose account a link is for. Refuses: `INVALID_TOKEN` alike for one that is wrong, used, expired or replaced. */
export async function findRecovery(core: Core, token: string): Promise<{ user: User; expiresAt: Date }> {
  const found = await core.store.read.recoveries.findByToken(hashSecret(token));
  const user = found && (await core.store.read.users.find(found.userId));
  if (!user || found.expiresAt <= core.clock()) throw new Refusal("INVALID_TOKEN");
  return { user, expiresAt: found.expiresAt };
}

/**
 * Sets the password, drops the second factor, ends everything the account had open, and signs its owner in.
 *
 * Refuses: `INVALID_TOKEN`, `WEAK_PASSWORD`, `ACCOUNT_DISABLED`, `BUSY`.
 */
export async function completeRecovery(
  core: Core,
  { token, password, place }: { token: string; password: string; place: Place },
): Promise<Opened> {
  const { user } = await findRecovery(core, token);
  const min = core.fixed.passwordMin;
  const passwordHash = await hashNewPassword(core, { password, owner: user, min, field: "password" });
  return core.store.write((tx) =>
    spendRecovery(core, tx, { token, method: "pwd", place }, async (current) => {
      await tx.users.setPassword(current.id, current.passwordHash, passwordHash);
    }),
  );
}

const askerOf = (token: string): string => `link ${hashSecret(token)}`;

/** Options for a new passkey in place of a new password. Refuses: `INVALID_TOKEN`. */
export async function beginPasskeyRecovery(core: Core, token: string): Promise<CreationOptions> {
  const { user } = await findRecovery(core, token);
  const facts = { user, purpose: "recovery", asker: askerOf(token) } as const;
  return core.store.write((tx) => creationOptions(core, tx, facts));
}

/**
 * Adds a passkey in place of setting a password; the rest is the same. A password that is set stays.
 *
 * Refuses: `INVALID_TOKEN`, `PASSKEY_REJECTED`, `ACCOUNT_DISABLED`.
 */
export async function completePasskeyRecovery(
  core: Core,
  { token, answer, place }: { token: string; answer: Creation; place: Place },
): Promise<Opened> {
  await findRecovery(core, token);
  return answerCeremony(core, {
    answer,
    purpose: "recovery",
    asker: askerOf(token),
    place,
    judge: async () => verifyCreation(await relyingParty(core), answer),
    work: (tx, credential) =>
      spendRecovery(core, tx, { token, method: "passkey", place }, async ({ id: userId, email }) => {
        const { name } = await insertPasskey(core, tx, { userId, name: nameOf(place), credential, answer });
        const facts = { event: "passkey.created", actorId: userId, userId, reason: name } as const;
        await record(core, tx, place, facts);
        if (email === null) return;
        const notice = { kind: "factor_changed", what: "passkey_added", name, at: core.clock() } as const;
        await write(core, tx, { to: email, notice });
      }),
  });
}

/** Spends the link and does `mend` for its account, which is then as if nobody had been in it. */
async function spendRecovery(
  core: Core,
  tx: Writes,
  { token, method, place }: { token: string; method: Method; place: Place },
  mend: (user: User) => Promise<void>,
): Promise<Opened> {
  const spent = await tx.recoveries.spend(hashSecret(token), core.clock());
  const user = spent && (await tx.users.find(spent.userId));
  if (!user) throw new Refusal("INVALID_TOKEN");
  await mend(user);
  await voidCredentials(core, tx, user.id);
  await dropTwoFactor(tx, user.id);
  await clearFailures(core, tx, user.id);
  await record(core, tx, place, { event: "recovery.completed", actorId: user.id, userId: user.id });
  return openSession(core, tx, { userId: user.id, kind: "web", methods: [method], place });
}
