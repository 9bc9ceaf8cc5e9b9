/** What a request shows to say who it is. The header beats the cookie and never falls back to it. */
import type { Core } from "../identity/core.ts";
import { andThen, type Found } from "../identity/found.ts";
import { type Policy, policy } from "../identity/policy.ts";
import { cookieValue, sessionCookieName } from "./cookie.ts";

export interface Credential {
  readonly token: string;
  readonly from: "header" | "cookie";
}

/** What the cookie is ever set to: nothing else travels in it, no access token and no API key. */
const sessionToken = /^[0-9a-f]{96}$/;

export const isSessionToken = (value: string): boolean => sessionToken.test(value);

/** The token of a Bearer header (RFC 6750 §2.1; the scheme in any case); null for anything else. */
export function bearerIn(header: string): string | null {
  const [, token] = /^bearer +([\w.~+/-]+=*)$/i.exec(header) ?? [];
  return token ?? null;
}

/** Null when nothing is shown, or something that is no Bearer token. */
export function credentialOf(core: Core, request: Request): Found<Credential | null> {
  const header = request.headers.get("authorization");
  if (header !== null) {
    const token = bearerIn(header);
    return token === null ? null : { token, from: "header" };
  }
  if (!request.headers.has("cookie")) return null;
  return andThen(policy(core), (rules) => inCookie(core, request, rules));
}

function inCookie(core: Core, request: Request, rules: Policy): Credential | null {
  const token = cookieValue(request, sessionCookieName(rules, core.fixed.cookieDomain));
  return token !== null && isSessionToken(token) ? { token, from: "cookie" } : null;
}
