/** What admins do with the house and the people in it. */
import type { Endpoint, Success } from "../../http/openapi-answers.ts";
import { list, ref, type Schema } from "../../http/openapi-schema.ts";
import type { Permission } from "../../identity/permission.ts";

const sample = "01kg0q2v9hexq8t4n7c5m3b2za";
const userId = { id: { description: "Of an account.", example: `usr_${sample}` } };
const piece = (prefix: string) => ({
  cursor: {
    description: "Where the piece begins: `next` of the piece before.",
    example: `${prefix}_${sample}`,
  },
  limit: { description: "At most so many, 1 to 200; 50 unless told.", example: "50" },
});

const shown = (description: string, schema: Schema): Success[] => [{ status: 200, description, schema }];
const made = (description: string, schema: Schema): Success[] => [{ status: 201, description, schema }];
const done = (description: string): Success[] => [{ status: 204, description }];

/** Whatever changes something wants a recent sign-in. */
const writes = (permission: Permission) => ({ permission, fresh: true }) as const;

const people: Readonly<Record<string, Endpoint>> = {
  "GET /auth/users": {
    tag: "People",
    summary: "List the accounts",
    who: { permission: "users:read" },
    parameters: {
      q: { description: "Part of a username, an address or a name.", example: "ada" },
      ...piece("usr"),
    },
    answers: shown("A piece of the list, in the order the accounts were made.", ref("Users")),
  },
  "POST /auth/users": {
    tag: "People",
    summary: "Make an account",
    description: "Without a `password` the answer has a link by which the person chooses one, within 7 days.",
    who: writes("users:write"),
    request: { username: "grace", email: "grace@example.com", name: "Grace Hopper", role: "member" },
    answers: made("The account.", ref("NewUser")),
    refuses: ["BUSY", "EMAIL_TAKEN", "USERNAME_TAKEN", "WEAK_PASSWORD"],
  },
  "GET /auth/users/{id}": {
    tag: "People",
    summary: "Show an account",
    who: { permission: "users:read" },
    parameters: userId,
    answers: shown("The account.", ref("ManagedUser")),
    refuses: ["NOT_FOUND"],
  },
  "PATCH /auth/users/{id}": {
    tag: "People",
    summary: "Change an account",
    description: "Disabling ends everything the account has open.",
    who: writes("users:write"),
    parameters: userId,
    request: { name: "Grace Hopper", role: "member", disabled: false },
    answers: shown("The account as it is now.", ref("ManagedUser")),
    refuses: ["EMAIL_TAKEN", "LAST_ADMIN", "NOT_FOUND"],
  },
  "DELETE /auth/users/{id}": {
    tag: "People",
    summary: "Delete an account",
    who: writes("users:write"),
    parameters: userId,
    answers: done("It is gone, and everything it had."),
    refuses: ["LAST_ADMIN", "NOT_FOUND"],
  },
  "GET /auth/users/{id}/sessions": {
    tag: "People",
    summary: "Where somebody is signed in",
    who: { permission: "sessions:admin" },
    parameters: userId,
    answers: shown("Newest first, of every kind.", list(ref("Session"))),
    refuses: ["NOT_FOUND"],
  },
  "GET /auth/users/{id}/api-keys": {
    tag: "People",
    summary: "Somebody's API keys",
    who: { permission: "users:read" },
    parameters: userId,
    answers: shown("Newest first, without the keys themselves.", list(ref("ApiKey"))),
    refuses: ["NOT_FOUND"],
  },
  "POST /auth/users/{id}/recovery": {
    tag: "People",
    summary: "Make a recovery link for somebody",
    description: "Good once, for an hour. A newer link replaces it.",
    who: writes("users:write"),
    parameters: userId,
    answers: made("The link, shown once.", ref("RecoveryLink")),
    refuses: ["ACCOUNT_DISABLED", "NOT_FOUND"],
  },
  "GET /auth/invites": {
    tag: "Invitations",
    summary: "List the open invitations",
    who: { permission: "invites:write" },
    parameters: piece("inv"),
    answers: shown("A piece of the list, newest first.", ref("Invites")),
  },
  "POST /auth/invites": {
    tag: "Invitations",
    summary: "Invite somebody",
    description: "For a week and one account unless told. With an `email`, the account gets that address.",
    who: writes("invites:write"),
    request: { email: "grace@example.com", role: "member", expires_in_seconds: 86_400, uses: 1 },
    answers: made("The invitation. Token and link are shown once.", ref("NewInvite")),
    refuses: ["EMAIL_TAKEN"],
  },
  "DELETE /auth/invites/{id}": {
    tag: "Invitations",
    summary: "Take an invitation back",
    who: writes("invites:write"),
    parameters: { id: { description: "Of an invitation.", example: `inv_${sample}` } },
    answers: done("It is gone."),
    refuses: ["NOT_FOUND"],
  },
};

const house: Readonly<Record<string, Endpoint>> = {
  "GET /auth/bootstrap/tokens": {
    tag: "House",
    summary: "List the bootstrap tokens",
    who: { permission: "bootstrap:write" },
    answers: shown("Those that still work, without the tokens themselves.", list(ref("BootstrapToken"))),
  },
  "POST /auth/bootstrap/tokens": {
    tag: "House",
    summary: "Make a bootstrap token",
    description:
      "Its holder becomes another admin, through `/auth/bootstrap/complete`. For a day unless told.",
    who: writes("bootstrap:write"),
    request: { expires_in_seconds: 3600, note: "for Grace" },
    answers: made("The token, shown once.", ref("NewBootstrapToken")),
  },
  "DELETE /auth/bootstrap/tokens/{id}": {
    tag: "House",
    summary: "Take a bootstrap token back",
    who: writes("bootstrap:write"),
    parameters: { id: { description: "Of a bootstrap token.", example: `bst_${sample}` } },
    answers: done("It is gone."),
    refuses: ["NOT_FOUND"],
  },
  "POST /auth/sessions/revoke-all": {
    tag: "House",
    summary: "End the sessions of an account, or of everybody",
    description:
      "Of every kind; of everybody without a `user_id`. The caller's own session stays unless `keep_current` is " +
      "false. Needs at least `{}`.",
    who: writes("sessions:admin"),
    request: { user_id: `usr_${sample}`, keep_current: true, reason: "a lost phone" },
    answers: done("They are ended."),
    refuses: ["NOT_FOUND"],
  },
  "GET /auth/sessions/stats": {
    tag: "House",
    summary: "How many are signed in",
    who: { permission: "sessions:admin" },
    answers: shown("Counts of open sessions.", ref("SessionStats")),
  },
  "GET /auth/stats": {
    tag: "House",
    summary: "What each day brought",
    who: { permission: "audit:admin" },
    parameters: {
      days: { description: "How many days back from today, 1 to 90; 30 unless told.", example: "30" },
    },
    answers: shown("One entry a day (UTC), today last.", list(ref("Day"))),
  },
  "GET /auth/doctor": {
    tag: "House",
    summary: "Look over what the house stands on",
    description:
      "Its address, the proxies in front, certificate, clock, mail, disk, files, master key and database; each with what " +
      "to do about it. May take a minute when a mail server hangs.",
    who: { permission: "settings:read" },
    parameters: {
      now: {
        description: "The date as the caller's clock has it, to be compared.",
        example: "2026-01-01T00:00:00.000Z",
      },
    },
    answers: shown("What was found; `ok` says whether all is well.", ref("Steps")),
  },
  "POST /auth/mail/test": {
    tag: "House",
    summary: "Send a test letter",
    description:
      "Tells each step of the conversation with the mail server, up to the first that fails, and what was said; " +
      "never the password. Without a mail server the letter becomes a file.",
    who: writes("settings:write"),
    request: { to: "ada@example.com" },
    answers: shown("What came of it; `ok` says whether the server took the letter.", ref("MailTest")),
  },
  "GET /auth/settings": {
    tag: "House",
    summary: "Show the settings",
    who: { permission: "settings:read" },
    answers: shown("What is in force.", ref("Settings")),
  },
  "PATCH /auth/settings": {
    tag: "House",
    summary: "Change the settings",
    description:
      "Only the fields that are sent. `local_login` goes off only when an admin has another way in.",
    who: writes("settings:write"),
    request: { registration: "invite", lifetimes: { idle: 86_400 } },
    answers: [
      { status: 200, description: "What is in force now.", schema: ref("Settings"), setsCookies: true },
    ],
    refuses: ["LAST_SIGN_IN_METHOD", "SETTING_FIXED"],
  },
};

export const adminEndpoints = { ...people, ...house };
