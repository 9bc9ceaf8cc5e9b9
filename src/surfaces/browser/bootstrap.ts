import { Elysia } from "elysia";
import { requireBody } from "../../http/body.ts";
import * as shape from "../../http/shape.ts";
import {
  bootstrapSeconds,
  completeBootstrap,
  deleteBootstrapToken,
  judgeBootstrapToken,
  listBootstrapTokens,
  mintBootstrapToken,
} from "../../identity/bootstrap.ts";
import type { Core } from "../../identity/core.ts";
import { fold } from "../../identity/user.ts";
import { browserGuard } from "./guard.ts";
import { actor, signedIn } from "./wire.ts";

const admin = () => ({ signedIn: { permission: "bootstrap:write", fresh: true }, placed: true }) as const;

export const browserBootstrap = (core: Core) =>
  new Elysia()
    .use(browserGuard(core))
    .get(
      "/bootstrap/tokens",
      async () => {
        const tokens = await listBootstrapTokens(core);
        return tokens.map(({ id, note, createdBy, createdAt, expiresAt }) => ({
          id,
          note,
          created_by: createdBy,
          created_at: createdAt.toISOString(),
          expires_at: expiresAt.toISOString(),
        }));
      },
      { signedIn: { permission: "bootstrap:write" } },
    )
    .post(
      "/bootstrap/tokens",
      async ({ body, caller, place, set }) => {
        const { id, token, expiresAt } = await mintBootstrapToken(core, actor(caller, place), {
          seconds: body.expires_in_seconds ?? bootstrapSeconds,
          note: body.note ?? null,
        });
        set.status = 201;
        return { id, token, expires_at: expiresAt.toISOString() };
      },
      {
        ...admin(),
        beforeHandle: requireBody,
        body: shape.object({
          expires_in_seconds: shape.optional(shape.integer(60, 604_800)),
          note: shape.optional(shape.text(200)),
        }),
      },
    )
    .delete(
      "/bootstrap/tokens/:id",
      async ({ caller, params, place, set }) => {
        await deleteBootstrapToken(core, actor(caller, place), params.id);
        set.status = 204;
      },
      admin(),
    )
    .post(
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
          token: shape.token(),
          username: shape.username(),
          password: shape.password(),
          email: shape.optional(shape.email()),
          name: shape.optional(shape.text(200)),
        }),
      },
    );
