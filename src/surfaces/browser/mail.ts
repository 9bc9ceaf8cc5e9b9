import { Elysia } from "elysia";
import * as shape from "../../http/shape.ts";
import { userWire } from "../../http/user.ts";
import { askAddress, verifyAddress } from "../../identity/address.ts";
import type { Core } from "../../identity/core.ts";
import { loginWithCode, sendLoginCode } from "../../identity/mail-login.ts";
import { loginWithProof } from "../../identity/passkey-login.ts";
import { fold } from "../../identity/user.ts";
import { browserGuard } from "./guard.ts";
import { signedIn } from "./wire.ts";

export const browserMail = (core: Core) =>
  new Elysia()
    .use(browserGuard(core))
    .post(
      "/verify",
      async ({ body, place, set }) => {
        await sendLoginCode(core, { typed: body.email, place });
        set.status = 204;
      },
      { placed: true, body: shape.object({ email: shape.loginName() }) },
    )
    .post(
      "/sessions",
      async ({ body: { method, email, token, code }, place, set }) => {
        const asked = { typed: email, kind: "web", place } as const;
        const opened =
          method === "passkey"
            ? await loginWithProof(core, { ...asked, token })
            : await loginWithCode(core, { ...asked, mailed: token, code });
        return signedIn(core, set, opened);
      },
      {
        placed: true,
        body: shape.object({
          method: shape.oneOf("passkey", "otp"),
          email: shape.loginName(),
          token: shape.token(),
          code: shape.optional(shape.code()),
        }),
      },
    )
    .post(
      "/email",
      async ({ body, caller, place, set }) => {
        await askAddress(core, caller, { email: fold(body.email), place });
        set.status = 202;
        return { status: "verification_required" };
      },
      {
        signedIn: { permission: "profile:write", fresh: true },
        placed: true,
        body: shape.object({ email: shape.email() }),
      },
    )
    .post(
      "/email/verify",
      async ({ body, caller, place }) =>
        userWire(await verifyAddress(core, caller, { code: body.code, place })),
      {
        signedIn: { permission: "profile:write", fresh: true },
        placed: true,
        body: shape.object({ code: shape.code() }),
      },
    );
