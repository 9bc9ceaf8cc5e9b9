/** Signing in, and what people do with what is theirs. */
import type { Endpoint, Success } from "../../http/openapi-answers.ts";
import { list, ref } from "../../http/openapi-schema.ts";

const password = "analytical engine";
const token = "3f9c0a71d2e48b56".repeat(3);
const sessionId = { id: { description: "Of a session.", example: "ses_01kg0q2v9hexq8t4n7c5m3b2za" } };

const signedIn: Success = {
  status: 201,
  description: "Signed in. The token is in the cookie as well.",
  schema: ref("SignedIn"),
  setsCookies: true,
};

const done = (description: string): Success => ({ status: 204, description });
const signedOut = (description: string): Success => ({ ...done(description), setsCookies: true });

export const ownEndpoints: Readonly<Record<string, Endpoint>> = {
  "GET /auth/options": {
    tag: "Sign-in",
    summary: "What a sign-in page needs to know",
    description:
      "`url` is the one address of the house, `seen` how this question arrived: a page at another address can say why.",
    answers: [{ status: 200, description: "What this house offers.", schema: ref("Options") }],
  },
  "POST /auth/local/login": {
    tag: "Sign-in",
    summary: "Sign in with a password",
    description:
      "`username` also takes the e-mail address. Unknown names are answered like wrong passwords, in the same time. " +
      "`TOTP_REQUIRED` asks for the same again with `code`: of the authenticator app, or a backup code.",
    request: { username: "ada", password },
    answers: [signedIn],
    refuses: [
      "ACCOUNT_DISABLED",
      "BUSY",
      "INVALID_CODE",
      "INVALID_CREDENTIALS",
      "LOCAL_LOGIN_DISABLED",
      "TOTP_REQUIRED",
    ],
  },
  "POST /auth/verify": {
    tag: "Sign-in",
    summary: "Mail a sign-in code",
    description: "Answers the same whether or not there is such an account.",
    request: { email: "ada@example.com" },
    answers: [done("A code is on its way, if there is anybody to get it.")],
  },
  "POST /auth/sessions": {
    tag: "Sign-in",
    summary: "Sign in with a mailed code, or with the proof of a passkey",
    description:
      "`token` is the mailed code, or with the method `passkey` the proof, which has to be of that account. `email` also takes the username. In an open house a code for a new address makes an account. " +
      "`TOTP_REQUIRED` spends nothing: it asks for the same again with `code`.",
    request: { method: "otp", email: "ada@example.com", token: "492817" },
    answers: [signedIn],
    refuses: ["ACCOUNT_DISABLED", "INVALID_CODE", "INVALID_TOKEN", "TOTP_REQUIRED"],
  },
  "POST /auth/email": {
    tag: "Account",
    summary: "Ask for another address",
    description: "Mails a code to it; the address changes when the code comes back.",
    who: { permission: "profile:write", fresh: true },
    request: { email: "ada@new.example.com" },
    answers: [{ status: 202, description: "A code is on its way.", schema: ref("AddressAsked") }],
  },
  "POST /auth/email/verify": {
    tag: "Account",
    summary: "Take over the new address",
    who: { permission: "profile:write", fresh: true },
    request: { code: "492817" },
    answers: [{ status: 200, description: "The old address is told.", schema: ref("User") }],
    refuses: ["INVALID_CODE"],
  },
  "POST /auth/bootstrap/complete": {
    tag: "Sign-in",
    summary: "Become an admin, with a bootstrap token",
    description:
      "The token is judged before anything else. A request that is refused for another reason does not spend it.",
    request: { token, username: "ada", password, email: "ada@example.com", name: "Ada Lovelace" },
    answers: [signedIn],
    refuses: [
      "ALREADY_BOOTSTRAPPED",
      "BOOTSTRAP_TOKEN_INVALID",
      "BUSY",
      "EMAIL_TAKEN",
      "USERNAME_TAKEN",
      "WEAK_PASSWORD",
    ],
  },
  "POST /auth/recovery/info": {
    tag: "Sign-in",
    summary: "Whose account a recovery link is for",
    request: { token },
    answers: [{ status: 200, description: "The link works.", schema: ref("RecoveryInfo") }],
    refuses: ["INVALID_TOKEN"],
  },
  "POST /auth/recovery/complete": {
    tag: "Sign-in",
    summary: "Set a new password, or add a passkey, with a recovery link",
    description:
      "Takes `password`, or `passkey` (a `RegistrationResponseJSON`), and not both. Ends everything else of the account: sessions, two-factor, and the link itself.",
    request: { token, password },
    answers: [signedIn],
    refuses: ["BUSY", "INVALID_TOKEN", "PASSKEY_REJECTED", "WEAK_PASSWORD"],
  },
  "POST /auth/invites/info": {
    tag: "Invitations",
    summary: "What an invitation is good for",
    request: { token },
    answers: [{ status: 200, description: "It can be accepted.", schema: ref("InviteInfo") }],
    refuses: ["INVALID_TOKEN"],
  },
  "POST /auth/invites/accept": {
    tag: "Invitations",
    summary: "Make an account with an invitation",
    description:
      "Also in a house whose registration is closed. What is refused leaves the invitation as it was.",
    request: { token, username: "grace", password, name: "Grace Hopper" },
    answers: [signedIn],
    refuses: ["BUSY", "INVALID_TOKEN", "USERNAME_TAKEN", "WEAK_PASSWORD"],
  },
  "GET /auth/sessions": {
    tag: "Sessions",
    summary: "Where the caller is signed in",
    who: { permission: "sessions:read" },
    answers: [{ status: 200, description: "Newest first, of every kind.", schema: list(ref("Session")) }],
  },
  "DELETE /auth/sessions": {
    tag: "Sessions",
    summary: "Sign out everywhere, here too",
    who: { permission: "sessions:write" },
    answers: [signedOut("Every session of the caller's is ended.")],
  },
  "GET /auth/sessions/current": {
    tag: "Sessions",
    summary: "Who is asking",
    description:
      "For an API key, the session that its JWTs have, of kind `api_key`; null as long as it has none, because it " +
      "was never exchanged or the session has ended.",
    who: { permission: "profile:read", key: true },
    answers: [{ status: 200, description: "The session and its account.", schema: ref("Current") }],
  },
  "DELETE /auth/sessions/current": {
    tag: "Sessions",
    summary: "Sign out",
    description: "An API key has nothing to sign out of: it is refused, and so is its JWT.",
    who: {},
    answers: [signedOut("The session is ended.")],
  },
  "GET /auth/sessions/current/permissions": {
    tag: "Sessions",
    summary: "What the caller may do",
    description: "For an API key, its owner's role, and of the key's scopes those that the owner still has.",
    who: { key: true },
    answers: [{ status: 200, description: "The role, and what is allowed.", schema: ref("Permissions") }],
  },
  "POST /auth/sessions/current/confirm": {
    tag: "Sessions",
    summary: "Confirm that it is you",
    description:
      "Makes the session fresh, for what cannot be undone. Takes `passkey_token`, the proof by a passkey of the same " +
      "account; or `password`, with `code` where two-factor is on; or, where there is neither, `code` alone: of the " +
      "authenticator app or, without one, a mailed sign-in code.",
    who: {},
    request: { password },
    answers: [done("The session is fresh.")],
    refuses: ["BUSY", "INVALID_CODE", "INVALID_CREDENTIALS", "PASSKEY_REJECTED", "TOTP_REQUIRED"],
  },
  "DELETE /auth/sessions/{id}": {
    tag: "Sessions",
    summary: "End one session",
    description: "Admins may end anybody's.",
    who: { permission: "sessions:write" },
    parameters: sessionId,
    answers: [done("It is ended.")],
    refuses: ["NOT_FOUND"],
  },
  "POST /auth/password": {
    tag: "Account",
    summary: "Change the password",
    description: "`current_password` is required where one is set. Ends the caller's other sessions.",
    who: { fresh: true },
    request: { new_password: "difference engine", current_password: password },
    answers: [done("It is changed.")],
    refuses: ["BUSY", "INVALID_CREDENTIALS", "WEAK_PASSWORD"],
  },
  "PATCH /auth/me": {
    tag: "Account",
    summary: "Change one's name or username",
    who: { permission: "profile:write" },
    request: { name: "Ada King", username: "ada" },
    answers: [{ status: 200, description: "The account as it is now.", schema: ref("User") }],
    refuses: ["USERNAME_TAKEN"],
  },
  "DELETE /auth/me": {
    tag: "Account",
    summary: "Delete one's own account",
    who: { permission: "profile:write", fresh: true },
    answers: [signedOut("It is gone, and everything it had.")],
    refuses: ["LAST_ADMIN"],
  },
  "GET /auth/audit": {
    tag: "Account",
    summary: "What happened",
    description: "Newest first. Members see their own lines; asking for another's is 403 `FORBIDDEN`.",
    who: { permission: "audit:read" },
    parameters: {
      user_id: { description: "About this account, or by it.", example: "usr_01kg0q2v9hexq8t4n7c5m3b2za" },
      event: { description: "Lines of this kind alone.", example: "signin.failed" },
      before: {
        description: "Where the piece begins: `next` of the piece before.",
        example: "aud_01kg0q2v9h",
      },
      limit: { description: "At most so many lines, 1 to 200; 50 unless told.", example: "50" },
    },
    answers: [{ status: 200, description: "A piece of the list.", schema: ref("Audit") }],
  },
};
