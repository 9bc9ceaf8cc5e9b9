import { Elysia } from "elysia";
import type { Core } from "../../identity/core.ts";
import { endOwnSession } from "../../identity/revoke.ts";
import { listSessions } from "../../identity/session.ts";
import { mobileGuard } from "./guard.ts";
import { sessionWire } from "./wire.ts";

/** The same two under both names that clients know them by. */
export const mobileSession = (core: Core) =>
  new Elysia().use(sessions(core, "/session")).use(sessions(core, "/sessions"));

const sessions = (core: Core, prefix: "/session" | "/sessions") =>
  new Elysia({ prefix })
    .use(mobileGuard(core))
    .get(
      "/list",
      async ({ caller }) => {
        const all = await listSessions(core, caller.user.id);
        return all.filter(({ id }) => id !== caller.session.id).map(sessionWire);
      },
      { signedIn: { permission: "sessions:read" } },
    )
    .delete(
      "/:id",
      async ({ caller, params, place }) => {
        await endOwnSession(core, caller, { id: params.id, place });
        return { message: "The session is over." };
      },
      { signedIn: { permission: "sessions:write" }, placed: true },
    );
