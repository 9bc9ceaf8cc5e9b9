/** What signing in with another provider looks like from outside. */
import type { Endpoint, Success } from "../../http/openapi-answers.ts";
import {
  flag,
  id,
  list,
  nullable,
  object,
  ref,
  type Schemas,
  text,
  time,
} from "../../http/openapi-schema.ts";

const issuer = "https://id.example.org";

export const providerSchemas: Schemas = {
  Provider: object({
    configured: flag(true),
    enabled: flag(true),
    name: nullable(text("Example ID")),
    issuer: nullable(text(issuer)),
    client_id: nullable(text("housekey")),
    has_client_secret: flag(true),
    scopes: list(text("openid")),
    auto_provision: flag(false),
    link_by_email: flag(false),
    redirect_uri: {
      ...text("https://auth.example.org/auth/oidc/callback"),
      description: "What to register at the provider.",
    },
  }),
  Identity: object({
    id: id("idn"),
    issuer: text(issuer),
    name: { ...text("id.example.org"), description: "The provider in a word." },
    subject: text("248289761001"),
    email: {
      ...nullable(text("ada@example.com")),
      description: "As the provider had verified it when the identity was linked.",
    },
    created_at: time("2026-01-31T12:00:00.000Z"),
    last_used_at: nullable(time("2026-02-01T12:00:00.000Z")),
  }),
  SignInUrl: object({ url: text(`${issuer}/authorize?client_id=housekey&state=${"ab12".repeat(4)}`) }),
};

const away = (description: string): Success => ({ status: 302, description });
const held = (description: string): Success => ({ ...away(description), setsCookies: true });
const returnTo = {
  description: "Where to go afterwards: a path of this house, at most 1024 characters; `/` unless told.",
  example: "/settings",
};

export const providerEndpoints: Readonly<Record<string, Endpoint>> = {
  "GET /auth/provider/oidc": {
    tag: "Other provider",
    summary: "The provider people may sign in with",
    description: "The client's secret is never shown.",
    who: { permission: "settings:read" },
    answers: [{ status: 200, description: "As it is set up.", schema: ref("Provider") }],
  },
  "PUT /auth/provider/oidc": {
    tag: "Other provider",
    summary: "Set the provider up",
    description:
      "Taken over once the provider has described itself and its keys could be had; otherwise everything stays as it " +
      "was, and the message says which step failed. Absent fields keep their value. Another issuer or client id wants " +
      "the secret again; `client_secret: null` is a public client. The issuer is https, or http on this machine.",
    who: { permission: "provider:write", fresh: true },
    request: {
      issuer,
      client_id: "housekey",
      client_secret: "a secret of many characters",
      name: "Example ID",
      scopes: ["openid", "email", "profile"],
      enabled: true,
      auto_provision: false,
      link_by_email: false,
    },
    answers: [{ status: 204, description: "People can sign in with it." }],
    refuses: ["BUSY", "INVALID_PROVIDER", "LAST_SIGN_IN_METHOD"],
  },
  "POST /auth/provider/oidc/test": {
    tag: "Other provider",
    summary: "Try the provider out",
    description:
      "Step by step up to the first that fails, with what to do about it: the settings, the description, the keys, the " +
      "clocks, and whether the provider takes the client's secret.",
    who: { permission: "provider:write", fresh: true },
    answers: [{ status: 200, description: "What was tried.", schema: ref("Steps") }],
  },
  "GET /auth/oidc/login": {
    tag: "Sign-in",
    summary: "Go and sign in with the other provider",
    description:
      "For browsers. When the provider cannot be asked, it leads to `/login?error=UPSTREAM_UNAVAILABLE`.",
    parameters: { return_to: returnTo },
    answers: [held("On to the provider, within ten minutes, with this browser alone.")],
    refuses: ["NOT_FOUND"],
  },
  "GET /auth/oidc/callback": {
    tag: "Sign-in",
    summary: "Come back from the other provider",
    description:
      "For browsers; works once. Leads to where the person wanted to go, with the session cookie; with two-factor on to " +
      "`/login?step=code` (and `return_to`, where there is one) with a cookie for five minutes; when it did not work to " +
      "`/login?error=` and one of `UPSTREAM_DENIED`, `UPSTREAM_UNAVAILABLE`, `INVALID_CHALLENGE`, " +
      "`REGISTRATION_CLOSED`, `ACCOUNT_DISABLED`. The audit says why.",
    parameters: {
      code: { description: "From the provider.", example: "SplxlOBeZQQYbYS6WxSbIA" },
      state: { description: "As it was given out.", example: "af0ifjsldkj" },
      iss: { description: "Which provider says so (RFC 9207).", example: issuer },
      error: { description: "That it says no.", example: "access_denied" },
    },
    answers: [away("On, signed in or not.")],
  },
  "POST /auth/oidc/two-factor": {
    tag: "Sign-in",
    summary: "The second factor after the other provider",
    description: "Shows the cookie that the callback gave; the fifth wrong code ends it.",
    request: { code: "492817" },
    answers: [{ status: 201, description: "Signed in.", schema: ref("SignedIn"), setsCookies: true }],
    refuses: ["ACCOUNT_DISABLED", "INVALID_CHALLENGE", "INVALID_CODE"],
  },
  "POST /auth/oidc/link": {
    tag: "Account",
    summary: "Link an identity at the other provider",
    description:
      "The browser that asked goes to `url` and comes back by the callback. The account's other sessions end, and its " +
      "address is told.",
    who: { permission: "factors:write", fresh: true },
    request: { return_to: "/settings" },
    answers: [{ status: 200, description: "Where to go.", schema: ref("SignInUrl"), setsCookies: true }],
    refuses: ["NOT_FOUND", "UPSTREAM_UNAVAILABLE"],
  },
  "GET /auth/identities": {
    tag: "Account",
    summary: "The caller's identities at other providers",
    who: { permission: "profile:read" },
    answers: [{ status: 200, description: "As they were linked.", schema: list(ref("Identity")) }],
  },
  "DELETE /auth/identities/{id}": {
    tag: "Account",
    summary: "Unlink an identity",
    description: "Ends the caller's other sessions. Another way to sign in must be left.",
    who: { permission: "factors:write", fresh: true },
    parameters: { id: { description: "Of an identity.", example: "idn_01kg0q2v9hexq8t4n7c5m3b2za" } },
    answers: [{ status: 204, description: "It no longer opens the account." }],
    refuses: ["LAST_SIGN_IN_METHOD", "NOT_FOUND"],
  },
};
