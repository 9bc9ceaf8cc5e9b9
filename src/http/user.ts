import type { User } from "../identity/user.ts";

/** `user` of the contract, the same on the browser and the SPA surface. */
export const userWire = (user: User) => ({
  id: user.id,
  username: user.username,
  email: user.email,
  email_verified: user.emailVerified,
  name: user.name,
  role: user.role,
  // There is no second factor to switch on yet.
  two_factor_enabled: false,
  created_at: user.createdAt.toISOString(),
});
