import { Elysia } from "elysia";
import * as shape from "../../http/shape.ts";
import { completeBootstrap, judgeBootstrapToken } from "../../identity/bootstrap.ts";
import type { Core } from "../../identity/core.ts";
import { fold } from "../../identity/user.ts";
import { browserGuard } from "./guard.ts";
import { signedIn } from "./wire.ts";

export const browserBootstrap = (core: Core) =>
  new Elysia().use(browserGuard(core)).post(
    "/bootstrap/complete",
    async ({ body, place, set }) => {
      const opened = await completeBootstrap(core, {
        token: body.token,
        username: fold(body.username),
        password: body.password,
        email: body.email === undefined ? null : fold(body.email),
        name: body.name ?? null,
        place,
      });
      return signedIn(core, set, opened);
    },
    {
      placed: true,
      // The token is judged first: whoever has none learns nothing about the other fields.
      async transform({ body }) {
        const { token } = body as { token?: unknown };
        if (typeof token === "string") await judgeBootstrapToken(core, token);
      },
      body: shape.object({
        token: shape.text(256, 1),
        username: shape.username(),
        password: shape.password(),
        email: shape.optional(shape.email()),
        name: shape.optional(shape.text(200)),
      }),
    },
  );
