import { Elysia } from "elysia";
import * as shape from "../../http/shape.ts";
import { assertionFields, creationFields, passkeyWire } from "../../http/webauthn.ts";
import type { Core } from "../../identity/core.ts";
import { beginEnrolment, enrolPasskey } from "../../identity/enrolment.ts";
import { deletePasskey, listPasskeys } from "../../identity/passkey.ts";
import { beginPasskeyLogin, provePasskey } from "../../identity/passkey-login.ts";
import { browserGuard } from "./guard.ts";

/** Made anew for every route: Elysia writes what a macro expands to into the object it is given. */
const change = () => ({ signedIn: { permission: "factors:write", fresh: true }, placed: true }) as const;

export const browserPasskey = (core: Core) =>
  new Elysia({ prefix: "/passkeys" })
    .use(browserGuard(core))
    .post("/register/options", ({ caller }) => beginEnrolment(core, caller), change())
    .post(
      "/register/verify",
      async ({ body: { name, ...answer }, caller, place, set }) => {
        const passkey = await enrolPasskey(core, caller, { name, answer, place });
        set.status = 201;
        return passkeyWire(passkey);
      },
      { ...change(), body: shape.object({ name: shape.text(64, 1), ...creationFields() }) },
    )
    .post("/authenticate/options", ({ place }) => beginPasskeyLogin(core, { typed: null, place }), {
      placed: true,
    })
    .post(
      "/authenticate/verify",
      async ({ body: answer, place }) => {
        const { user, token, expiresAt } = await provePasskey(core, { answer, place });
        return { token, email: user.email, username: user.username, expires_at: expiresAt.toISOString() };
      },
      { placed: true, body: shape.object(assertionFields()) },
    )
    .get("", async ({ caller }) => (await listPasskeys(core, caller)).map(passkeyWire), { signedIn: true })
    .delete(
      "/:id",
      async ({ caller, params, place, set }) => {
        await deletePasskey(core, caller, { id: params.id, place });
        set.status = 204;
      },
      change(),
    );
