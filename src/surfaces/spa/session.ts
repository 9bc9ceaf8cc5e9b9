import { Elysia } from "elysia";
import { credentialOf } from "../../http/credential.ts";
import { refuseForgery } from "../../http/origin.ts";
import * as shape from "../../http/shape.ts";
import { userWire } from "../../http/user.ts";
import type { Core } from "../../identity/core.ts";
import { endByRefresh } from "../../identity/refresh.ts";
import { Refusal } from "../../identity/refusal.ts";
import { endByToken, endOtherSessions, endOwnSession } from "../../identity/revoke.ts";
import { listSessions } from "../../identity/session.ts";
import { tenantOf } from "../../identity/tenant.ts";
import { spaGuard } from "./guard.ts";
import { sessionWire } from "./wire.ts";

export const spaSession = (core: Core) =>
  new Elysia()
    .use(spaGuard(core))
    .post(
      "/logout",
      async ({ body, request, place, set }) => {
        const credential = await credentialOf(core, request);
        // Before anything is ended: a request that is refused has done nothing.
        if (credential?.from === "cookie") await refuseForgery(core, request);
        if (credential) await endByToken(core, credential.token, place);
        else if (body.refresh_token === undefined) throw new Refusal("UNAUTHENTICATED");
        if (body.refresh_token !== undefined) await endByRefresh(core, body.refresh_token, place);
        set.status = 204;
      },
      { placed: true, body: shape.object({ refresh_token: shape.optional(shape.text(4096, 1)) }) },
    )
    .get(
      "/me",
      async ({ holder: { user } }) => {
        const tenant = await tenantOf(core, user.id);
        return { ...userWire(user), tenant: tenant && { id: tenant.id, name: tenant.name } };
      },
      { keyed: { permission: "profile:read" } },
    )
    .get(
      "/sessions",
      async ({ caller }) => {
        const sessions = await listSessions(core, caller.user.id);
        return { sessions: sessions.map((session) => sessionWire(session, caller.session.id)) };
      },
      { signedIn: { permission: "sessions:read" } },
    )
    .delete(
      "/sessions/:session_id",
      async ({ caller, params, place, set }) => {
        await endOwnSession(core, caller, { id: params.session_id, place });
        set.status = 204;
      },
      { signedIn: { permission: "sessions:write" }, placed: true },
    )
    .delete(
      "/sessions",
      async ({ caller, place }) => ({ revoked: await endOtherSessions(core, caller, place) }),
      { signedIn: { permission: "sessions:write" }, placed: true },
    );
