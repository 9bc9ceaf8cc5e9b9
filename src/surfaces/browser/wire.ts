/** How the browser surface writes things down. */
import type { Context } from "elysia";
import { deviceCookieLine, sessionCookie } from "../../http/cookie.ts";
import { userWire } from "../../http/user.ts";
import type { Actor } from "../../identity/actor.ts";
import type { ApiKey } from "../../identity/api-key.ts";
import type { Core } from "../../identity/core.ts";
import type { Place } from "../../identity/known.ts";
import { policy } from "../../identity/policy.ts";
import type { Caller, Opened, Session } from "../../identity/session.ts";
import type { User } from "../../identity/user.ts";

export const actor = (caller: Caller, place: Place): Actor => ({ userId: caller.user.id, place });

export const sessionWire = (session: Session, currentId: string) => ({
  id: session.id,
  kind: session.kind,
  device: session.device,
  ip: session.ip,
  user_agent: session.userAgent,
  created_at: session.createdAt.toISOString(),
  last_seen_at: session.lastSeenAt.toISOString(),
  expires_at: session.expiresAt.toISOString(),
  current: session.id === currentId,
  methods: session.methods,
});

/** Of a text that is JSON already, as the runtime has it for an object. */
export const jsonType = "application/json;charset=utf-8";

/** The answer to a session check. */
export const currentText = (session: Session | null, user: User): string =>
  JSON.stringify({ session: session && sessionWire(session, session.id), user: userWire(user) });

/** The same for somebody with a session, whose answer is kept with what is remembered of them. */
export function callerText({ session, user, aside }: Caller): string {
  const known = aside?.read();
  if (known != null) return known;
  const text = currentText(session, user);
  aside?.write(text);
  return text;
}

export const keyWire = (key: ApiKey) => ({
  id: key.id,
  name: key.name,
  prefix: key.prefix,
  scopes: key.scopes,
  created_at: key.createdAt.toISOString(),
  last_used_at: key.lastUsedAt?.toISOString() ?? null,
  expires_at: key.expiresAt?.toISOString() ?? null,
});

/** What a browser keeps of a completed sign-in: the session, and that it was here. */
export async function signInCookies(core: Core, { token, browser }: Opened): Promise<string[]> {
  const rules = await policy(core);
  return [
    sessionCookie({ policy: rules, domain: core.fixed.cookieDomain, token }),
    deviceCookieLine(rules, browser),
  ];
}

/** The answer to every completed sign-in: 201, both cookies, and the token for clients that keep it themselves. */
export async function signedIn(core: Core, set: Context["set"], opened: Opened) {
  const { session, user, token } = opened;
  set.status = 201;
  set.headers["set-cookie"] = await signInCookies(core, opened);
  return {
    token,
    token_type: "Bearer",
    expires_at: session.expiresAt.toISOString(),
    user: userWire(user),
  };
}
