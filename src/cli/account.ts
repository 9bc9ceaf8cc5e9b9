/** The account a command is about. */
import { Failure } from "../host/failure.ts";
import type { Core } from "../identity/core.ts";
import { findByLogin, type User } from "../identity/user.ts";

/** By its identifier, username or address. Throws `Failure` when there is none. */
export async function findAccount(core: Core, typed: string): Promise<User> {
  const { users } = core.store.read;
  // The identifier first: a username can be chosen to look like another's, an identifier cannot be chosen.
  const user = (await users.find(typed)) ?? (await findByLogin(users, typed));
  if (!user) throw new Failure(`there is no account ${JSON.stringify(typed)}`);
  return user;
}
