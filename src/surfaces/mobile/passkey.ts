import { Elysia } from "elysia";
import { requireOwnOrigin } from "../../http/origin.ts";
import * as shape from "../../http/shape.ts";
import { assertionFields } from "../../http/webauthn.ts";
import type { Core } from "../../identity/core.ts";
import { beginPasskeyLogin, loginWithPasskey } from "../../identity/passkey-login.ts";
import { mobileGuard } from "./guard.ts";
import { signedIn } from "./wire.ts";

export const mobilePasskey = (core: Core) =>
  new Elysia({ prefix: "/auth/passkey" })
    .use(mobileGuard(core))
    .post(
      "/options",
      async ({ body: { username, origin }, place }) => {
        await requireOwnOrigin(core, origin);
        return beginPasskeyLogin(core, { typed: username ?? null, place });
      },
      {
        placed: true,
        body: shape.object({ username: shape.optional(shape.loginName()), origin: shape.text(255, 1) }),
      },
    )
    .post(
      "/verify",
      async ({ body: { response: answer, origin }, place, set }) => {
        await requireOwnOrigin(core, origin);
        return signedIn(set, await loginWithPasskey(core, { answer, kind: "mobile", place }));
      },
      {
        placed: true,
        body: shape.object({ response: shape.object(assertionFields()), origin: shape.text(255, 1) }),
      },
    );
