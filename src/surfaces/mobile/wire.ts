/** How the mobile surface writes things down. */
import type { Context } from "elysia";
import type { Opened, Session } from "../../identity/session.ts";

/** The answer to a completed sign-in: the token in the body, and in a header for clients that look there. */
export function signedIn({ headers }: Context["set"], { token }: Pick<Opened, "token">) {
  headers.authorization = token;
  return { token, message: "Signed in." };
}

export const sessionWire = ({ id, ip, userAgent, lastSeenAt }: Session) => ({
  id,
  ip,
  userAgent,
  lastActivity: lastSeenAt.toISOString(),
});
