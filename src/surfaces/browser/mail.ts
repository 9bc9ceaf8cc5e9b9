import { Elysia } from "elysia";
import * as shape from "../../http/shape.ts";
import { userWire } from "../../http/user.ts";
import { askAddress, verifyAddress } from "../../identity/address.ts";
import type { Core } from "../../identity/core.ts";
import { loginWithCode, sendLoginCode } from "../../identity/mail-login.ts";
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
      async ({ body: { email, token, code }, place, set }) => {
        const asked = { typed: email, mailed: token, code, kind: "web", place } as const;
        return signedIn(core, set, await loginWithCode(core, asked));
      },
      {
        placed: true,
        body: shape.object({
          method: shape.oneOf("otp"),
          email: shape.loginName(),
          token: shape.code(),
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
