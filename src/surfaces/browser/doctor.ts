import { Elysia } from "elysia";
import * as shape from "../../http/shape.ts";
import type { Core } from "../../identity/core.ts";
import type { Step } from "../../identity/doctor.ts";
import { testMail } from "../../identity/mail.ts";
import { fold } from "../../identity/user.ts";
import { browserGuard } from "./guard.ts";

/** Seconds: a mail server may take its time, and the runtime hangs up on a request that is quiet for ten. */
const patience = 90;

export const browserDoctor = (core: Core) =>
  new Elysia()
    .use(browserGuard(core))
    .get(
      "/doctor",
      async ({ query: { now }, request, server }) => {
        server?.timeout(request, patience);
        return report(await core.doctor.examine(now === undefined ? {} : { clientNow: new Date(now) }));
      },
      {
        signedIn: { permission: "settings:read" },
        query: shape.object({ now: shape.optional(shape.moment()) }),
      },
    )
    .post(
      "/mail/test",
      async ({ body, request, server }) => {
        server?.timeout(request, patience);
        const { steps, transcript } = await testMail(core, fold(body.to));
        return { ...report(steps), transcript };
      },
      {
        signedIn: { permission: "settings:write", fresh: true },
        body: shape.object({ to: shape.email() }),
      },
    );

const report = (steps: readonly Step[]) => ({ ok: steps.every(({ ok }) => ok), steps });
