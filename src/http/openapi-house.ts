/** What holds on every surface: the error, the headers, the credentials, and the words for them. */
import { list, object, type Schemas, text } from "./openapi-schema.ts";

export const sharedSchemas: Schemas = {
  Error: object({
    ok: { type: "boolean", enum: [false], example: false },
    error: object(
      {
        code: { ...text("INVALID_REQUEST"), pattern: "^[A-Z_]+$", description: "For the client to act on." },
        message: { ...text("Sign in first."), description: "One sentence for a person." },
        details: list(object({ path: text("username"), message: text("This is required.") })),
      },
      "details",
    ),
  }),
};

const header = (description: string, example: string | number) => ({
  description,
  schema: { type: typeof example === "number" ? "integer" : "string" },
  example,
});

export const headers = {
  "x-request-id": header("This request's number, under which the log has more.", "3f9c0a71d2e4-1k"),
  "WWW-Authenticate": header("How to sign in (RFC 6750).", "Bearer"),
  "Retry-After": header("Seconds after which asking again makes sense.", 30),
  "RateLimit-Limit": header("Requests a client address has in the window.", 10),
  "RateLimit-Remaining": header("Requests that are left.", 0),
  "RateLimit-Reset": header("Seconds until there are some again.", 30),
  "Set-Cookie": header("The session cookie, and the mark of a browser that signed in before.", "housekey=…"),
};

export const securitySchemes = (cookie: string) => ({
  bearer: {
    type: "http",
    scheme: "bearer",
    description: "A session token, in `Authorization: Bearer …`. It beats the cookie.",
  },
  api_key: {
    type: "http",
    scheme: "bearer",
    description:
      "An API key (`hk_…`), or the JWT it was exchanged for, in `Authorization: Bearer …`. It acts as its owner " +
      "within its scopes, and only where an endpoint names this scheme; elsewhere 403 `API_KEY_NOT_ALLOWED`.",
  },
  basic: {
    type: "http",
    scheme: "basic",
    description:
      "An API key as the password, with its owner's username or address as the user name. Never a password.",
  },
  cookie: {
    type: "apiKey",
    in: "cookie",
    name: cookie,
    description:
      "The same token as a cookie. It vouches for an unsafe request only from an own page, which `Origin` or " +
      "`Sec-Fetch-Site: same-origin` says.",
  },
});

export const whatHoldsEverywhere = [
  "Accounts and sign-in for a house.",
  "Bodies are JSON objects of at most 64 KiB, sent as `application/json`. Unknown fields are ignored and never " +
    "stored; nulls count as absent. Where every field is optional, no body and no content type is `{}`.",
  "Every refusal has its real HTTP status and the same form, `Error`. An unknown path, an unknown method and an " +
    "identifier that is not the caller's look alike: 404 `NOT_FOUND`.",
  "Times are ISO 8601 in UTC. A trailing slash makes no difference. Every answer has an `x-request-id`.",
  "`x-permission` names what the caller's role must allow. `x-fresh` wants a sign-in or a confirmation " +
    "(`POST /auth/sessions/current/confirm`) within the last 15 minutes. `x-limit` is the row of the table of " +
    "limits that an endpoint counts on, per client address.",
].join("\n\n");
