/** The mobile surface: phones, connectors and boxes without a screen. */
import { Elysia } from "elysia";
import type { Core } from "../../identity/core.ts";
import { mobilePasskey } from "./passkey.ts";

export const mobile = (core: Core) =>
  new Elysia({ name: "mobile", prefix: "/api/auth" }).use(mobilePasskey(core));
