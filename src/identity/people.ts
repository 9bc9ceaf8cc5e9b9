/** The accounts of the house, as an admin, the host, or their own owner changes them. */
import { type Actor, requireStill } from "./actor.ts";
import { type AuditEvent, record } from "./audit.ts";
import type { Core } from "./core.ts";
import { newId } from "./id.ts";
import type { Place } from "./known.ts";
import { type Page, type Piece, piece } from "./page.ts";
import { hashNewPassword } from "./password.ts";
import type { Role } from "./permission.ts";
import { policy } from "./policy.ts";
import { mintRecovery, type RecoveryLink, setupSeconds } from "./recovery.ts";
import { Refusal } from "./refusal.ts";
import type { Caller } from "./session.ts";
import type { Writes } from "./store.ts";
import { insertUser, type User } from "./user.ts";
import { voidAdminPowers, voidCredentials } from "./voiding.ts";

export function listUsers(core: Core, q: string | null, page: Page): Promise<Piece<User>> {
  return piece(page, (asked) => core.store.read.users.list(q, asked));
}

/** Refuses: `NOT_FOUND`. */
export async function getUser(core: Core, id: string): Promise<User> {
  const user = await core.store.read.users.find(id);
  if (!user) throw new Refusal("NOT_FOUND");
  return user;
}

export interface NewUser {
  readonly username: string;
  readonly email: string | null;
  readonly name: string | null;
  readonly role: Role;

  /** Null: the person chooses it, through the link that comes back. */
  readonly password: string | null;
}

/** Refuses: `USERNAME_TAKEN`, `EMAIL_TAKEN`, `WEAK_PASSWORD`, `BUSY`. */
export async function createUser(
  core: Core,
  by: Actor,
  { password, ...facts }: NewUser,
): Promise<{ user: User; setup: RecoveryLink | null }> {
  const min = core.fixed.passwordMin;
  const passwordHash =
    password === null
      ? null
      : await hashNewPassword(core, { password, owner: facts, min, field: "password" });
  const { url } = await policy(core);
  return core.store.write(async (tx) => {
    await requireStill(tx, by, "users:write");
    const createdAt = core.clock();
    const user = await insertUser(tx.users, {
      ...facts,
      id: newId("usr", createdAt),
      emailVerified: false,
      passwordHash,
      disabledAt: null,
      twoFactorAt: null,
      createdAt,
    });
    await record(core, tx, by.place, { event: "user.created", actorId: by.userId, userId: user.id });
    const setup =
      passwordHash === null ? await mintRecovery(core, tx, { user, by, seconds: setupSeconds, url }) : null;
    return { user, setup };
  });
}

export interface UserPatch {
  readonly name?: string;
  readonly email?: string;
  readonly role?: Role;
  readonly disabled?: boolean;
}

/** Takes over the fields that `patch` has. Refuses: `NOT_FOUND`, `EMAIL_TAKEN`, `LAST_ADMIN`. */
export function patchUser(core: Core, by: Actor, id: string, patch: UserPatch): Promise<User> {
  return core.store.write(async (tx) => {
    await requireStill(tx, by, "users:write");
    const before = await tx.users.find(id);
    if (!before) throw new Refusal("NOT_FOUND");
    const changes = changesOf(core, before, patch);
    const changed = await tx.users.update(id, changes);
    if (!changed) throw new Refusal("EMAIL_TAKEN");
    if (changes.disabledAt) await voidCredentials(core, tx, id);
    await settleAdmin(tx, before, changed);
    const facts = { actorId: by.userId, userId: id };
    for (const event of eventsOf(before, changed)) await record(core, tx, by.place, { event, ...facts });
    return changed;
  });
}

/** What an admin no more leaves behind is void, and the house keeps at least one. Refuses: `LAST_ADMIN`. */
async function settleAdmin(tx: Writes, before: User, after: User | null): Promise<void> {
  const is = (user: User | null) => user?.role === "admin" && user.disabledAt === null;
  if (!is(before) || is(after)) return;
  if (!(await tx.users.hasLiveAdmin())) throw new Refusal("LAST_ADMIN");
  await voidAdminPowers(tx, before.id);
}

function changesOf(core: Core, before: User, { name, email, role, disabled }: UserPatch): Partial<User> {
  return {
    ...(name !== undefined && { name }),
    ...(email !== undefined && email !== before.email && { email, emailVerified: false }),
    ...(role !== undefined && { role }),
    ...(disabled !== undefined &&
      disabled !== (before.disabledAt !== null) && { disabledAt: disabled ? core.clock() : null }),
  };
}

function eventsOf(before: User, after: User): AuditEvent[] {
  const events: AuditEvent[] = [];
  if (before.disabledAt === null && after.disabledAt !== null) events.push("user.disabled");
  if (before.disabledAt !== null && after.disabledAt === null) events.push("user.enabled");
  if (before.role !== after.role) events.push("user.role_changed");
  if (before.email !== after.email || before.name !== after.name || before.username !== after.username)
    events.push("user.changed");
  return events;
}

/** Refuses: `NOT_FOUND`, `LAST_ADMIN`. */
export async function deleteUser(core: Core, by: Actor, id: string): Promise<void> {
  await core.store.write(async (tx) => {
    // Everybody may delete their own account.
    if (by.userId !== id) await requireStill(tx, by, "users:write");
    const before = await tx.users.find(id);
    if (!before) throw new Refusal(by.userId === id ? "UNAUTHENTICATED" : "NOT_FOUND");
    await tx.users.delete(id);
    await settleAdmin(tx, before, null);
    await record(core, tx, by.place, { event: "user.deleted", actorId: by.userId, userId: id });
  });
}

/** The caller's own name and username. Refuses: `USERNAME_TAKEN`. */
export function patchMe(
  core: Core,
  { user }: Caller,
  place: Place,
  patch: { name?: string; username?: string },
): Promise<User> {
  return core.store.write(async (tx) => {
    const changed = await tx.users.update(user.id, patch);
    if (!changed) throw new Refusal("USERNAME_TAKEN");
    const facts = { actorId: user.id, userId: user.id };
    for (const event of eventsOf(user, changed)) await record(core, tx, place, { event, ...facts });
    return changed;
  });
}
