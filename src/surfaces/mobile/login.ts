import { Elysia } from "elysia";
import * as shape from "../../http/shape.ts";
import type { Core } from "../../identity/core.ts";
import { loginWithPassword } from "../../identity/login.ts";
import { endHolder } from "../../identity/revoke.ts";
import { mobileGuard } from "./guard.ts";
import { signedIn } from "./wire.ts";

export const mobileLogin = (core: Core) =>
  new Elysia({ prefix: "/auth" })
    .use(mobileGuard(core))
    .post(
      "/login",
      async ({ body: { username, password, code: given }, place, set }) => {
        const code = given === undefined ? undefined : shape.codeText(given);
        const asked = { username, password, code, kind: "mobile", place } as const;
        return signedIn(set, await loginWithPassword(core, asked));
      },
      {
        placed: true,
        body: shape.object({
          username: shape.loginName(),
          password: shape.password(),
          code: shape.optional(shape.codeOrNumber()),
        }),
      },
    )
    .post(
      "/logout",
      async ({ body: { token }, place }) => {
        await endHolder(core, token, place);
        return { message: "Signed out." };
      },
      { placed: true, body: shape.object({ token: shape.hex(96) }) },
    );
