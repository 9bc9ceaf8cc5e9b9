import { Elysia } from "elysia";
import { isNull } from "../../http/body.ts";
import * as shape from "../../http/shape.ts";
import type { Core } from "../../identity/core.ts";
import {
  currentProvider,
  type ProviderPatch,
  putProvider,
  redirectUri,
  testProvider,
} from "../../identity/provider.ts";
import { Refusal } from "../../identity/refusal.ts";
import { browserGuard } from "./guard.ts";
import { actor } from "./wire.ts";

const write = () => ({ signedIn: { permission: "provider:write", fresh: true }, placed: true }) as const;

const settings = shape.object({
  issuer: shape.text(500, 1),
  client_id: shape.text(500, 1),
  client_secret: shape.optional(shape.nullable(shape.text(1000, 1))),
  name: shape.optional(shape.text(64, 1)),
  scopes: shape.optional(shape.openIdScopes()),
  enabled: shape.optional(shape.flag()),
  auto_provision: shape.optional(shape.flag()),
  link_by_email: shape.optional(shape.flag()),
});

export const browserProvider = (core: Core) =>
  new Elysia({ prefix: "/provider/oidc" })
    .use(browserGuard(core))
    .get(
      "",
      async () => {
        const provider = await currentProvider(core);
        return {
          configured: provider !== null,
          enabled: provider?.enabled ?? false,
          name: provider?.name ?? null,
          issuer: provider?.issuer ?? null,
          client_id: provider?.clientId ?? null,
          has_client_secret: (provider?.sealedSecret ?? null) !== null,
          scopes: provider?.scopes ?? ["openid", "email", "profile"],
          auto_provision: provider?.autoProvision ?? false,
          link_by_email: provider?.linkByEmail ?? false,
          redirect_uri: await redirectUri(core),
        };
      },
      { signedIn: { permission: "settings:read" } },
    )
    .put(
      "",
      async ({ body, caller, place, request, set }) => {
        await putProvider(core, actor(caller, place), patchOf(body, isNull(request, "client_secret")));
        set.status = 204;
      },
      { ...write(), body: settings },
    )
    .post(
      "/test",
      async () => {
        const steps = await testProvider(core);
        return { ok: steps.every(({ ok }) => ok), steps };
      },
      write(),
    );

function patchOf(body: typeof settings.static, isPublic: boolean): ProviderPatch {
  const wrong = (path: string, message: string) =>
    new Refusal("INVALID_REQUEST", { details: [{ path, message }] });
  if (!URL.canParse(body.issuer)) throw wrong("issuer", "This is no address.");
  if (body.scopes && !body.scopes.includes("openid")) throw wrong("scopes", "One of them must be openid.");
  return {
    issuer: body.issuer,
    clientId: body.client_id,
    ...(body.client_secret !== undefined && { clientSecret: body.client_secret }),
    ...(isPublic && { clientSecret: null }),
    ...(body.name !== undefined && { name: body.name }),
    ...(body.scopes !== undefined && { scopes: body.scopes }),
    ...(body.enabled !== undefined && { enabled: body.enabled }),
    ...(body.auto_provision !== undefined && { autoProvision: body.auto_provision }),
    ...(body.link_by_email !== undefined && { linkByEmail: body.link_by_email }),
  };
}
