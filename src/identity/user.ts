/** A person with an account. */
import type { Page } from "./page.ts";
import type { Role } from "./permission.ts";
import { Refusal } from "./refusal.ts";

export interface User {
  readonly id: string;

  /** Lower case, never an `@`. */
  readonly username: string;

  /** Lower case. */
  readonly email: string | null;

  readonly emailVerified: boolean;
  readonly name: string | null;
  readonly role: Role;

  /** A PHC string. */
  readonly passwordHash: string | null;

  /** Set: every credential of this account is refused. */
  readonly disabledAt: Date | null;

  readonly createdAt: Date;

  /** Since when sign-ins ask for a second factor; null while they do not. */
  readonly twoFactorAt: Date | null;
}

export interface UserReads {
  find(id: string): Promise<User | null>;
  findByUsername(username: string): Promise<User | null>;
  findByEmail(email: string): Promise<User | null>;

  /** Whose username or address it is, and nothing else of them: finding somebody takes hardly longer than nobody. */
  findId(by: "username" | "email", value: string): Promise<string | null>;

  /** Accounts of every kind, disabled ones too; `most` when there are more, for whoever need not read them all. */
  count(most?: number): Promise<number>;

  /** Whether anybody is an admin, disabled or not. */
  hasAdmin(): Promise<boolean>;

  /** Whether anybody is an admin who may sign in. */
  hasLiveAdmin(): Promise<boolean>;

  /** Whether one of those has a proved address. */
  hasVerifiedAdmin(): Promise<boolean>;

  /** In the order they were made; `q` is part of a username, an address or a name. */
  list(q: string | null, page: Page): Promise<User[]>;
}

export interface UserWrites extends UserReads {
  /** `null` when the username or the address is taken. */
  insert(user: User): Promise<User | null>;

  /** `null` when there is no such account, or the new username or address is taken. */
  update(id: string, changes: Partial<User>): Promise<User | null>;

  delete(id: string): Promise<void>;

  /** Compare and set: `null` when the hash is no longer `expected`. */
  setPassword(id: string, expected: string | null, passwordHash: string): Promise<User | null>;
}

/** Usernames and addresses are compared in lower case, whatever way they were typed. */
export function fold(name: string): string {
  return name.trim().toLowerCase();
}

/** The account that `typed` names: an `@` makes it an address. */
export function findByLogin(users: UserReads, typed: string): Promise<User | null> {
  const name = fold(typed);
  return name.includes("@") ? users.findByEmail(name) : users.findByUsername(name);
}

/** The identifier alone of the account that `typed` names. */
export function findIdByLogin(users: UserReads, typed: string): Promise<string | null> {
  const name = fold(typed);
  return users.findId(name.includes("@") ? "email" : "username", name);
}

/** Inserts, or says which of the two names is taken. Only for callers who may know. Refuses: `USERNAME_TAKEN`, `EMAIL_TAKEN`. */
export async function insertUser(users: UserWrites, user: User): Promise<User> {
  const inserted = await users.insert(user);
  if (inserted) return inserted;
  throw new Refusal((await users.findByUsername(user.username)) ? "USERNAME_TAKEN" : "EMAIL_TAKEN");
}

/** As typed; upper case is folded. */
export const usernameForm = "^[A-Za-z0-9._-]{1,64}$";

/** The HTML standard's form of an address, in ASCII: no second `@`, no comma, no control or lookalike character. */
export const emailForm =
  "^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$";
