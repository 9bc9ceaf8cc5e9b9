/** What the SPA surface tells about passkeys. */
import type { Endpoint, Success } from "../../http/openapi-answers.ts";
import { list, object, ref, type Schemas } from "../../http/openapi-schema.ts";
import { assertionExample, creationExample } from "../../http/openapi-webauthn.ts";

const change = { permission: "factors:write", fresh: true } as const;
const ok = (description: string, name: string): Success => ({ status: 200, description, schema: ref(name) });
const passkeyId = { passkey_id: { description: "Of a passkey.", example: "psk_01kg0q2v9hexq8t4n7c5m3b2za" } };

export const passkeySchemas: Schemas = { Passkeys: object({ passkeys: list(ref("Passkey")) }) };

export const passkeyEndpoints: Readonly<Record<string, Endpoint>> = {
  "GET /api/v1/auth/passkey/list": {
    tag: "Own passkeys",
    summary: "The passkeys of the account",
    who: {},
    answers: [ok("Oldest first.", "Passkeys")],
  },
  "POST /api/v1/auth/passkey/register/options": {
    tag: "Own passkeys",
    summary: "Ask for what a new passkey is made with",
    description: "Good for five minutes, for this session and for one answer.",
    who: change,
    answers: [ok("Options for the authenticator.", "CreationOptions")],
  },
  "POST /api/v1/auth/passkey/register/verify": {
    tag: "Own passkeys",
    summary: "Add the passkey to the account",
    description:
      "Takes the `RegistrationResponseJSON` itself, or within `response`. Without a `name` it is called after the device. " +
      "Ends the account's other sessions.",
    who: change,
    request: { name: "Phone", response: creationExample },
    answers: [{ status: 201, description: "It counts on every surface.", schema: ref("Passkey") }],
    refuses: ["PASSKEY_REJECTED"],
  },
  "POST /api/v1/auth/passkey/login/options": {
    tag: "Tokens",
    summary: "Ask for what a passkey signs",
    description:
      "With `email`, which also takes the username, for passkeys of that account; without, for whichever the authenticator finds. " +
      "Nobody can tell from the answer whether there is such an account.",
    request: { email: "ada@example.com" },
    answers: [ok("Options for the authenticator.", "RequestOptions")],
  },
  "POST /api/v1/auth/passkey/login/verify": {
    tag: "Tokens",
    summary: "Get tokens for a passkey",
    description:
      "Takes the `AuthenticationResponseJSON` itself, or within `response`. A passkey is two factors: no code is asked for.",
    request: { response: assertionExample },
    answers: [ok("Signed in.", "Tokens")],
    refuses: ["ACCOUNT_DISABLED", "PASSKEY_REJECTED"],
  },
  "PATCH /api/v1/auth/passkey/{passkey_id}": {
    tag: "Own passkeys",
    summary: "Rename a passkey",
    who: { permission: "factors:write" },
    parameters: passkeyId,
    request: { name: "Old phone" },
    answers: [ok("As it is called now.", "Passkey")],
    refuses: ["NOT_FOUND"],
  },
  "DELETE /api/v1/auth/passkey/{passkey_id}": {
    tag: "Own passkeys",
    summary: "Remove a passkey from the account",
    description: "Ends the account's other sessions.",
    who: change,
    parameters: passkeyId,
    answers: [{ status: 204, description: "It opens nothing any more." }],
    refuses: ["LAST_SIGN_IN_METHOD", "NOT_FOUND"],
  },
};
