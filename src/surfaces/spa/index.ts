/** The SPA surface: single-page apps and dashboards, with access and refresh tokens. */
import { Elysia } from "elysia";
import type { Core } from "../../identity/core.ts";
import { spaLogin } from "./login.ts";
import { spaPasskey } from "./passkey.ts";
import { spaRegister } from "./register.ts";
import { spaSession } from "./session.ts";
import { spaTwoFactor } from "./two-factor.ts";

export const spa = (core: Core) =>
  new Elysia({ name: "spa", prefix: "/api/v1/auth" })
    .use(spaRegister(core))
    .use(spaLogin(core))
    .use(spaSession(core))
    .use(spaTwoFactor(core))
    .use(spaPasskey(core));
