/** What the mobile surface tells about passkeys. */
import type { Endpoint } from "../../http/openapi-answers.ts";
import { ref } from "../../http/openapi-schema.ts";
import { assertionExample } from "../../http/openapi-webauthn.ts";

/** The only origin a description can name that is the house's own in every house nobody has set up. */
const origin = "http://localhost:8420";

export const passkeyEndpoints: Readonly<Record<string, Endpoint>> = {
  "POST /api/auth/passkey/options": {
    tag: "Phones",
    summary: "Ask for what an app's passkey signs",
    description:
      "`origin` is the one the app's authenticator will sign: the house's address, or one of `HOUSEKEY_ORIGINS`, where " +
      "an app's `android:apk-key-hash:…` belongs. `username` also takes the address.",
    request: { username: "ada", origin },
    answers: [{ status: 200, description: "Options for the authenticator.", schema: ref("RequestOptions") }],
    refuses: ["ORIGIN_NOT_ALLOWED"],
  },
  "POST /api/auth/passkey/verify": {
    tag: "Phones",
    summary: "Sign in an app with a passkey",
    description: "The token is in the `Authorization` header of the answer, too.",
    request: { response: assertionExample, origin },
    answers: [{ status: 200, description: "Signed in.", schema: ref("MobileToken") }],
    refuses: ["ACCOUNT_DISABLED", "ORIGIN_NOT_ALLOWED", "PASSKEY_REJECTED"],
  },
};
