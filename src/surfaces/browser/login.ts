import { Elysia } from "elysia";
import * as shape from "../../http/shape.ts";
import type { Core } from "../../identity/core.ts";
import { changePassword, loginWithPassword } from "../../identity/login.ts";
import { browserGuard } from "./guard.ts";
import { signedIn } from "./wire.ts";

export const browserLogin = (core: Core) =>
  new Elysia()
    .use(browserGuard(core))
    .post(
      "/local/login",
      async ({ body: { username, password, code }, place, set }) =>
        signedIn(core, set, await loginWithPassword(core, { username, password, code, kind: "web", place })),
      {
        placed: true,
        body: shape.object({
          username: shape.loginName(),
          password: shape.password(),
          code: shape.optional(shape.code()),
        }),
      },
    )
    .post(
      "/password",
      async ({ body, caller, place, set }) => {
        await changePassword(core, caller, {
          current: body.current_password,
          password: body.new_password,
          place,
        });
        set.status = 204;
      },
      {
        signedIn: { fresh: true },
        placed: true,
        body: shape.object({
          new_password: shape.password(),
          current_password: shape.optional(shape.password()),
        }),
      },
    );
