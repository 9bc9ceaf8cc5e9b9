import { Elysia } from "elysia";
import { canonicalAddress } from "../../http/place.ts";
import { isBootstrapped } from "../../identity/bootstrap.ts";
import type { Core } from "../../identity/core.ts";
import { policy } from "../../identity/policy.ts";
import { currentProvider } from "../../identity/provider.ts";
import { browserGuard } from "./guard.ts";

/** What a sign-in page has to know before anybody signed in. */
export const browserOptions = (core: Core) =>
  new Elysia().use(browserGuard(core)).get(
    "/options",
    async ({ place, request, server }) => {
      const rules = await policy(core);
      const provider = await currentProvider(core);
      const peer = canonicalAddress(server?.requestIP(request)?.address ?? "127.0.0.1");
      return {
        bootstrapped: await isBootstrapped(core),
        registration: rules.registration,
        local_login: rules.localLogin,
        mail_login: rules.mailLogin,
        password_min: core.fixed.passwordMin,
        mail: core.fixed.mail,
        oidc: provider?.enabled ? { name: provider.name } : null,
        google_client_id: core.fixed.googleClientId,
        former_rp_id: rules.formerHost?.host ?? null,
        cookie_domain: core.fixed.cookieDomain,
        url: rules.url,
        url_is_set: rules.urlIsSet,
        seen: seen(request, place.address !== peer),
      };
    },
    { placed: true },
  );

/** How the question arrived: a page that knows where its browser is can tell what stands between. */
function seen(request: Request, believed: boolean) {
  const { protocol: own, host } = new URL(request.url);
  const said = request.headers.get("x-forwarded-proto") ?? "";
  const protocol = believed && /^https?$/.test(said) ? `${said}:` : own;
  const passedOn = request.headers.has("x-forwarded-for") || request.headers.has("forwarded");
  return {
    origin: `${protocol}//${request.headers.get("host") ?? host}`,
    proxy: believed ? "trusted" : passedOn ? "untrusted" : "none",
  };
}
