/** What the mobile surface tells those who write a client for it. */
import type { Surface } from "../../http/openapi.ts";
import { object, secret, text } from "../../http/openapi-schema.ts";
import { passkeyEndpoints } from "./openapi-passkey.ts";

export const described: Surface = {
  tags: [{ name: "Mobile", description: "Sign-in for phones and for boxes without a screen." }],
  schemas: { MobileToken: object({ token: secret(96), message: text("Signed in.") }) },
  endpoints: passkeyEndpoints,
};
