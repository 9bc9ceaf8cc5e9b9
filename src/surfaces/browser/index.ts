/** The browser surface: people and admins, in a browser. */
import { Elysia } from "elysia";
import type { Core } from "../../identity/core.ts";
import { browserBootstrap } from "./bootstrap.ts";
import { browserLogin } from "./login.ts";
import { browserOptions } from "./options.ts";
import { browserSession } from "./session.ts";
import { browserSettings } from "./settings.ts";

export const browser = (core: Core) =>
  new Elysia({ name: "browser", prefix: "/auth" })
    .use(browserOptions(core))
    .use(browserBootstrap(core))
    .use(browserLogin(core))
    .use(browserSession(core))
    .use(browserSettings(core));
