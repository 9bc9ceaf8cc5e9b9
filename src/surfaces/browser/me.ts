import { Elysia } from "elysia";
import { clearedSessionCookie } from "../../http/cookie.ts";
import * as shape from "../../http/shape.ts";
import { userWire } from "../../http/user.ts";
import type { Core } from "../../identity/core.ts";
import { deleteUser, patchMe } from "../../identity/people.ts";
import { policy } from "../../identity/policy.ts";
import { fold } from "../../identity/user.ts";
import { browserGuard } from "./guard.ts";
import { actor } from "./wire.ts";

export const browserMe = (core: Core) =>
  new Elysia()
    .use(browserGuard(core))
    .patch(
      "/me",
      async ({ body: { name, username }, caller, place }) => {
        const patch = {
          ...(name !== undefined && { name }),
          ...(username !== undefined && { username: fold(username) }),
        };
        return userWire(await patchMe(core, caller, place, patch));
      },
      {
        signedIn: { permission: "profile:write" },
        placed: true,
        body: shape.object({
          name: shape.optional(shape.text(200)),
          username: shape.optional(shape.username()),
        }),
      },
    )
    .delete(
      "/me",
      async ({ caller, place, set }) => {
        await deleteUser(core, actor(caller, place), caller.user.id);
        set.headers["set-cookie"] = clearedSessionCookie(await policy(core), core.fixed.cookieDomain);
        set.status = 204;
      },
      { signedIn: { permission: "profile:write", fresh: true }, placed: true },
    );
