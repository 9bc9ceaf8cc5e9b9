import { Elysia } from "elysia";
import * as shape from "../../http/shape.ts";
import type { Core } from "../../identity/core.ts";
import {
  acceptInvite,
  createInvite,
  deleteInvite,
  findInvite,
  type Invite,
  listInvites,
} from "../../identity/invite.ts";
import { fold } from "../../identity/user.ts";
import { browserGuard } from "./guard.ts";
import { actor, signedIn } from "./wire.ts";

/** Made anew for every route: Elysia writes what a macro expands to into the object it is given. */
const admin = () => ({ signedIn: { permission: "invites:write", fresh: true }, placed: true }) as const;
const week = 7 * 86_400;

export const browserInvite = (core: Core) =>
  new Elysia({ prefix: "/invites" })
    .use(browserGuard(core))
    .get(
      "",
      async ({ query: { cursor, limit } }) => {
        const page = { after: cursor ?? null, limit: Number(limit ?? 50) };
        const { items, next } = await listInvites(core, page);
        return { invites: items.map(inviteWire), next };
      },
      {
        signedIn: { permission: "invites:write" },
        query: shape.object({
          cursor: shape.optional(shape.id()),
          limit: shape.optional(shape.count(200)),
        }),
      },
    )
    .post(
      "",
      async ({ body, caller, place, set }) => {
        const { id, token, url, expiresAt } = await createInvite(core, actor(caller, place), {
          email: body.email === undefined ? null : fold(body.email),
          role: body.role ?? "member",
          seconds: body.expires_in_seconds ?? week,
          uses: body.uses ?? 1,
        });
        set.status = 201;
        return { id, token, url, expires_at: expiresAt.toISOString() };
      },
      {
        ...admin(),
        body: shape.object({
          email: shape.optional(shape.email()),
          role: shape.optional(shape.oneOf("admin", "member")),
          expires_in_seconds: shape.optional(shape.integer(60, 365 * 86_400)),
          uses: shape.optional(shape.integer(1, 1000)),
        }),
      },
    )
    .delete(
      "/:id",
      async ({ caller, params, place, set }) => {
        await deleteInvite(core, actor(caller, place), params.id);
        set.status = 204;
      },
      admin(),
    )
    .post(
      "/info",
      async ({ body }) => {
        const { email, expiresAt } = await findInvite(core, body.token);
        return { ...(email !== null && { email }), expires_at: expiresAt.toISOString() };
      },
      { body: shape.object({ token: shape.token() }) },
    )
    .post(
      "/accept",
      async ({ body, place, set }) => {
        const opened = await acceptInvite(core, {
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
        body: shape.object({
          token: shape.token(),
          username: shape.username(),
          password: shape.password(),
          email: shape.optional(shape.email()),
          name: shape.optional(shape.text(200)),
        }),
      },
    );

const inviteWire = (invite: Invite) => ({
  id: invite.id,
  email: invite.email,
  role: invite.role,
  uses: invite.uses,
  uses_left: invite.usesLeft,
  created_by: invite.createdBy,
  created_at: invite.createdAt.toISOString(),
  expires_at: invite.expiresAt.toISOString(),
});
