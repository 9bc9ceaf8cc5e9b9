import { Elysia } from "elysia";
import { credentialOf } from "../../http/credential.ts";
import { takePlace } from "../../http/limits.ts";
import * as shape from "../../http/shape.ts";
import {
  type ApiKey,
  createKey,
  defaultScopes,
  deleteKey,
  listKeys,
  liveKey,
} from "../../identity/api-key.ts";
import type { Core } from "../../identity/core.ts";
import { exchangeKey } from "../../identity/key-token.ts";
import { Refusal } from "../../identity/refusal.ts";
import { machineGuard } from "./guard.ts";

const answer = <Data>(data: Data) => ({ ok: true, data });

const unixSeconds = (at: Date): number => Math.floor(at.getTime() / 1000);

const keyWire = (key: ApiKey) => ({
  id: key.id,
  name: key.name,
  prefix: key.prefix,
  scopes: key.scopes,
  expires_at: key.expiresAt && unixSeconds(key.expiresAt),
});

export const machineKey = (core: Core) =>
  new Elysia()
    .use(machineGuard(core))
    .post(
      "/token",
      async ({ place, request, set }) => {
        const credential = await credentialOf(core, request);
        // The key itself: what was exchanged for it cannot be exchanged again, or it would never end.
        const owned = credential && (await liveKey(core, credential.token));
        if (!owned) throw new Refusal("UNAUTHENTICATED");
        takePlace(core, "token", owned.key.id, set.headers as Record<string, string>);
        const { token, expiresAt } = await exchangeKey(core, owned, place);
        return answer({ token, user_id: owned.user.id, expires_at: unixSeconds(expiresAt) });
      },
      { placed: true },
    )
    .get("/me", ({ holder: { user } }) => answer({ id: user.id, email: user.email, name: user.name }), {
      keyed: { permission: "profile:read" },
    })
    .post(
      "/api-keys",
      async ({ body, caller, place, set }) => {
        const { key, token } = await createKey(core, caller, {
          name: body.name,
          scopes: body.scopes ?? defaultScopes,
          days: body.expires_in_days ?? null,
          place,
        });
        set.status = 201;
        return answer({ ...keyWire(key), key: token });
      },
      {
        signedIn: { permission: "keys:write", fresh: true },
        placed: true,
        body: shape.object({
          name: shape.text(64, 1),
          scopes: shape.optional(shape.scopes()),
          expires_in_days: shape.optional(shape.integer(1, 3650)),
        }),
      },
    )
    .get(
      "/api-keys",
      async ({ caller }) => {
        const keys = await listKeys(core, caller.user.id);
        return answer(
          keys.map((key) => ({
            ...keyWire(key),
            created_at: key.createdAt.toISOString(),
            last_used_at: key.lastUsedAt?.toISOString() ?? null,
          })),
        );
      },
      { signedIn: { permission: "keys:write" } },
    )
    .delete(
      "/api-keys/:id",
      async ({ caller, params, place, set }) => {
        await deleteKey(core, caller, { id: params.id, place });
        set.status = 204;
      },
      { signedIn: { permission: "keys:write", fresh: true }, placed: true },
    );
