/** What a role may do. A guard names one permission; nothing else asks for a role. */
const member = [
  "profile:read",
  "profile:write",
  "sessions:read",
  "sessions:write",
  "factors:write",
  "keys:write",
  "devices:approve",
  "audit:read",
  "forward:auth",
] as const;

const admin = [
  ...member,
  "users:read",
  "users:write",
  "sessions:admin",
  "settings:read",
  "settings:write",
  "provider:write",
  "bootstrap:write",
  "invites:write",
  "audit:admin",
] as const;

export type Role = "admin" | "member";
export type Permission = (typeof admin)[number];

const granted: Record<Role, readonly Permission[]> = { admin, member };

export function permissionsOf(role: Role): readonly Permission[] {
  return granted[role];
}

export function may(role: Role, permission: Permission): boolean {
  return granted[role].includes(permission);
}
