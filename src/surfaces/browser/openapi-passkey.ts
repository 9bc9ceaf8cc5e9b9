/** What the browser surface tells about passkeys. */
import type { Endpoint, Success } from "../../http/openapi-answers.ts";
import { list, nullable, object, ref, type Schemas, secret, text, time } from "../../http/openapi-schema.ts";
import { assertionExample, creationExample, webauthnSchemas } from "../../http/openapi-webauthn.ts";

const change = { permission: "factors:write", fresh: true } as const;
const ok = (description: string, name: string): Success => ({ status: 200, description, schema: ref(name) });

export const passkeySchemas: Schemas = {
  ...webauthnSchemas,
  PasskeyProof: object({
    token: secret(64),
    email: nullable(text("ada@example.com")),
    username: text("ada"),
    expires_at: time("2026-01-31T12:02:00.000Z"),
  }),
};

export const passkeyEndpoints: Readonly<Record<string, Endpoint>> = {
  "POST /auth/passkeys/register/options": {
    tag: "Passkeys",
    summary: "Begin to add a passkey",
    description:
      "Hand the answer to `navigator.credentials.create()`. Good for five minutes, for this session and for one answer. " +
      "Passkeys work at the address of the house (`HOUSEKEY_URL`) and `HOUSEKEY_ORIGINS` alone: browsers take them " +
      "over https with a name, or at `localhost`, never at an IP address.",
    who: change,
    answers: [ok("Options for the authenticator.", "CreationOptions")],
  },
  "POST /auth/passkeys/register/verify": {
    tag: "Passkeys",
    summary: "Add the passkey",
    description:
      "Its `RegistrationResponseJSON` with a `name` beside it. Ends the account's other sessions; the account's address is told.",
    who: change,
    request: { name: "Phone", ...creationExample },
    answers: [{ status: 201, description: "It counts on every surface.", schema: ref("Passkey") }],
    refuses: ["PASSKEY_REJECTED"],
  },
  "POST /auth/passkeys/authenticate/options": {
    tag: "Passkeys",
    summary: "Begin to use a passkey",
    description:
      "Whichever the authenticator finds. Good for five minutes, for the asking address and for one answer.",
    answers: [ok("Options for the authenticator.", "RequestOptions")],
  },
  "POST /auth/passkeys/authenticate/verify": {
    tag: "Passkeys",
    summary: "Prove the use of a passkey",
    description:
      "The proof is good once, within two minutes: for `POST /auth/sessions` with the method `passkey`, or as " +
      "`passkey_token` of `POST /auth/sessions/current/confirm`.",
    request: assertionExample,
    answers: [ok("Whose passkey it is, and the proof.", "PasskeyProof")],
    refuses: ["ACCOUNT_DISABLED", "PASSKEY_REJECTED"],
  },
  "GET /auth/passkeys": {
    tag: "Passkeys",
    summary: "The passkeys of one's own account",
    who: {},
    answers: [{ status: 200, description: "Oldest first.", schema: list(ref("Passkey")) }],
  },
  "DELETE /auth/passkeys/{id}": {
    tag: "Passkeys",
    summary: "Remove a passkey",
    description: "Ends the account's other sessions; the account's address is told.",
    who: change,
    parameters: { id: { description: "Of a passkey.", example: "psk_01kg0q2v9hexq8t4n7c5m3b2za" } },
    answers: [{ status: 204, description: "It opens nothing any more." }],
    refuses: ["LAST_SIGN_IN_METHOD", "NOT_FOUND"],
  },
  "POST /auth/recovery/passkey/options": {
    tag: "Passkeys",
    summary: "Begin to recover an account with a passkey",
    description:
      "In place of a new password: the authenticator's answer goes to `POST /auth/recovery/complete`.",
    request: { token: "3f9c0a71d2e48b56".repeat(3) },
    answers: [ok("Options for the authenticator.", "CreationOptions")],
    refuses: ["INVALID_TOKEN"],
  },
};
