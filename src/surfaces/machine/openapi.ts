/** What the machine surface tells those who write a client for it. */
import type { Surface } from "../../http/openapi.ts";
import { choice, object, ref, secret, text, whole } from "../../http/openapi-schema.ts";
import { keys } from "./openapi-key.ts";

export const described: Surface = {
  tags: [{ name: "Machines", description: "For command lines, scripts and services." }, ...keys.tags],
  schemas: {
    ...keys.schemas,
    ShortCode: object({
      code: { type: "string", pattern: "^[A-HJKMNP-Z2-9]{6}$", example: "K7M2PQ" },
      verification_url: text("https://auth.example.org/device?code=K7M2PQ"),
      expires_at: { ...whole(1_767_226_200), description: "Unix seconds." },
      interval: { ...whole(5), description: "Seconds between two polls." },
    }),
    ShortCodePoll: object(
      {
        status: choice("expired", "pending", "authorized", "denied", "claimed"),
        token: { ...secret(96), description: "Of the session; once, with `authorized`." },
      },
      "token",
    ),
  },
  endpoints: {
    ...keys.endpoints,
    "POST /v1/auth/device-code": {
      tag: "Machines",
      summary: "Make a code for a command line",
      description:
        "Good for ten minutes. A person opens `verification_url`, which decides nothing yet, or types the code. " +
        "10 an hour for each client address.",
      request: { intent: "login" },
      answers: [
        { status: 200, description: "To be shown, and to be polled with.", schema: ref("ShortCode") },
      ],
    },
    "GET /v1/auth/device-code/{code}": {
      tag: "Machines",
      summary: "Ask whether a command line was let in",
      description:
        "Answers only the client address that made the code: any other hears `expired`, as it does of a code that is " +
        "none. 30 a minute for each code; 6 a minute for each address of codes that are none.",
      parameters: { code: { description: "As it was made.", example: "K7M2PQ" } },
      answers: [{ status: 200, description: "What became of it so far.", schema: ref("ShortCodePoll") }],
    },
  },
};
