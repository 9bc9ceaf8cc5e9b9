import { Elysia } from "elysia";
import * as shape from "../../http/shape.ts";
import type { Core } from "../../identity/core.ts";
import { createDevice, pollInterval } from "../../identity/device.ts";
import { pollByCode } from "../../identity/device-poll.ts";
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
    // Asking for the headers must not use the token up, and Elysia may give a HEAD to the route of GET.
    .head("/:code", () => "")
    .get(
      "/:code",
      async ({ params, place, request }) =>
        request.method === "HEAD" ? "" : pollByCode(core, params.code, place),
      { placed: true },
    );
