import type { User } from "../identity/user.ts";

/** `user` of the contract, the same wherever it is written down. */
export const userWire = (user: User) => ({
  id: user.id,
  username: user.username,
  email: user.email,
  email_verified: user.emailVerified,
  name: user.name,
  role: user.role,
  two_factor_enabled: user.twoFactorAt !== null,
  created_at: user.createdAt.toISOString(),
});

/** What whoever looks after the house sees of an account, beyond what its owner does. */
export const managedUserWire = (user: User) => ({ ...userWire(user), disabled: user.disabledAt !== null });
