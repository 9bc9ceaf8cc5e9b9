/** The cookies of the appliance: the session, the mark of a browser that signed in before, and a sign-in under way. */
import type { Policy } from "../identity/policy.ts";

const deviceSeconds = 400 * 86_400;
const deviceForm = /^[0-9a-f]{64}$/;

/**
 * `__Host-housekey` over https, `housekey` over plain http, `__Secure-housekey` when it is to reach sibling
 * hosts. What the address is comes from the configuration, never from the request.
 */
export function sessionCookieName(policy: Policy, domain: string | null): string {
  if (!policy.secure) return "housekey";
  return domain === null ? "__Host-housekey" : "__Secure-housekey";
}

const deviceCookieName = (policy: Policy): string =>
  policy.secure ? "__Host-housekey-device" : "housekey-device";

/** The value of the first cookie of that name; null when there is none. */
export function cookieValue(request: Request, name: string): string | null {
  const header = request.headers.get("cookie");
  if (header === null) return null;
  for (const pair of header.split(";")) {
    const cut = pair.indexOf("=");
    if (pair.slice(0, cut).trim() === name) return pair.slice(cut + 1).trim();
  }
  return null;
}

/** The values of every cookie of that name in a `Cookie` header. */
export function cookieValues(header: string | null, name: string): string[] {
  if (header === null) return [];
  const values: string[] = [];
  for (const pair of header.split(";")) {
    const cut = pair.indexOf("=");
    if (cut !== -1 && pair.slice(0, cut).trim() === name) values.push(pair.slice(cut + 1).trim());
  }
  return values;
}

/** The device cookie under whichever of its names, if it is one of ours by its form. */
export function deviceCookie(request: Request): string | null {
  const value = cookieValue(request, "__Host-housekey-device") ?? cookieValue(request, "housekey-device");
  return value !== null && deviceForm.test(value) ? value : null;
}

interface SessionCookie {
  readonly policy: Policy;
  readonly domain: string | null;
  readonly token: string;
}

export function sessionCookie({ policy, domain, token }: SessionCookie): string {
  return line(sessionCookieName(policy, domain), token, {
    domain,
    maxAge: policy.lifetimes.session,
    secure: policy.secure,
  });
}

export function clearedSessionCookie(policy: Policy, domain: string | null): string {
  return line(sessionCookieName(policy, domain), "", { domain, maxAge: 0, secure: policy.secure });
}

export function deviceCookieLine(policy: Policy, value: string): string {
  return line(deviceCookieName(policy), value, {
    domain: null,
    maxAge: deviceSeconds,
    secure: policy.secure,
  });
}

/** What a browser holds while it is away at another provider, or while the second factor is asked for. */
export type PassingCookie = "flow" | "challenge";

const passingName = (policy: Policy, which: PassingCookie): string =>
  policy.secure ? `__Host-housekey-${which}` : `housekey-${which}`;

const passingForm = /^[0-9a-f]{64}$/;

export function passingCookie(policy: Policy, request: Request, which: PassingCookie): string | null {
  const value = cookieValue(request, passingName(policy, which));
  return value !== null && passingForm.test(value) ? value : null;
}

/** `seconds` 0 clears it. */
export const passingCookieLine = (
  policy: Policy,
  which: PassingCookie,
  { value, seconds }: { value: string; seconds: number },
): string =>
  line(passingName(policy, which), value, { domain: null, maxAge: seconds, secure: policy.secure });

function line(
  name: string,
  value: string,
  { domain, maxAge, secure }: { domain: string | null; maxAge: number; secure: boolean },
): string {
  const parts = [`${name}=${value}`, "Path=/", `Max-Age=${maxAge}`, "HttpOnly", "SameSite=Lax"];
  if (secure) parts.push("Secure");
  // A cookie for sibling hosts goes with https only: its name says Secure.
  if (secure && domain !== null) parts.push(`Domain=${domain}`);
  return parts.join("; ");
}
