import { Elysia } from "elysia";
import { requireBody } from "../../http/body.ts";
import { clearedSessionCookie } from "../../http/cookie.ts";
import { credentialOf } from "../../http/credential.ts";
import { permissionsFor } from "../../http/guard.ts";
import type { Quick } from "../../http/lane.ts";
import * as shape from "../../http/shape.ts";
import type { KeyCaller } from "../../identity/api-key.ts";
import { authenticateAny } from "../../identity/caller.ts";
import { confirmSession } from "../../identity/confirm.ts";
import type { Core } from "../../identity/core.ts";
import { andThen, type Found } from "../../identity/found.ts";
import { sessionOf } from "../../identity/key-token.ts";
import type { Permission } from "../../identity/permission.ts";
import { policy } from "../../identity/policy.ts";
import { endOwnSessions, endSession, revokeAll, sessionStats } from "../../identity/revoke.ts";
import { type Caller, listSessions } from "../../identity/session.ts";
import { browserGuard } from "./guard.ts";
import { callerText, currentText, jsonType, sessionWire } from "./wire.ts";

const checking: Permission = "profile:read";

const current = (core: Core, holder: Caller | KeyCaller): Found<string> =>
  "key" in holder
    ? andThen(sessionOf(core, holder), (session) => currentText(session, holder.user))
    : callerText(holder);

/** The session check, where the answer is yes. */
export const checkQuickly = (core: Core): Quick => {
  const headers = { "content-type": jsonType };
  const yes = (holder: Caller | KeyCaller) =>
    permissionsFor(holder).includes(checking)
      ? andThen(current(core, holder), (body) => ({ headers, body }))
      : null;
  return (request) =>
    andThen(
      credentialOf(core, request),
      (credential) => credential && andThen(authenticateAny(core, credential.token), yes),
    );
};

export const browserSession = (core: Core) => {
  const cleared = async () => clearedSessionCookie(await policy(core), core.fixed.cookieDomain);

  return new Elysia({ prefix: "/sessions" })
    .use(browserGuard(core))
    .get(
      "",
      async ({ caller }) => {
        const sessions = await listSessions(core, caller.user.id);
        return sessions.map((session) => sessionWire(session, caller.session.id));
      },
      { signedIn: { permission: "sessions:read" } },
    )
    .delete(
      "",
      async ({ caller, place, set }) => {
        await endOwnSessions(core, caller, place);
        set.headers["set-cookie"] = await cleared();
        set.status = 204;
      },
      { signedIn: { permission: "sessions:write" }, placed: true },
    )
    .get(
      "/current",
      async ({ holder, set }) => {
        set.headers["content-type"] = jsonType;
        return current(core, holder);
      },
      { keyed: { permission: checking } },
    )
    .delete(
      "/current",
      async ({ caller, place, set }) => {
        await endSession(core, caller, { id: caller.session.id, place });
        set.headers["set-cookie"] = await cleared();
        set.status = 204;
      },
      { signedIn: true, placed: true },
    )
    .get(
      "/current/permissions",
      ({ holder }) => ({ role: holder.user.role, permissions: permissionsFor(holder) }),
      { keyed: true },
    )
    .post(
      "/current/confirm",
      async ({ body, caller, place, set }) => {
        await confirmSession(core, caller, {
          passkeyToken: body.passkey_token,
          password: body.password,
          code: body.code,
          place,
        });
        set.status = 204;
      },
      {
        signedIn: true,
        placed: true,
        body: shape.object({
          password: shape.optional(shape.password()),
          code: shape.optional(shape.code()),
          passkey_token: shape.optional(shape.token()),
        }),
      },
    )
    .get(
      "/stats",
      async () => {
        const stats = await sessionStats(core);
        return {
          active: stats.active,
          users: stats.users,
          by_kind: stats.byKind,
          last_24h: stats.last24h,
          oldest_created_at: stats.oldestCreatedAt?.toISOString() ?? null,
        };
      },
      { signedIn: { permission: "sessions:admin" } },
    )
    .post(
      "/revoke-all",
      async ({ body, caller, place, set }) => {
        await revokeAll(core, caller, {
          userId: body.user_id ?? null,
          keepCurrent: body.keep_current ?? true,
          reason: body.reason ?? null,
          place,
        });
        set.status = 204;
      },
      {
        signedIn: { permission: "sessions:admin", fresh: true },
        placed: true,
        beforeHandle: requireBody,
        body: shape.object({
          user_id: shape.optional(shape.id()),
          keep_current: shape.optional(shape.flag()),
          reason: shape.optional(shape.text(200)),
        }),
      },
    )
    .delete(
      "/:id",
      async ({ caller, params, place, set }) => {
        await endSession(core, caller, { id: params.id, place });
        set.status = 204;
      },
      { signedIn: { permission: "sessions:write" }, placed: true },
    );
};
