import { Elysia } from "elysia";
import * as shape from "../../http/shape.ts";
import type { Core } from "../../identity/core.ts";
import { completeRecovery, findRecovery } from "../../identity/recovery.ts";
import { browserGuard } from "./guard.ts";
import { signedIn } from "./wire.ts";

export const browserRecovery = (core: Core) =>
  new Elysia({ prefix: "/recovery" })
    .use(browserGuard(core))
    .post(
      "/info",
      async ({ body }) => {
        const { user, expiresAt } = await findRecovery(core, body.token);
        return { username: user.username, expires_at: expiresAt.toISOString() };
      },
      { body: shape.object({ token: shape.token() }) },
    )
    .post(
      "/complete",
      async ({ body: { token, password }, place, set }) =>
        signedIn(core, set, await completeRecovery(core, { token, password, place })),
      { placed: true, body: shape.object({ token: shape.token(), password: shape.password() }) },
    );
