import { Elysia } from "elysia";
import { sessionCookie } from "../../http/cookie.ts";
import * as shape from "../../http/shape.ts";
import { type BypassRule, isBypassRule } from "../../identity/bypass.ts";
import type { Core } from "../../identity/core.ts";
import { listGuardedHosts } from "../../identity/guarded-host.ts";
import { type Lifetimes, type Policy, policy } from "../../identity/policy.ts";
import { Refusal } from "../../identity/refusal.ts";
import { fixedNames, patchSettings, type Settings } from "../../identity/settings.ts";
import { browserGuard } from "./guard.ts";

const seconds = () => shape.optional(shape.integer(60, 10 * 365 * 86_400));

const patch = shape.object({
  url: shape.optional(shape.origin()),
  registration: shape.optional(shape.oneOf("closed", "invite", "open")),
  local_login: shape.optional(shape.flag()),
  mail_login: shape.optional(shape.flag()),
  audit_days: shape.optional(shape.integer(1, 3650)),
  forward_bypass: shape.optional(shape.bypassRules()),
  lifetimes: shape.optional(
    shape.object({
      access: seconds(),
      refresh: seconds(),
      session: seconds(),
      idle: seconds(),
      fresh: seconds(),
    }),
  ),
});

export const browserSettings = (core: Core) =>
  new Elysia({ prefix: "/settings" })
    .use(browserGuard(core))
    .get("", async () => settingsWire(core, await policy(core)), {
      signedIn: { permission: "settings:read" },
    })
    .patch(
      "",
      async ({ body, caller, credential, place, set }) => {
        const by = { userId: caller.user.id, place };
        const rules = await patchSettings(core, settingsOf(body), by);
        // A new address can mean a cookie of another name: whoever just saved it stays signed in.
        if (credential.from === "cookie")
          set.headers["set-cookie"] = sessionCookie({
            policy: rules,
            domain: core.fixed.cookieDomain,
            token: credential.token,
          });
        return settingsWire(core, rules);
      },
      { signedIn: { permission: "settings:write", fresh: true }, placed: true, body: patch },
    );

function settingsOf(body: typeof patch.static): Settings {
  if (body.url !== undefined && !URL.canParse(body.url))
    throw new Refusal("INVALID_REQUEST", { details: [{ path: "url", message: "This is no address." }] });
  return {
    ...(body.url !== undefined && { url: new URL(body.url).origin }),
    ...(body.registration !== undefined && { registration: body.registration }),
    ...(body.local_login !== undefined && { localLogin: body.local_login }),
    ...(body.mail_login !== undefined && { mailLogin: body.mail_login }),
    ...(body.audit_days !== undefined && { auditDays: body.audit_days }),
    ...(body.forward_bypass !== undefined && { forwardBypass: rulesOf(body.forward_bypass) }),
    ...(body.lifetimes !== undefined && { lifetimes: present(body.lifetimes) }),
  };
}

/** Refuses: `INVALID_REQUEST` a path that is none for every reader. */
function rulesOf(asked: NonNullable<(typeof patch.static)["forward_bypass"]>): BypassRule[] {
  const rules = asked.map(({ host, path_prefix }) => ({ host, pathPrefix: path_prefix }));
  const wrong = rules.findIndex((rule) => !isBypassRule(rule));
  if (wrong === -1) return rules;
  throw new Refusal("INVALID_REQUEST", {
    details: [
      {
        path: `forward_bypass.${wrong}.path_prefix`,
        message: "Must be a decoded path like /public: no %, //, ;, ?, #, comma, backslash or dot segment.",
      },
    ],
  });
}

const present = (lifetimes: NonNullable<(typeof patch.static)["lifetimes"]>): Partial<Lifetimes> =>
  Object.fromEntries(Object.entries(lifetimes).filter(([, value]) => value !== undefined));

const wireNames: Readonly<Record<string, string>> = {
  localLogin: "local_login",
  mailLogin: "mail_login",
  auditDays: "audit_days",
  forwardBypass: "forward_bypass",
};

/** The values in force; `fixed` names those that the environment decides. */
const settingsWire = async (core: Core, rules: Policy) => ({
  url: rules.url,
  url_is_set: rules.urlIsSet,
  registration: rules.registration,
  local_login: rules.localLogin,
  mail_login: rules.mailLogin,
  audit_days: rules.auditDays,
  lifetimes: rules.lifetimes,
  cookie_domain: core.fixed.cookieDomain,
  forward_bypass: rules.forwardBypass.map(({ host, pathPrefix }) => ({ host, path_prefix: pathPrefix })),
  forward_hosts: (await listGuardedHosts(core)).map(({ host, firstAt, lastAt }) => ({
    host,
    first_seen: firstAt.toISOString(),
    last_seen: lastAt.toISOString(),
  })),
  fixed: fixedNames(core).map((name) => wireNames[name] ?? name),
});
