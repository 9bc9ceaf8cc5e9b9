import { Elysia } from "elysia";
import { anyone } from "../../http/anyone.ts";
import * as shape from "../../http/shape.ts";
import { authenticate } from "../../identity/caller.ts";
import type { Core } from "../../identity/core.ts";
import { createDevice, decideDevice, findPending, linkStatus, pollInterval } from "../../identity/device.ts";
import { pollByToken } from "../../identity/device-poll.ts";
import { mobileGuard } from "./guard.ts";

/** Made anew for each route: Elysia writes into what it is given. */
const answering = () =>
  ({
    signedIn: { permission: "devices:approve" },
    placed: true,
    body: shape.object({ code: shape.code() }),
  }) as const;

export const mobileDevice = (core: Core) =>
  new Elysia({ prefix: "/auth/device" })
    .use(mobileGuard(core))
    .use(anyone(core, { authenticate }))
    .post(
      "/create",
      async ({ body, caller, place }) => {
        const { code, token, expiresAt, url } = await createDevice(core, {
          kind: body.clientType,
          caller,
          place,
        });
        return {
          code,
          token,
          expiresAt: expiresAt.toISOString(),
          verificationUrl: url,
          interval: pollInterval,
        };
      },
      {
        anyone: "device",
        placed: true,
        body: shape.object({ clientType: shape.oneOf("mobile", "connector") }),
      },
    )
    .post(
      "/poll",
      async ({ body, place }) => {
        const polled = await pollByToken(core, body.token, place);
        if (polled.status === "pending") return { status: "pending" };
        return polled.status === "authorized" ? polled : { status: "invalid" };
      },
      { placed: true, body: shape.object({ token: shape.hex(64) }) },
    )
    .post(
      "/info",
      async ({ body, caller, place }) => {
        const device = await findPending(core, caller, { code: body.code, place });
        return {
          clientType: device.kind,
          ipAddress: device.ip,
          userAgent: device.userAgent,
          expiresAt: device.expiresAt.toISOString(),
        };
      },
      answering(),
    )
    .post(
      "/authorize",
      async ({ body, caller, place }) => {
        await decideDevice(core, caller, { status: "authorized", code: body.code, place });
        return { message: "The device may sign in now." };
      },
      answering(),
    )
    .post(
      "/deny",
      async ({ body, caller, place }) => {
        await decideDevice(core, caller, { status: "denied", code: body.code, place });
        return { message: "The device was turned away." };
      },
      answering(),
    )
    .post(
      "/link/status",
      async ({ body, caller, place }) => ({
        status: await linkStatus(core, caller, { code: body.code, place }),
      }),
      answering(),
    );
