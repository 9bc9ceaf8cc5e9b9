/** What the public surface tells those who watch the house, or write a client. */
import type { Surface } from "../../http/openapi.ts";
import { choice, list, object, ref, text } from "../../http/openapi-schema.ts";

export const described: Surface = {
  tags: [{ name: "Public", description: "For whatever watches the house, and for whoever reads this." }],
  schemas: {
    Alive: object({ status: choice("ok") }),
    KeySet: object({
      keys: list(
        object({
          kid: text("0VLl1oN8mYf4Yk7g1bXhYw3Q2tWm9c5rZsJ6uKpQaEo"),
          kty: choice("RSA"),
          alg: choice("RS256"),
          use: choice("sig"),
          n: text("sXchDaQebHnPiGvyDOAT4saGEUetSyo9MKLOoWFsueri"),
          e: text("AQAB"),
        }),
      ),
    }),
    RelatedOrigins: object({ origins: list(text("https://auth.example.org")) }),
    Ready: object({ status: choice("ready") }),
    Document: {
      ...object({
        openapi: text("3.0.3"),
        info: { type: "object", example: { title: "Housekey", version: "0.1.0" } },
        paths: { type: "object", example: {} },
      }),
      additionalProperties: true,
    },
  },
  endpoints: {
    "GET /healthz": {
      tag: "Public",
      summary: "Whether the house is up",
      answers: [{ status: 200, description: "It is.", schema: ref("Alive") }],
    },
    "GET /readyz": {
      tag: "Public",
      summary: "Whether the house can do its work",
      description: "Writes to the database, to be sure.",
      answers: [{ status: 200, description: "It can.", schema: ref("Ready") }],
      refuses: ["STORE_UNAVAILABLE"],
    },
    "GET /metrics": {
      tag: "Public",
      summary: "What Prometheus counts by",
      description:
        "Opened by the token that the operator set, as Bearer; without one, only to this machine, and never through a " +
        "proxy. To everybody else there is nothing here.",
      answers: [
        {
          status: 200,
          description: "Prometheus' text format, version 0.0.4.",
          schema: text("# HELP housekey_build_info Always 1; the version is the label."),
          type: "text/plain",
        },
      ],
      refuses: ["NOT_FOUND", "RATE_LIMITED", "STORE_UNAVAILABLE", "UNAUTHENTICATED"],
    },
    "GET /auth/device": {
      tag: "Public",
      summary: "To the page where a device is let in",
      answers: [{ status: 302, description: "To `/device`, with the query as it came." }],
    },
    "GET /link": {
      tag: "Public",
      summary: "To the same page, from a shorter name",
      answers: [{ status: 302, description: "To `/device`, with the query as it came." }],
    },
    "GET /.well-known/jwks.json": {
      tag: "Public",
      summary: "The public halves of the keys that sign access tokens",
      answers: [{ status: 200, description: "A JSON Web Key Set (RFC 7517).", schema: ref("KeySet") }],
    },
    "GET /.well-known/webauthn": {
      tag: "Public",
      summary: "The pages that may use passkeys made under this host name",
      description:
        "Read by browsers, at the former host of a house that moved, before one of its pages uses a passkey of that host (WebAuthn Level 3 §5.11). The house's own origins that are https; browsers heed those of the first five names.",
      answers: [{ status: 200, description: "The origins.", schema: ref("RelatedOrigins") }],
    },
    "GET /docs": {
      tag: "Public",
      summary: "This description, to be read by people",
      answers: [
        { status: 200, description: "A page.", schema: text("<!doctype html>"), type: "text/html" },
        { status: 304, description: "The page is still the one that `If-None-Match` names." },
      ],
    },
    "GET /docs/json": {
      tag: "Public",
      summary: "This description, to be read by programs",
      answers: [{ status: 200, description: "OpenAPI 3.", schema: ref("Document") }],
    },
  },
};
