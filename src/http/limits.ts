/** Which row of the table of limits a request counts on, and the words it is refused with. */
import type { Core } from "../identity/core.ts";
import { heed, type LimitRow, limitKey } from "../identity/limit.ts";
import { limitHeaders } from "./refusal.ts";

const rows: Readonly<Record<string, LimitRow>> = {
  "POST /api/auth/passkey/options": "signin",
  "POST /api/auth/passkey/verify": "signin",
  "POST /api/auth/login": "signin",
  "POST /api/v1/auth/2fa/disable": "signin",
  "POST /api/v1/auth/2fa/enable": "signin",
  "POST /api/v1/auth/2fa/verify": "signin",
  "POST /api/v1/auth/google": "signin",
  "POST /api/v1/auth/login": "signin",
  "POST /api/v1/auth/passkey/login/options": "signin",
  "POST /api/v1/auth/passkey/login/verify": "signin",
  "POST /api/v1/auth/otp/login": "signin",
  "POST /api/v1/auth/otp/send": "register",
  "POST /api/v1/auth/refresh": "refresh",
  "POST /api/v1/auth/register": "register",
  "POST /api/v1/auth/register/verify": "register",
  "POST /api/v1/auth/reset-password": "register",
  "POST /auth/bootstrap/complete": "bootstrap",
  "POST /auth/email": "register",
  "POST /auth/email/verify": "register",
  "POST /auth/invites/accept": "register",
  "POST /auth/local/login": "signin",
  "POST /auth/mail/test": "register",
  "POST /auth/oidc/two-factor": "signin",
  "POST /auth/passkeys/authenticate/options": "signin",
  "POST /auth/passkeys/authenticate/verify": "signin",
  "POST /auth/recovery/complete": "register",
  "POST /auth/recovery/info": "register",
  "POST /auth/recovery/passkey/options": "register",
  "POST /auth/sessions": "signin",
  "POST /auth/sessions/current/confirm": "signin",
  "POST /auth/verify": "register",
  "POST /v1/auth/device-code": "device",
};

/** Asked on every click in the house: counted only when the credential was wrong. */
const checks: ReadonlySet<string> = new Set([
  "/api/v1/auth/me",
  "/auth/sessions/current",
  "/auth/sessions/current/permissions",
  "/v1/auth/me",
]);

/** Asked by a proxy for every request to another application, by whatever method. */
export const isForward = (path: string): boolean => path === "/auth/forward";

const surfaces = ["/auth/", "/api/", "/v1/auth/"];

/** Null: nothing is counted. */
export function limitRow(method: string, path: string): LimitRow | null {
  if (isSessionCheck(method, path)) return null;
  const endpoint = `${method} ${path}`;
  return rows[endpoint] ?? (surfaces.some((prefix) => path.startsWith(prefix)) ? "general" : null);
}

export const isSessionCheck = (method: string, path: string): boolean =>
  isForward(path) || (method === "GET" && checks.has(path));

/** Counts the request. `headers` gets what the row tells clients about itself. Refuses: `RATE_LIMITED`. */
export function takePlace(
  core: Core,
  row: LimitRow,
  address: string,
  headers: Record<string, string | number | string[]>,
): void {
  const verdict = core.limiter.take(row, limitKey(address));
  if (!verdict || (verdict.allowed && row === "general")) return;
  Object.assign(headers, limitHeaders(verdict));
  heed(verdict);
}
