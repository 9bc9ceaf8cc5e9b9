import { Elysia } from "elysia";
import { isBootstrapped } from "../../identity/bootstrap.ts";
import type { Core } from "../../identity/core.ts";
import { policy } from "../../identity/policy.ts";

/** What a sign-in page has to know before anybody signed in. */
export const browserOptions = (core: Core) =>
  new Elysia().get("/options", async () => {
    const rules = await policy(core);
    return {
      bootstrapped: await isBootstrapped(core),
      registration: rules.registration,
      local_login: rules.localLogin,
      mail_login: rules.mailLogin,
      password_min: core.fixed.passwordMin,
      mail: core.fixed.mail,
      oidc: null,
      google_client_id: core.fixed.googleClientId,
      former_rp_id: rules.formerHost?.host ?? null,
    };
  });
