/** What the mobile surface tells those who write a client for it. */

import type { Surface } from "../../http/openapi.ts";
import type { Endpoint, Success } from "../../http/openapi-answers.ts";
import {
  choice,
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
import type { RefusalCode } from "../../identity/refusal.ts";
import { passkeyEndpoints } from "./openapi-passkey.ts";

const code = "ABCD-2345";
const typed =
  "`code` is typed in any case, with or without its dash; the six characters that a command line shows are taken, too. ";
const guessed =
  "An account, and a client address, may be wrong 10 times an hour; after that right codes are refused as well.";

const said = (description: string): Success => ({ status: 200, description, schema: ref("Message") });
const answering: Pick<Endpoint, "tag" | "who" | "request"> & { refuses: RefusalCode[] } = {
  tag: "Devices",
  who: { permission: "devices:approve" },
  request: { code },
  refuses: ["CODE_ALREADY_DECIDED", "NOT_FOUND"],
};

const sessions = (name: "session" | "sessions", also: string): Record<string, Endpoint> => ({
  [`GET /api/${name}/list`]: {
    tag: "Phones",
    summary: `Where else the account is signed in${also}`,
    description: "Without the session that asks.",
    who: { permission: "sessions:read" },
    answers: [{ status: 200, description: "Newest first.", schema: list(ref("OtherSession")) }],
  },
  [`DELETE /api/${name}/{id}`]: {
    tag: "Phones",
    summary: `End a session of one's own${also}`,
    who: { permission: "sessions:write" },
    parameters: { id: { description: "Of a session.", example: "ses_01kg0q2v9hexq8t4n7c5m3b2za" } },
    answers: [said("It is over.")],
    refuses: ["NOT_FOUND"],
  },
});

export const described: Surface = {
  tags: [
    { name: "Phones", description: "Sign-in for apps that keep the session token themselves." },
    {
      name: "Devices",
      description:
        "Letting in what has no keyboard or no browser: it shows a code, a signed-in person answers, it polls. " +
        "For linking a phone by QR code the person makes the code, authorizes it and shows " +
        "`housekey://link?server=<url>&token=<token>`; the phone polls with that token.",
    },
  ],
  schemas: {
    Message: object({ message: text("Done.") }),
    MobileToken: object({ token: secret(96), message: text("Signed in.") }),
    DeviceCode: object({
      code: { type: "string", pattern: "^[A-HJKMNP-Z2-9]{4}-[A-HJKMNP-Z2-9]{4}$", example: code },
      token: secret(64),
      expiresAt: time("2026-01-01T00:10:00.000Z"),
      verificationUrl: text("https://auth.example.org/device?code=ABCD-2345"),
      interval: { ...whole(5), description: "Seconds between two polls." },
    }),
    DevicePoll: object(
      {
        status: choice("authorized", "pending", "invalid"),
        token: { ...secret(96), description: "Of the session; once, with `authorized`." },
      },
      "token",
    ),
    DeviceInfo: object({
      clientType: choice("mobile", "connector", "cli"),
      ipAddress: text("192.168.1.40"),
      userAgent: nullable(text("housekey-connector/1.2")),
      expiresAt: time("2026-01-01T00:10:00.000Z"),
    }),
    LinkStatus: object({ status: choice("pending", "authorized", "claimed", "expired") }),
    OtherSession: object({
      id: id("ses"),
      ip: text("192.168.1.20"),
      userAgent: nullable(text("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0")),
      lastActivity: time("2026-01-01T12:00:00.000Z"),
    }),
  },
  endpoints: {
    ...passkeyEndpoints,
    "POST /api/auth/login": {
      tag: "Phones",
      summary: "Get a session token for a password",
      description:
        "`username` also takes the address. With two-factor on, `code` is asked for by `TOTP_REQUIRED`; a number is " +
        "taken as its digits, with noughts in front. The token also comes in the header `Authorization`.",
      request: { username: "ada", password: "analytical engine" },
      answers: [{ status: 200, description: "Signed in.", schema: ref("MobileToken") }],
      refuses: [
        "ACCOUNT_DISABLED",
        "BUSY",
        "INVALID_CODE",
        "INVALID_CREDENTIALS",
        "LOCAL_LOGIN_DISABLED",
        "TOTP_REQUIRED",
      ],
    },
    "POST /api/auth/logout": {
      tag: "Phones",
      summary: "Give a session token up",
      request: { token: "3f9c0a71d2e48b56".repeat(6) },
      answers: [said("Signed out.")],
      refuses: ["INVALID_TOKEN"],
    },
    "POST /api/auth/device/create": {
      tag: "Devices",
      summary: "Make a code for a device",
      description:
        "Good for ten minutes. Whoever is signed in makes it for a device of theirs, and nobody else can answer it; " +
        "a credential that is none is taken for none. Without one, 10 an hour for each client address.",
      request: { clientType: "mobile" },
      answers: [
        { status: 200, description: "`code` is to be shown, `token` to be kept.", schema: ref("DeviceCode") },
      ],
      refuses: ["ORIGIN_NOT_ALLOWED"],
    },
    "POST /api/auth/device/poll": {
      tag: "Devices",
      summary: "Ask whether a device was let in",
      description:
        "`invalid` for a token that is unknown, denied, expired or used alike. 30 a minute for each token. The session " +
        "has the address that made the code or, when a signed-in person made it, the address that polls; it is not " +
        "fresh until it is confirmed.",
      request: { token: "3f9c0a71d2e48b56".repeat(4) },
      answers: [{ status: 200, description: "What became of the code so far.", schema: ref("DevicePoll") }],
    },
    "POST /api/auth/device/info": {
      ...answering,
      summary: "What waits behind a code",
      description: typed + guessed,
      answers: [
        { status: 200, description: "To be shown before anybody answers.", schema: ref("DeviceInfo") },
      ],
    },
    "POST /api/auth/device/authorize": {
      ...answering,
      summary: "Let a device in",
      description: `${typed}It gets its session when it polls, if this one is still good then. ${guessed}`,
      answers: [said("It may sign in.")],
    },
    "POST /api/auth/device/deny": {
      ...answering,
      summary: "Turn a device away",
      description: typed + guessed,
      answers: [said("It will not be let in.")],
    },
    "POST /api/auth/device/link/status": {
      ...answering,
      summary: "What became of a code of one's own",
      description: `For a day, to whoever made or answered it. A denied one reads \`expired\`. ${typed}${guessed}`,
      answers: [{ status: 200, description: "Up to now.", schema: ref("LinkStatus") }],
      refuses: ["NOT_FOUND"],
    },
    ...sessions("session", ""),
    ...sessions("sessions", " (another name for the same)"),
  },
};
