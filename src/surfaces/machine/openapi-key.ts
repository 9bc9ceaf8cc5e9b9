/** What the machine surface says about API keys. */
import type { Surface } from "../../http/openapi.ts";
import {
  choice,
  flag,
  id,
  list,
  nullable,
  object,
  ref,
  text,
  time,
  whole,
} from "../../http/openapi-schema.ts";
import { permissionsOf } from "../../identity/permission.ts";

const tag = "API keys";
const unixTime = (example: number) => ({ ...whole(example), description: "Seconds since 1970." });
const answer = (data: Parameters<typeof list>[0]) => object({ ok: { ...flag(true), enum: [true] }, data });

const key = {
  id: id("key"),
  name: text("nightly backup"),
  prefix: { ...text("hk_2m7Qxa"), description: "How the key begins, to tell one from another." },
  scopes: list({ ...choice(...permissionsOf("admin")), example: "profile:read" }),
  expires_at: { ...nullable(unixTime(1_801_569_600)), description: "Seconds since 1970; null: never." },
};

export const keys: Surface = {
  tags: [
    {
      name: tag,
      description:
        "Keys for programs. A key acts as its owner within its scopes, on the few endpoints that take one; " +
        "everywhere else it is refused with `API_KEY_NOT_ALLOWED`.",
    },
  ],
  schemas: {
    KeyToken: answer(
      object({
        token: text("eyJhbGciOiJSUzI1NiIsInR5cCI6ImtleStqd3QifQ.eyJzdWIiOiJ1c3JfIn0.c2lnbmF0dXJl"),
        user_id: id("usr"),
        expires_at: unixTime(1_769_864_400),
      }),
    ),
    KeyOwner: answer(
      object({
        id: id("usr"),
        email: nullable(text("ada@example.com")),
        name: nullable(text("Ada Lovelace")),
      }),
    ),
    NewApiKey: answer(
      object({
        ...key,
        key: {
          type: "string",
          pattern: "^hk_[0-9A-Za-z]{49}$",
          example: "hk_2m7QxaVb0cJm3Zk8Yt1Rf6Wd4Ns9Lh5Pg7Ei2Uo0Ax3C0000z",
          description: "The key itself, shown here and never again.",
        },
      }),
    ),
    ApiKeys: answer(
      list(
        object({
          ...key,
          created_at: time("2026-01-31T12:00:00.000Z"),
          last_used_at: nullable(time("2026-01-31T12:30:00.000Z")),
        }),
      ),
    ),
  },
  endpoints: {
    "POST /v1/auth/token": {
      tag,
      summary: "Exchange an API key for a JWT",
      description:
        "The JWT is the key on every endpoint, for an hour and never past the key's end: `typ` `key+jwt`, with " +
        "`key_id` and `scopes`. Takes the key itself alone, at most 60 times a minute. What a key does by JWT " +
        "stands in the account's sessions as one of kind `api_key`; ending that refuses the JWTs it had, and the " +
        "next exchange opens another.",
      who: { key: "only" },
      answers: [{ status: 200, description: "The JWT.", schema: ref("KeyToken") }],
    },
    "GET /v1/auth/me": {
      tag,
      summary: "Whom a key or a session stands for",
      who: { permission: "profile:read", key: true },
      answers: [{ status: 200, description: "Its owner.", schema: ref("KeyOwner") }],
    },
    "POST /v1/auth/api-keys": {
      tag,
      summary: "Make an API key",
      description:
        "`scopes` are permissions, `profile:read` unless told, and never more than the owner has: at every request " +
        "what counts is what both have. Without `expires_in_days` it never expires. An account has room for 50.",
      who: { permission: "keys:write", fresh: true },
      request: { name: "nightly backup", scopes: ["profile:read"], expires_in_days: 365 },
      answers: [{ status: 201, description: "It is made.", schema: ref("NewApiKey") }],
    },
    "GET /v1/auth/api-keys": {
      tag,
      summary: "One's own API keys",
      who: { permission: "keys:write" },
      answers: [{ status: 200, description: "Newest first.", schema: ref("ApiKeys") }],
    },
    "DELETE /v1/auth/api-keys/{id}": {
      tag,
      summary: "Delete an API key of one's own",
      description: "It is refused from the next request on, and so is every JWT it was exchanged for.",
      who: { permission: "keys:write", fresh: true },
      parameters: { id: { description: "Of an API key.", example: "key_01kg0q2v9hexq8t4n7c5m3b2za" } },
      answers: [{ status: 204, description: "It is gone." }],
      refuses: ["NOT_FOUND"],
    },
  },
};
