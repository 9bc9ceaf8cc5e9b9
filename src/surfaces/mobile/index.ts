/** The mobile surface: phones, connectors, boxes without a screen. */
import { Elysia } from "elysia";
import type { Core } from "../../identity/core.ts";
import { mobileDevice } from "./device.ts";
import { mobileLogin } from "./login.ts";
import { mobilePasskey } from "./passkey.ts";
import { mobileSession } from "./session.ts";

export const mobile = (core: Core) =>
  new Elysia({ name: "mobile", prefix: "/api" })
    .use(mobileLogin(core))
    .use(mobileDevice(core))
    .use(mobilePasskey(core))
    .use(mobileSession(core));
