import { Elysia } from "elysia";
import * as shape from "../../http/shape.ts";
import type { Core } from "../../identity/core.ts";
import { answerChallenge } from "../../identity/signin.ts";
import {
  disableTwoFactor,
  enableTwoFactor,
  regenerateBackupCodes,
  setUpTwoFactor,
  twoFactorStatus,
} from "../../identity/two-factor.ts";
import { spaGuard } from "./guard.ts";
import { tokens } from "./wire.ts";

/** Made anew for every route: Elysia writes what a macro expands to into the object it is given. */
const change = () => ({ signedIn: { permission: "factors:write", fresh: true }, placed: true }) as const;

export const spaTwoFactor = (core: Core) =>
  new Elysia({ prefix: "/2fa" })
    .use(spaGuard(core))
    .get(
      "/status",
      async ({ caller }) => {
        const { enabledAt, backupCodesLeft } = await twoFactorStatus(core, caller);
        return {
          enabled: enabledAt !== null,
          enabled_at: enabledAt?.toISOString() ?? null,
          backup_codes_left: backupCodesLeft,
        };
      },
      { signedIn: true },
    )
    .post(
      "/setup",
      async ({ caller }) => {
        const { secret, uri, qrSvg } = await setUpTwoFactor(core, caller);
        return { secret, provisioning_uri: uri, qr_svg: qrSvg };
      },
      change(),
    )
    .post(
      "/enable",
      async ({ body: { code }, caller, place }) => ({
        enabled: true,
        backup_codes: await enableTwoFactor(core, caller, { code, place }),
      }),
      { ...change(), body: shape.object({ code: shape.code() }) },
    )
    .post(
      "/disable",
      async ({ body: { code }, caller, place, set }) => {
        await disableTwoFactor(core, caller, { code, place });
        set.status = 204;
      },
      { ...change(), body: shape.object({ code: shape.code() }) },
    )
    .post(
      "/verify",
      async ({ body: { challenge_token: token, code }, place }) =>
        tokens(core, await answerChallenge(core, { token, purpose: "second", code, kind: "spa", place })),
      { placed: true, body: shape.object({ challenge_token: shape.token(), code: shape.code() }) },
    )
    .post(
      "/backup-codes/regenerate",
      async ({ caller, place }) => ({ backup_codes: await regenerateBackupCodes(core, caller, place) }),
      change(),
    );
