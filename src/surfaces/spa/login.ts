import { Elysia } from "elysia";
import * as shape from "../../http/shape.ts";
import type { Core } from "../../identity/core.ts";
import { loginWithGoogle } from "../../identity/google.ts";
import { loginWithPassword } from "../../identity/login.ts";
import { codeSeconds } from "../../identity/mail-code.ts";
import { loginWithCode, sendLoginCode } from "../../identity/mail-login.ts";
import { refreshSession } from "../../identity/refresh.ts";
import { resetPassword, sendResetCode } from "../../identity/reset.ts";
import { spaGuard } from "./guard.ts";
import { tokens, tokensOrChallenge } from "./wire.ts";

export const spaLogin = (core: Core) =>
  new Elysia()
    .use(spaGuard(core))
    .post(
      "/login",
      async ({ body, place }) => {
        const { email: username, password } = body;
        const asked = { username, password, code: undefined, kind: "spa", place } as const;
        return tokensOrChallenge(core, await loginWithPassword(core, asked));
      },
      { placed: true, body: shape.object({ email: shape.loginName(), password: shape.password() }) },
    )
    .post(
      "/google",
      async ({ body, place }) =>
        tokensOrChallenge(core, await loginWithGoogle(core, { idToken: body.id_token, place })),
      { placed: true, body: shape.object({ id_token: shape.text(4096, 1) }) },
    )
    .post(
      "/refresh",
      async ({ body, place }) => tokens(core, await refreshSession(core, body.refresh_token, place)),
      { placed: true, body: shape.object({ refresh_token: shape.text(4096, 1) }) },
    )
    .post(
      "/otp/send",
      async ({ body: { email, purpose }, place, set }) => {
        const asked = { typed: email, place };
        await (purpose === "login" ? sendLoginCode(core, asked) : sendResetCode(core, asked));
        set.status = 202;
        return { status: "sent", expires_in: codeSeconds };
      },
      {
        placed: true,
        body: shape.object({ email: shape.loginName(), purpose: shape.oneOf("login", "reset") }),
      },
    )
    .post(
      "/otp/login",
      async ({ body: { email, code: mailed }, place }) => {
        const asked = { typed: email, mailed, code: undefined, kind: "spa", place } as const;
        return tokensOrChallenge(core, await loginWithCode(core, asked));
      },
      { placed: true, body: shape.object({ email: shape.loginName(), code: shape.code() }) },
    )
    .post(
      "/reset-password",
      async ({ body: { email, code, new_password: password }, place, set }) => {
        await resetPassword(core, { typed: email, code, password, place });
        set.status = 204;
      },
      {
        placed: true,
        body: shape.object({ email: shape.loginName(), code: shape.code(), new_password: shape.password() }),
      },
    );
