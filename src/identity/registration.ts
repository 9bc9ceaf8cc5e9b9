/**
 * Making one's own account: a call is kept as a pending record under the code it mails, and only that code
 * completes it. A taken address gets a letter that says so, and the asker hears what everybody hears.
 */
import { randomBytes } from "node:crypto";
import { record } from "./audit.ts";
import type { Core } from "./core.ts";
import { newId } from "./id.ts";
import type { Place } from "./known.ts";
import { write } from "./mail.ts";
import { codeKey, codeSeconds, mailCode, maySend, redeemCode } from "./mail-code.ts";
import { hashNewPassword } from "./password.ts";
import { policy } from "./policy.ts";
import { Refusal } from "./refusal.ts";
import { hashSecret } from "./secret.ts";
import { type Opened, openSession, type SessionKind } from "./session.ts";
import type { Writes } from "./store.ts";
import { fold, type User, type UserReads } from "./user.ts";

export interface Registration {
  /** Lower case. */
  readonly email: string;

  readonly password: string;
  readonly name: string | null;
  readonly tenantName: string | null;

  /** An invitation's token. */
  readonly invite: string | null;

  readonly place: Place;
}

interface Pending {
  readonly passwordHash: string;
  readonly name: string | null;
  readonly tenantName: string | null;
  readonly inviteHash: string | null;
}

/** Answers for how long the mailed code is good, in seconds. Refuses: `REGISTRATION_CLOSED`, `WEAK_PASSWORD`, `BUSY`. */
export async function register(core: Core, asked: Registration): Promise<number> {
  const { email, password, place } = asked;
  const inviteHash = asked.invite === null ? null : hashSecret(asked.invite);
  await refuseClosed(core, core.store.read, { inviteHash, email });
  const owner = { username: email, email };
  const min = core.fixed.passwordMin;
  const passwordHash = await hashNewPassword(core, { password, owner, min, field: "password" });
  const pending: Pending = { passwordHash, name: asked.name, tenantName: asked.tenantName, inviteHash };
  await core.store.write(async (tx) => {
    const key = codeKey(email, "register", place);
    if (!(await maySend(core, tx, key))) return;
    // Both letters are queued either way, one of them to nobody: the time must not tell which it was.
    const taken = (await tx.users.findByEmail(email)) !== null;
    await write(core, tx, { to: taken ? email : null, notice: { kind: "already_registered" } });
    await mailCode(core, tx, key, { payload: pending, to: taken ? null : email });
  });
  return codeSeconds;
}

type Doors = Pick<Writes, "invites">;

/** Refuses `REGISTRATION_CLOSED` unless the house is open or the invitation opens it. */
async function refuseClosed(
  core: Core,
  { invites }: { readonly invites: Pick<Doors["invites"], "findByToken"> },
  { inviteHash, email }: { inviteHash: string | null; email: string },
): Promise<void> {
  const { registration } = await policy(core);
  if (inviteHash !== null) {
    const invite = await invites.findByToken(inviteHash);
    const good = invite && invite.usesLeft > 0 && invite.expiresAt > core.clock();
    if (good && (invite.email === null || invite.email === email)) return;
  }
  if (registration !== "open") throw new Refusal("REGISTRATION_CLOSED");
}

/** Makes the account, and the tenant it owns, and signs it in. Refuses: `INVALID_CODE`, `REGISTRATION_CLOSED`, `RATE_LIMITED`. */
export async function verifyRegistration(
  core: Core,
  { email, code, kind, place }: { email: string; code: string; kind: SessionKind; place: Place },
): Promise<Opened> {
  const key = codeKey(email, "register", place);
  const { registration } = await policy(core);
  return redeemCode(core, { key, code, user: null, place }, async (tx, { payload }) => {
    const pending = payload as Pending;
    const invite =
      pending.inviteHash === null ? null : await tx.invites.use(pending.inviteHash, core.clock());
    if (!invite && registration !== "open") throw new Refusal("REGISTRATION_CLOSED");
    const { passwordHash, name } = pending;
    const role = invite?.role ?? "member";
    const user = await makeMember(core, tx, { email, name, passwordHash, role, place });
    if (pending.tenantName !== null) {
      const createdAt = core.clock();
      const tenant = { id: newId("ten", createdAt), name: pending.tenantName, ownerId: user.id, createdAt };
      await tx.tenants.insert(tenant);
    }
    return openSession(core, tx, { userId: user.id, kind, methods: ["otp"], place });
  });
}

interface NewMember {
  /** Proved by the code that leads here, or by another provider's word. */
  readonly email: string | null;

  /** What they like to be called, to make the username of; otherwise it is made of the address. */
  readonly handle?: string | null;

  readonly name: string | null;
  readonly passwordHash: string | null;
  readonly role?: User["role"];
  readonly place: Place;
}

/** An account for an address that was just proved, or for nobody's address. Refuses `INVALID_CODE` when the address is taken by now. */
export async function makeMember(core: Core, tx: Writes, facts: NewMember): Promise<User> {
  const { email, handle = null, name, passwordHash, role = "member", place } = facts;
  const createdAt = core.clock();
  const user = await tx.users.insert({
    id: newId("usr", createdAt),
    username: await freeUsername(tx.users, handle ?? email ?? ""),
    email,
    emailVerified: email !== null,
    name,
    role,
    passwordHash,
    disabledAt: null,
    twoFactorAt: null,
    createdAt,
  });
  if (!user) throw new Refusal("INVALID_CODE");
  const whose = { actorId: user.id, userId: user.id };
  await record(core, tx, place, { event: "account.registered", ...whose });
  await record(core, tx, place, { event: "user.created", ...whose });
  return user;
}

/** Made up from an address or a name; with something random behind it when that is taken. */
async function freeUsername(users: UserReads, typed: string): Promise<string> {
  const [local = ""] = fold(typed).split("@");
  const base = local.replace(/[^a-z0-9._-]/g, "-").slice(0, 40) || "user";
  for (let candidate = base; ; candidate = `${base}-${randomBytes(4).toString("hex")}`)
    if (!(await users.findByUsername(candidate))) return candidate;
}
