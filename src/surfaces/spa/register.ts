import { Elysia } from "elysia";
import * as shape from "../../http/shape.ts";
import type { Core } from "../../identity/core.ts";
import { register, verifyRegistration } from "../../identity/registration.ts";
import { fold } from "../../identity/user.ts";
import { spaGuard } from "./guard.ts";
import { tokens } from "./wire.ts";

export const spaRegister = (core: Core) =>
  new Elysia()
    .use(spaGuard(core))
    .post(
      "/register",
      async ({ body, place, set }) => {
        const expiresIn = await register(core, {
          email: fold(body.email),
          password: body.password,
          name: body.name ?? null,
          tenantName: body.tenant_name ?? null,
          invite: body.invite ?? null,
          place,
        });
        set.status = 202;
        return { status: "verification_required", expires_in: expiresIn };
      },
      {
        placed: true,
        body: shape.object({
          email: shape.email(),
          password: shape.password(),
          name: shape.optional(shape.text(200)),
          tenant_name: shape.optional(shape.text(200, 1)),
          invite: shape.optional(shape.token()),
        }),
      },
    )
    .post(
      "/register/verify",
      async ({ body, place }) => {
        const asked = { email: fold(body.email), code: body.code, kind: "spa", place } as const;
        return tokens(core, await verifyRegistration(core, asked));
      },
      { placed: true, body: shape.object({ email: shape.email(), code: shape.code() }) },
    );
