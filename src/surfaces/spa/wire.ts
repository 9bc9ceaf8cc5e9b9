/** How the SPA surface writes things down. */
import { userWire } from "../../http/user.ts";
import { issueAccessToken } from "../../identity/access-token.ts";
import type { Core } from "../../identity/core.ts";
import { challengeSeconds } from "../../identity/proof.ts";
import type { Refresh } from "../../identity/refresh.ts";
import type { Caller, Session } from "../../identity/session.ts";
import type { Ended } from "../../identity/signin.ts";

/** `tokens` of the contract: an access token for the session, and its refresh token. */
export async function tokens(core: Core, { session, user, refresh }: Caller & { refresh: Refresh | null }) {
  if (!refresh) throw new Error("a session of another kind has no refresh token");
  const access = await issueAccessToken(core, session);
  return {
    access_token: access.token,
    token_type: "Bearer",
    expires_in: access.expiresIn,
    refresh_token: refresh.token,
    refresh_expires_in: Math.max(
      0,
      Math.floor((refresh.expiresAt.getTime() - core.clock().getTime()) / 1000),
    ),
    user: userWire(user),
  };
}

/** `tokens`, or `challenge` of the contract where the second factor is still to come. */
export const tokensOrChallenge = (core: Core, ended: Ended<"spa">) =>
  "challenge" in ended
    ? {
        two_factor_required: true,
        challenge_token: ended.challenge,
        methods: ["totp", "backup_code"],
        expires_in: challengeSeconds,
      }
    : tokens(core, ended);

export const sessionWire = (session: Session, currentId: string) => ({
  id: session.id,
  device: session.device,
  ip: session.ip,
  user_agent: session.userAgent,
  last_seen: session.lastSeenAt.toISOString(),
  created_at: session.createdAt.toISOString(),
  current: session.id === currentId,
});
