/**
 * How a house gets its admins: whoever holds a bootstrap token becomes one.
 *
 * The first-run token is minted by a start that finds neither an account nor the marker; a later start
 * replaces it. Admins, and whoever has a shell on the host, mint further ones.
 *
 *     live ──spend (the account is made in the same write)──▶ spent
 *       └── its time is up ──▶ expired
 */
import { type Actor, requireStill } from "./actor.ts";
import { record } from "./audit.ts";
import { type Core, later } from "./core.ts";
import { newId } from "./id.ts";
import type { Place } from "./known.ts";
import { hashNewPassword } from "./password.ts";
import { Refusal } from "./refusal.ts";
import { hashSecret, mintSecret } from "./secret.ts";
import { type Opened, openSession } from "./session.ts";
import { insertUser } from "./user.ts";

export interface BootstrapToken {
  readonly id: string;
  readonly tokenHash: string;
  readonly kind: "first_run" | "admin";
  readonly note: string | null;

  /** The admin who minted it; null for the host. */
  readonly createdBy: string | null;

  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly spentAt: Date | null;
}

export interface BootstrapReads {
  find(tokenHash: string): Promise<BootstrapToken | null>;

  /** Those that admins and the host minted and that still work, newest first. */
  list(now: Date): Promise<BootstrapToken[]>;
}

export interface BootstrapWrites extends BootstrapReads {
  insert(token: BootstrapToken): Promise<void>;

  /** Forgets the first-run token there was, spent or not. */
  deleteFirstRun(): Promise<void>;

  /** An admin's token; `null` when there is none by that identifier. */
  delete(id: string): Promise<BootstrapToken | null>;

  /** The unspent ones an admin minted. */
  deleteBy(createdBy: string): Promise<void>;

  /** Moves the end of an unspent token. */
  renew(tokenHash: string, expiresAt: Date): Promise<void>;

  /** live → spent; `null` when it was not live any more. */
  spend(tokenHash: string, at: Date): Promise<BootstrapToken | null>;
}

/** The files beside the database that the first run leaves: the token for the operator, the marker for ever. */
export interface FirstRunFiles {
  /** Whether this folder once had an admin. */
  isMarked(): boolean;

  publish(token: string): void;

  /** Writes the marker and removes the token. Safe to repeat. */
  conclude(): void;
}

export const bootstrapSeconds = 86_400;

export type FirstRun =
  /** Nobody is here yet: `token` makes the first admin. */
  | { readonly state: "open"; readonly token: string }
  /** There are accounts. */
  | { readonly state: "closed" }
  /** There was an admin once, and the database is empty: it was lost or replaced. */
  | { readonly state: "lost" };

/** What a start does about the first run. `preset` is the operator's own token. */
export async function beginFirstRun(core: Core, preset: string | null): Promise<FirstRun> {
  const { users } = core.store.read;
  if (await users.hasAdmin()) core.firstRun.conclude();
  if ((await users.count(1)) > 0) return { state: "closed" };
  if (core.firstRun.isMarked()) return { state: "lost" };

  const token = preset ?? mintSecret(24);
  await core.store.write(async (tx) => {
    await tx.bootstraps.deleteFirstRun();
    await tx.bootstraps.insert(freshToken(core, token, { kind: "first_run", note: null, createdBy: null }));
  });
  core.firstRun.publish(token);
  return { state: "open", token };
}

/** While the house is served, its first-run token does not die. */
export async function renewFirstRun(core: Core, token: string): Promise<void> {
  await core.store.write((tx) => tx.bootstraps.renew(hashSecret(token), later(core, bootstrapSeconds)));
}

/**
 * Ends a first run whose admin came another way: nobody else becomes the first. `token` is what the operator
 * was left; it is spent, so that its holder hears why it does not work.
 */
export async function closeFirstRun(core: Core, token: string | null): Promise<void> {
  if (core.firstRun.isMarked() || !(await isBootstrapped(core))) return;
  await core.store.write(async (tx) => {
    const spent = token !== null && (await tx.bootstraps.spend(hashSecret(token), core.clock()));
    if (!spent) await tx.bootstraps.deleteFirstRun();
  });
  core.firstRun.conclude();
}

/** A token whose holder becomes an admin. `seconds` is how long it lives. */
export async function mintBootstrapToken(
  core: Core,
  by: Actor,
  { seconds, note }: { seconds: number; note: string | null },
): Promise<{ id: string; token: string; expiresAt: Date }> {
  const token = mintSecret(24);
  const row = freshToken(core, token, { kind: "admin", note, createdBy: by.userId, seconds });
  await core.store.write(async (tx) => {
    await requireStill(tx, by, "bootstrap:write");
    await tx.bootstraps.insert(row);
    await record(core, tx, by.place, { event: "bootstrap.token_created", actorId: by.userId });
  });
  return { id: row.id, token, expiresAt: row.expiresAt };
}

/** Those that still work; never the first run's. */
export function listBootstrapTokens(core: Core): Promise<BootstrapToken[]> {
  return core.store.read.bootstraps.list(core.clock());
}

/** Whether the house has, or had, its first admin. */
export function isBootstrapped(core: Core): Promise<boolean> {
  return core.store.read.users.hasAdmin();
}

/** Refuses: `NOT_FOUND`. */
export async function deleteBootstrapToken(core: Core, by: Actor, id: string): Promise<void> {
  await core.store.write(async (tx) => {
    if (!(await tx.bootstraps.delete(id))) throw new Refusal("NOT_FOUND");
    await record(core, tx, by.place, { event: "bootstrap.token_deleted", actorId: by.userId });
  });
}

/**
 * Whether `token` could make an admin now; judged before anything else of the request is looked at.
 *
 * Refuses: `ALREADY_BOOTSTRAPPED` for the first-run token once there is an admin, `BOOTSTRAP_TOKEN_INVALID`
 * for any other that is wrong, spent or expired, alike.
 */
export async function judgeBootstrapToken(core: Core, token: string): Promise<void> {
  const found = await core.store.read.bootstraps.find(hashSecret(token));
  if (found?.kind === "first_run" && (await core.store.read.users.hasAdmin()))
    throw new Refusal("ALREADY_BOOTSTRAPPED");
  if (!found || found.spentAt || found.expiresAt <= core.clock())
    throw new Refusal("BOOTSTRAP_TOKEN_INVALID");
}

export interface NewAdmin {
  readonly token: string;
  readonly username: string;
  readonly password: string;
  readonly email: string | null;
  readonly name: string | null;
  readonly place: Place;
}

/**
 * Makes the token's holder an admin and signs them in. Anything refused leaves the token unspent.
 *
 * Refuses: what `judgeBootstrapToken` does, `WEAK_PASSWORD`, `USERNAME_TAKEN`, `EMAIL_TAKEN`, `BUSY`.
 */
export async function completeBootstrap(core: Core, asked: NewAdmin): Promise<Opened> {
  const { token, password, place } = asked;
  await judgeBootstrapToken(core, token);
  const owner = { username: asked.username, email: asked.email };
  const min = core.fixed.passwordMin;
  const passwordHash = await hashNewPassword(core, { password, owner, min, field: "password" });

  const opened = await core.store.write(async (tx) => {
    const now = core.clock();
    const spent = await tx.bootstraps.spend(hashSecret(token), now);
    if (!spent) return null;
    if (spent.kind === "first_run" && (await tx.users.hasAdmin())) throw new Refusal("ALREADY_BOOTSTRAPPED");
    const user = await insertUser(tx.users, {
      ...owner,
      id: newId("usr", now),
      emailVerified: false,
      name: asked.name,
      role: "admin",
      passwordHash,
      disabledAt: null,
      twoFactorAt: null,
      createdAt: now,
    });
    await record(core, tx, place, { event: "bootstrap.completed", actorId: user.id, userId: user.id });
    return openSession(core, tx, { userId: user.id, kind: "web", methods: ["pwd"], place });
  });
  if (!opened) {
    // Somebody else spent it while the password was being hashed: say what is true now.
    await judgeBootstrapToken(core, token);
    throw new Refusal("BOOTSTRAP_TOKEN_INVALID");
  }
  core.firstRun.conclude();
  return opened;
}

function freshToken(
  core: Core,
  token: string,
  rest: Pick<BootstrapToken, "kind" | "note" | "createdBy"> & { seconds?: number },
): BootstrapToken {
  const { seconds = bootstrapSeconds, ...facts } = rest;
  const createdAt = core.clock();
  return {
    ...facts,
    id: newId("bst", createdAt),
    tokenHash: hashSecret(token),
    createdAt,
    expiresAt: later(core, seconds),
    spentAt: null,
  };
}
