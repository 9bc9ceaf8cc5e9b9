/** The browser surface: people and admins, in a browser. */
import { Elysia } from "elysia";
import type { Quick } from "../../http/lane.ts";
import type { Core } from "../../identity/core.ts";
import { browserAudit } from "./audit.ts";
import { browserBootstrap } from "./bootstrap.ts";
import { browserDoctor } from "./doctor.ts";
import { browserForward, forwardQuickly } from "./forward.ts";
import { browserIdentity } from "./identity.ts";
import { browserInvite } from "./invite.ts";
import { browserLogin } from "./login.ts";
import { browserMail } from "./mail.ts";
import { browserMe } from "./me.ts";
import { browserOptions } from "./options.ts";
import { browserPasskey } from "./passkey.ts";
import { browserProvider } from "./provider.ts";
import { browserProviderLogin } from "./provider-login.ts";
import { browserRecovery } from "./recovery.ts";
import { browserSession, checkQuickly } from "./session.ts";
import { browserSettings } from "./settings.ts";
import { browserUser } from "./user.ts";

/** What is asked on every click. */
export const browserQuickly = (core: Core): ReadonlyMap<string, Quick> =>
  new Map([
    ["/auth/sessions/current", checkQuickly(core)],
    ["/auth/forward", forwardQuickly(core)],
  ]);

export const browser = (core: Core) =>
  new Elysia({ name: "browser", prefix: "/auth" })
    .use(browserOptions(core))
    .use(browserBootstrap(core))
    .use(browserLogin(core))
    .use(browserSession(core))
    .use(browserSettings(core))
    .use(browserMail(core))
    .use(browserMe(core))
    .use(browserPasskey(core))
    .use(browserUser(core))
    .use(browserRecovery(core))
    .use(browserInvite(core))
    .use(browserAudit(core))
    .use(browserDoctor(core))
    .use(browserProvider(core))
    .use(browserProviderLogin(core))
    .use(browserIdentity(core))
    .use(browserForward(core));
