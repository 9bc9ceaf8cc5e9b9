/** What the SPA surface tells those who write a client for it. */
import type { Surface } from "../../http/openapi.ts";
import type { Success } from "../../http/openapi-answers.ts";
import {
  choice,
  either,
  flag,
  id,
  list,
  nullable,
  object,
  ref,
  secret,
  text,
  time,
  whole,
} from "../../http/openapi-schema.ts";
import { passkeyEndpoints, passkeySchemas } from "./openapi-passkey.ts";
import { twoFactorEndpoints, twoFactorSchemas } from "./openapi-two-factor.ts";

const email = "ada@example.com";
const password = "analytical engine";
const code = "492817";

const tokensOrChallenge: Success = {
  status: 200,
  description: "Signed in; or, where the account has two-factor on, a challenge for the code.",
  schema: either(ref("Tokens"), ref("Challenge")),
};
const tokens: Success = { status: 200, description: "Signed in.", schema: ref("Tokens") };
const done = (description: string): Success => ({ status: 204, description });

const user = {
  id: id("usr"),
  username: text("ada"),
  email: nullable(text(email)),
  email_verified: flag(true),
  name: nullable(text("Ada Lovelace")),
  role: choice("member", "admin"),
  two_factor_enabled: flag(false),
  created_at: time("2026-01-01T00:00:00.000Z"),
};

export const described: Surface = {
  tags: [
    { name: "Tokens", description: "Sign-up and sign-in for single-page apps: access and refresh tokens." },
    { name: "Two-factor", description: "The authenticator app of one's own account, and its backup codes." },
    { name: "Own passkeys", description: "The passkeys of one's own account." },
    { name: "Own sessions", description: "What a dashboard shows its user." },
  ],
  schemas: {
    Tokens: object({
      access_token: text("eyJhbGciOiJSUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJ1c3JfIn0.c2lnbmF0dXJl"),
      token_type: choice("Bearer"),
      expires_in: whole(86_400),
      refresh_token: secret(64),
      refresh_expires_in: whole(604_800),
      user: ref("User"),
    }),
    Challenge: object({
      two_factor_required: { type: "boolean", enum: [true], example: true },
      challenge_token: secret(64),
      methods: list(choice("totp", "backup_code")),
      expires_in: whole(300),
    }),
    ...passkeySchemas,
    ...twoFactorSchemas,
    VerificationRequired: object({ status: choice("verification_required"), expires_in: whole(600) }),
    Sent: object({ status: choice("sent"), expires_in: whole(600) }),
    Me: object({ ...user, tenant: nullable(object({ id: id("ten"), name: text("Analytical") }), null) }),
    OwnSessions: object({
      sessions: list(
        object({
          id: id("ses"),
          device: nullable(text("Firefox on Linux")),
          ip: text("192.168.1.20"),
          user_agent: nullable(
            text("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"),
          ),
          last_seen: time("2026-01-01T12:00:00.000Z"),
          created_at: time("2026-01-01T00:00:00.000Z"),
          current: flag(true),
        }),
      ),
    }),
    Revoked: object({ revoked: whole(2) }),
  },
  endpoints: {
    ...passkeyEndpoints,
    ...twoFactorEndpoints,
    "POST /api/v1/auth/register": {
      tag: "Tokens",
      summary: "Ask for an account",
      description:
        "Mails a code to the address. A taken address gets a letter that says so, and its asker hears the same. " +
        "An invitation opens a house that is closed.",
      request: { email, password, name: "Ada Lovelace", tenant_name: "Analytical" },
      answers: [{ status: 202, description: "A letter is on its way.", schema: ref("VerificationRequired") }],
      refuses: ["BUSY", "REGISTRATION_CLOSED", "WEAK_PASSWORD"],
    },
    "POST /api/v1/auth/register/verify": {
      tag: "Tokens",
      summary: "Make the account with the code from the letter",
      request: { email, code },
      answers: [tokens],
      refuses: ["INVALID_CODE", "REGISTRATION_CLOSED"],
    },
    "POST /api/v1/auth/login": {
      tag: "Tokens",
      summary: "Get tokens for a password",
      description: "`email` also takes the username.",
      request: { email, password },
      answers: [tokensOrChallenge],
      refuses: ["ACCOUNT_DISABLED", "BUSY", "INVALID_CREDENTIALS", "LOCAL_LOGIN_DISABLED"],
    },
    "POST /api/v1/auth/google": {
      tag: "Tokens",
      summary: "Get tokens for an ID token of Google's",
      description:
        "Or of whatever issuer the house names in its place; 404 where it names no client id. An ID token opens one " +
        "session: shown again it is refused. Newcomers get an account where registration is open; an account with the " +
        "same address, verified on both sides, is linked where `link_by_email` of the other provider says so.",
      request: { id_token: "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiIyNDgyODk3NjEwMDEifQ.c2lnbmF0dXJl" },
      answers: [tokensOrChallenge],
      refuses: [
        "ACCOUNT_DISABLED",
        "INVALID_TOKEN",
        "NOT_FOUND",
        "REGISTRATION_CLOSED",
        "UPSTREAM_UNAVAILABLE",
      ],
    },
    "POST /api/v1/auth/refresh": {
      tag: "Tokens",
      summary: "Spend a refresh token for new tokens",
      description:
        "Asking again within ten seconds, while the new refresh token is unspent, gets the same one. " +
        "Otherwise a spent token that comes back ends the session.",
      request: { refresh_token: "3f9c0a71d2e48b56".repeat(4) },
      answers: [tokens],
      refuses: ["INVALID_TOKEN"],
    },
    "POST /api/v1/auth/logout": {
      tag: "Tokens",
      summary: "Give the tokens up",
      description:
        "By the bearer token, or by the refresh token alone; one that is dead already is no error.",
      request: { refresh_token: "3f9c0a71d2e48b56".repeat(4) },
      answers: [done("Signed out.")],
      refuses: ["API_KEY_NOT_ALLOWED", "ORIGIN_NOT_ALLOWED", "UNAUTHENTICATED"],
    },
    "POST /api/v1/auth/otp/send": {
      tag: "Tokens",
      summary: "Mail a code for signing in or for a new password",
      request: { email, purpose: "login" },
      answers: [
        { status: 202, description: "Always, whether or not there is such an account.", schema: ref("Sent") },
      ],
    },
    "POST /api/v1/auth/otp/login": {
      tag: "Tokens",
      summary: "Get tokens for a mailed code",
      request: { email, code },
      answers: [tokensOrChallenge],
      refuses: ["ACCOUNT_DISABLED", "INVALID_CODE"],
    },
    "POST /api/v1/auth/reset-password": {
      tag: "Tokens",
      summary: "Set a new password with a mailed code",
      description: "Ends every session of the account.",
      request: { email, code, new_password: password },
      answers: [done("The new password is in force.")],
      refuses: ["BUSY", "INVALID_CODE", "WEAK_PASSWORD"],
    },
    "GET /api/v1/auth/me": {
      tag: "Own sessions",
      summary: "Who is signed in",
      who: { permission: "profile:read", key: true },
      answers: [{ status: 200, description: "The account, and the tenant it owns.", schema: ref("Me") }],
    },
    "GET /api/v1/auth/sessions": {
      tag: "Own sessions",
      summary: "Where the account is signed in",
      who: { permission: "sessions:read" },
      answers: [{ status: 200, description: "Newest first.", schema: ref("OwnSessions") }],
    },
    "DELETE /api/v1/auth/sessions/{session_id}": {
      tag: "Own sessions",
      summary: "End one session of one's own",
      who: { permission: "sessions:write" },
      parameters: { session_id: { description: "Of a session.", example: "ses_01kg0q2v9hexq8t4n7c5m3b2za" } },
      answers: [done("It is over.")],
      refuses: ["NOT_FOUND"],
    },
    "DELETE /api/v1/auth/sessions": {
      tag: "Own sessions",
      summary: "End all sessions but the one that asks",
      who: { permission: "sessions:write" },
      answers: [{ status: 200, description: "How many were ended.", schema: ref("Revoked") }],
    },
  },
};
