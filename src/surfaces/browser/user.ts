import { Elysia } from "elysia";
import * as shape from "../../http/shape.ts";
import { managedUserWire } from "../../http/user.ts";
import { listKeys } from "../../identity/api-key.ts";
import type { Core } from "../../identity/core.ts";
import { createUser, deleteUser, getUser, listUsers, patchUser } from "../../identity/people.ts";
import { createRecovery } from "../../identity/recovery.ts";
import { listSessions } from "../../identity/session.ts";
import { fold } from "../../identity/user.ts";
import { browserGuard } from "./guard.ts";
import { actor, keyWire, sessionWire } from "./wire.ts";

const role = () => shape.oneOf("admin", "member");
const read = () => ({ signedIn: { permission: "users:read" } }) as const;
const write = () => ({ signedIn: { permission: "users:write", fresh: true }, placed: true }) as const;

export const browserUser = (core: Core) =>
  new Elysia({ prefix: "/users" })
    .use(browserGuard(core))
    .get(
      "",
      async ({ query: { q, cursor, limit } }) => {
        const page = { after: cursor ?? null, limit: Number(limit ?? 50) };
        const { items, next } = await listUsers(core, q ?? null, page);
        return { users: items.map(managedUserWire), next };
      },
      {
        ...read(),
        query: shape.object({
          q: shape.optional(shape.text(200, 1)),
          cursor: shape.optional(shape.id()),
          limit: shape.optional(shape.count(200)),
        }),
      },
    )
    .post(
      "",
      async ({ body, caller, place, set }) => {
        const { user, setup } = await createUser(core, actor(caller, place), {
          username: fold(body.username),
          email: body.email === undefined ? null : fold(body.email),
          name: body.name ?? null,
          role: body.role,
          password: body.password ?? null,
        });
        set.status = 201;
        return { user: managedUserWire(user), ...(setup && { setup_url: setup.url }) };
      },
      {
        ...write(),
        body: shape.object({
          username: shape.username(),
          email: shape.optional(shape.email()),
          name: shape.optional(shape.text(200)),
          role: role(),
          password: shape.optional(shape.password()),
        }),
      },
    )
    .get("/:id", async ({ params }) => managedUserWire(await getUser(core, params.id)), read())
    .patch(
      "/:id",
      async ({ body, caller, params, place }) => {
        const { email, ...rest } = body;
        const patch = { ...rest, ...(email !== undefined && { email: fold(email) }) };
        return managedUserWire(await patchUser(core, actor(caller, place), params.id, patch));
      },
      {
        ...write(),
        body: shape.object({
          name: shape.optional(shape.text(200)),
          email: shape.optional(shape.email()),
          role: shape.optional(role()),
          disabled: shape.optional(shape.flag()),
        }),
      },
    )
    .delete(
      "/:id",
      async ({ caller, params, place, set }) => {
        await deleteUser(core, actor(caller, place), params.id);
        set.status = 204;
      },
      write(),
    )
    .get(
      "/:id/sessions",
      async ({ caller, params }) => {
        const { id } = await getUser(core, params.id);
        return (await listSessions(core, id)).map((session) => sessionWire(session, caller.session.id));
      },
      { signedIn: { permission: "sessions:admin" } },
    )
    .get(
      "/:id/api-keys",
      async ({ params }) => {
        const { id } = await getUser(core, params.id);
        return (await listKeys(core, id)).map(keyWire);
      },
      { signedIn: { permission: "users:read" } },
    )
    .post(
      "/:id/recovery",
      async ({ caller, params, place, set }) => {
        const { url, expiresAt } = await createRecovery(core, actor(caller, place), params.id);
        set.status = 201;
        return { url, expires_at: expiresAt.toISOString() };
      },
      write(),
    );
