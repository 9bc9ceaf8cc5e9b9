import { Elysia } from "elysia";
import type { Core } from "../../identity/core.ts";
import { type Identity, listIdentities, nameOf, unlinkIdentity } from "../../identity/identity.ts";
import { browserGuard } from "./guard.ts";

export const browserIdentity = (core: Core) =>
  new Elysia({ prefix: "/identities" })
    .use(browserGuard(core))
    .get("", async ({ caller }) => (await listIdentities(core, caller)).map(identityWire), {
      signedIn: { permission: "profile:read" },
    })
    .delete(
      "/:id",
      async ({ caller, params, place, set }) => {
        await unlinkIdentity(core, caller, { id: params.id, place });
        set.status = 204;
      },
      { signedIn: { permission: "factors:write", fresh: true }, placed: true },
    );

const identityWire = ({ id, issuer, subject, email, createdAt, lastUsedAt }: Identity) => ({
  id,
  issuer,
  name: nameOf(issuer),
  subject,
  email,
  created_at: createdAt.toISOString(),
  last_used_at: lastUsedAt?.toISOString() ?? null,
});
