import { Elysia } from "elysia";
import * as shape from "../../http/shape.ts";
import type { Core } from "../../identity/core.ts";
import { createDevice, pollByCode, pollInterval } from "../../identity/device.ts";
import { machineGuard } from "./guard.ts";

export const machineDevice = (core: Core) =>
  new Elysia({ prefix: "/device-code" })
    .use(machineGuard(core))
    .post(
      "",
      async ({ place }) => {
        const { code, expiresAt, url } = await createDevice(core, { kind: "cli", caller: null, place });
        return {
          code,
          verification_url: url,
          expires_at: Math.floor(expiresAt.getTime() / 1000),
          interval: pollInterval,
        };
      },
      { placed: true, body: shape.object({ intent: shape.optional(shape.oneOf("login")) }) },
    )
    // Without this one Elysia would ask the one below, and asking for the headers would use the token up.
    .head("/:code", () => "")
    .get("/:code", ({ params, place }) => pollByCode(core, params.code, place), { placed: true });
