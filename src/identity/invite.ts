/**
 * A link that lets somebody make their own account, also in a house that is closed.
 *
 *     open ──accept (the account is made in the same write)──▶ one use less ──▶ … ──▶ used up
 *       └── its time is up ──▶ expired        deleted: gone
 */
import { type Actor, requireStill } from "./actor.ts";
import { record } from "./audit.ts";
import { noteWritten } from "./claim.ts";
import { type Core, later } from "./core.ts";
import { newId } from "./id.ts";
import type { Place } from "./known.ts";
import { type Page, type Piece, piece } from "./page.ts";
import { hashNewPassword } from "./password.ts";
import type { Role } from "./permission.ts";
import { policy } from "./policy.ts";
import { Refusal } from "./refusal.ts";
import { hashSecret, mintSecret } from "./secret.ts";
import { type Opened, openSession } from "./session.ts";

export interface Invite {
  readonly id: string;
  readonly tokenHash: string;

  /** The address the account will have; null: the invited person says. */
  readonly email: string | null;

  readonly role: Role;

  /** Null for the host. */
  readonly createdBy: string | null;

  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly uses: number;
  readonly usesLeft: number;
}

export interface InviteReads {
  findByToken(tokenHash: string): Promise<Invite | null>;

  /** Those that can still be accepted, newest first. */
  list(page: Page, now: Date): Promise<Invite[]>;
}

export interface InviteWrites extends InviteReads {
  insert(invite: Invite): Promise<void>;

  /** One use less; `null` when none was left or its time was up. */
  use(tokenHash: string, at: Date): Promise<Invite | null>;

  delete(id: string): Promise<Invite | null>;

  /** What an admin invited falls with their power to invite. */
  deleteBy(createdBy: string): Promise<void>;
}

export interface NewInvite {
  readonly email: string | null;
  readonly role: Role;
  readonly seconds: number;
  readonly uses: number;
}

export interface Invited {
  readonly id: string;
  readonly token: string;
  readonly url: string;
  readonly expiresAt: Date;
}

/** Refuses: `EMAIL_TAKEN`; its caller is an admin, who may know. */
export async function createInvite(core: Core, by: Actor, asked: NewInvite): Promise<Invited> {
  const { email, role, seconds, uses } = asked;
  const token = mintSecret(24);
  const createdAt = core.clock();
  const invite: Invite = {
    id: newId("inv", createdAt),
    tokenHash: hashSecret(token),
    email,
    role,
    createdBy: by.userId,
    createdAt,
    expiresAt: later(core, seconds),
    uses,
    usesLeft: uses,
  };
  await core.store.write(async (tx) => {
    await requireStill(tx, by, "invites:write");
    if (email !== null && (await tx.users.findByEmail(email))) throw new Refusal("EMAIL_TAKEN");
    await tx.invites.insert(invite);
    await record(core, tx, by.place, { event: "invite.created", actorId: by.userId, reason: role });
  });
  const { url } = await policy(core);
  return { id: invite.id, token, url: `${url}/invite#token=${token}`, expiresAt: invite.expiresAt };
}

export function listInvites(core: Core, page: Page): Promise<Piece<Invite>> {
  const now = core.clock();
  return piece(page, (asked) => core.store.read.invites.list(asked, now));
}

/** Refuses: `NOT_FOUND`. */
export async function deleteInvite(core: Core, by: Actor, id: string): Promise<void> {
  await core.store.write(async (tx) => {
    if (!(await tx.invites.delete(id))) throw new Refusal("NOT_FOUND");
    await record(core, tx, by.place, { event: "invite.deleted", actorId: by.userId });
  });
}

/** Refuses: `INVALID_TOKEN` alike for one that is wrong, used up, expired or deleted. */
export async function findInvite(core: Core, token: string): Promise<Invite> {
  const found = await core.store.read.invites.findByToken(hashSecret(token));
  if (!found || found.usesLeft < 1 || found.expiresAt <= core.clock()) throw new Refusal("INVALID_TOKEN");
  return found;
}

export interface Accepted {
  readonly token: string;
  readonly username: string;
  readonly password: string;
  readonly email: string | null;
  readonly name: string | null;
  readonly place: Place;
}

/**
 * Makes the account and signs it in. What is refused leaves the invitation as it was.
 *
 * Refuses: `INVALID_TOKEN`, `WEAK_PASSWORD`, `USERNAME_TAKEN`, `BUSY`, and `INVALID_REQUEST` for an address
 * that is not the invited one or cannot be had; that it is another's is not said.
 */
export async function acceptInvite(core: Core, asked: Accepted): Promise<Opened> {
  const { token, username, password, name, place } = asked;
  const invite = await findInvite(core, token);
  if (invite.email !== null && asked.email !== null && asked.email !== invite.email)
    throw unusable("The invitation is for another address.");
  const email = invite.email ?? asked.email;
  const min = core.fixed.passwordMin;
  const owner = { username, email };
  const passwordHash = await hashNewPassword(core, { password, owner, min, field: "password" });

  return core.store.write(async (tx) => {
    const now = core.clock();
    const used = await tx.invites.use(hashSecret(token), now);
    if (!used) throw new Refusal("INVALID_TOKEN");
    const user = await tx.users.insert({
      ...owner,
      id: newId("usr", now),
      emailVerified: false,
      name,
      role: used.role,
      passwordHash,
      disabledAt: null,
      twoFactorAt: null,
      createdAt: now,
    });
    if (!user) {
      if (await tx.users.findByUsername(username)) throw new Refusal("USERNAME_TAKEN");
      throw unusable("This address cannot be used here.");
    }
    if (invite.email === null) await noteWritten(core, tx, user);
    const facts = { actorId: user.id, userId: user.id, reason: used.id };
    await record(core, tx, place, { event: "invite.accepted", ...facts });
    await record(core, tx, place, { event: "user.created", ...facts });
    return openSession(core, tx, { userId: user.id, kind: "web", methods: ["pwd"], place });
  });
}

const unusable = (message: string): Refusal =>
  new Refusal("INVALID_REQUEST", { details: [{ path: "email", message }] });
