import { Elysia } from "elysia";
import * as shape from "../../http/shape.ts";
import { creationFields } from "../../http/webauthn.ts";
import type { Core } from "../../identity/core.ts";
import {
  beginPasskeyRecovery,
  completePasskeyRecovery,
  completeRecovery,
  findRecovery,
} from "../../identity/recovery.ts";
import { Refusal } from "../../identity/refusal.ts";
import { browserGuard } from "./guard.ts";
import { signedIn } from "./wire.ts";

export const browserRecovery = (core: Core) =>
  new Elysia({ prefix: "/recovery" })
    .use(browserGuard(core))
    .post(
      "/info",
      async ({ body }) => {
        const { user, expiresAt } = await findRecovery(core, body.token);
        return { username: user.username, expires_at: expiresAt.toISOString() };
      },
      { body: shape.object({ token: shape.token() }) },
    )
    .post("/passkey/options", ({ body }) => beginPasskeyRecovery(core, body.token), {
      body: shape.object({ token: shape.token() }),
    })
    .post(
      "/complete",
      async ({ body: { token, password, passkey: answer }, place, set }) => {
        if (password !== undefined && answer === undefined)
          return signedIn(core, set, await completeRecovery(core, { token, password, place }));
        if (answer !== undefined && password === undefined)
          return signedIn(core, set, await completePasskeyRecovery(core, { token, answer, place }));
        throw new Refusal("INVALID_REQUEST", {
          details: [{ path: "password", message: "Send either a password or a passkey." }],
        });
      },
      {
        placed: true,
        body: shape.object({
          token: shape.token(),
          password: shape.optional(shape.password()),
          passkey: shape.optional(shape.object(creationFields())),
        }),
      },
    );
