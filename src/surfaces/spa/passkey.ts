import { Elysia } from "elysia";
import * as shape from "../../http/shape.ts";
import { assertionIn, creationIn, eitherFields, passkeyWire } from "../../http/webauthn.ts";
import type { Core } from "../../identity/core.ts";
import { beginEnrolment, enrolPasskey, nameOf } from "../../identity/enrolment.ts";
import { deletePasskey, listPasskeys, renamePasskey } from "../../identity/passkey.ts";
import { beginPasskeyLogin, loginWithPasskey } from "../../identity/passkey-login.ts";
import { spaGuard } from "./guard.ts";
import { tokens } from "./wire.ts";

/** Made anew for every route: Elysia writes what a macro expands to into the object it is given. */
const change = () => ({ signedIn: { permission: "factors:write", fresh: true }, placed: true }) as const;

const name = () => shape.text(64, 1);

export const spaPasskey = (core: Core) =>
  new Elysia({ prefix: "/passkey" })
    .use(spaGuard(core))
    .get("/list", async ({ caller }) => ({ passkeys: (await listPasskeys(core, caller)).map(passkeyWire) }), {
      signedIn: true,
    })
    .post("/register/options", ({ caller }) => beginEnrolment(core, caller), change())
    .post(
      "/register/verify",
      async ({ body, caller, place, set }) => {
        const answer = creationIn(body);
        const passkey = await enrolPasskey(core, caller, { name: body.name ?? nameOf(place), answer, place });
        set.status = 201;
        return passkeyWire(passkey);
      },
      { ...change(), body: shape.object({ name: shape.optional(name()), ...eitherFields() }) },
    )
    .post(
      "/login/options",
      ({ body, place }) => beginPasskeyLogin(core, { typed: body.email ?? null, place }),
      { placed: true, body: shape.object({ email: shape.optional(shape.loginName()) }) },
    )
    .post(
      "/login/verify",
      async ({ body, place }) =>
        tokens(core, await loginWithPasskey(core, { answer: assertionIn(body), kind: "spa", place })),
      { placed: true, body: shape.object(eitherFields()) },
    )
    .patch(
      "/:passkey_id",
      async ({ body, caller, params }) =>
        passkeyWire(await renamePasskey(core, caller, { id: params.passkey_id, name: body.name })),
      { signedIn: { permission: "factors:write" }, body: shape.object({ name: name() }) },
    )
    .delete(
      "/:passkey_id",
      async ({ caller, params, place, set }) => {
        await deletePasskey(core, caller, { id: params.passkey_id, place });
        set.status = 204;
      },
      change(),
    );
