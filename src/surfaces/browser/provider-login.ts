import type { Context } from "elysia";
import { Elysia } from "elysia";
import { passingCookie, passingCookieLine } from "../../http/cookie.ts";
import { refuseForgery } from "../../http/origin.ts";
import { landing, requireLanding, requireOwnPath } from "../../http/return-to.ts";
import * as shape from "../../http/shape.ts";
import type { Core } from "../../identity/core.ts";
import { policy } from "../../identity/policy.ts";
import { challengeSeconds } from "../../identity/proof.ts";
import { type Arrived, beginFlow, finishFlow, flowSeconds } from "../../identity/provider-login.ts";
import { Refusal, type RefusalCode } from "../../identity/refusal.ts";
import type { Caller } from "../../identity/session.ts";
import { answerChallenge } from "../../identity/signin.ts";
import { browserGuard } from "./guard.ts";
import { signedIn, signInCookies } from "./wire.ts";

/** What the sign-in page finds words for. Anything else is no matter between the person and the provider. */
const shown: ReadonlySet<RefusalCode> = new Set([
  "ACCOUNT_DISABLED",
  "INVALID_CHALLENGE",
  "REGISTRATION_CLOSED",
  "UPSTREAM_DENIED",
  "UPSTREAM_UNAVAILABLE",
]);

export const browserProviderLogin = (core: Core) => {
  /** Answers where to go; the browser is given what it has to bring back. */
  async function begin(
    { request, set }: Pick<Context, "request" | "set">,
    returnTo: string,
    caller: Caller | null,
  ) {
    const rules = await policy(core);
    const browser = passingCookie(rules, request, "flow");
    const begun = await beginFlow(core, { returnTo, browser, caller });
    set.headers["set-cookie"] = passingCookieLine(rules, "flow", {
      value: begun.browser,
      seconds: flowSeconds,
    });
    return begun.url;
  }

  return new Elysia({ prefix: "/oidc" })
    .use(browserGuard(core))
    .get(
      "/login",
      async ({ query, request, set }) => {
        const { url } = await policy(core);
        const returnTo = requireLanding(query.return_to, { url, cookieDomain: core.fixed.cookieDomain });
        redirect(set, await orErrorPage(() => begin({ request, set }, returnTo, null)));
      },
      { query: shape.object({ return_to: shape.optional(shape.text(2048)) }) },
    )
    .get(
      "/callback",
      async ({ request, place, set }) => {
        // Whoever only wants to know what the answer would be must not use the sign-in up.
        if (request.method !== "GET") throw new Refusal("NOT_FOUND");
        const rules = await policy(core);
        const asked = {
          query: new URL(request.url).searchParams,
          browser: passingCookie(rules, request, "flow"),
          place,
        };
        redirect(set, await orErrorPage(async () => settle(set, await finishFlow(core, asked))));
      },
      {
        placed: true,
        query: shape.object({
          code: shape.optional(shape.text(4096)),
          state: shape.optional(shape.text(8192)),
          iss: shape.optional(shape.text(1024)),
          error: shape.optional(shape.text(1024)),
        }),
      },
    )
    .post(
      "/two-factor",
      async ({ body: { code }, request, place, set }) => {
        const rules = await policy(core);
        const token = passingCookie(rules, request, "challenge");
        if (token === null) throw new Refusal("INVALID_CHALLENGE");
        await refuseForgery(core, request);
        const opened = await answerChallenge(core, { token, purpose: "upstream", code, kind: "web", place });
        const answer = await signedIn(core, set, opened);
        set.headers["set-cookie"] = [...cookiesOf(set), cleared(rules)];
        return answer;
      },
      { placed: true, body: shape.object({ code: shape.code() }) },
    )
    .post(
      "/link",
      async ({ body, caller, request, set }) => ({
        url: await begin({ request, set }, requireOwnPath(body.return_to), caller),
      }),
      {
        signedIn: { permission: "factors:write", fresh: true },
        body: shape.object({ return_to: shape.optional(shape.text(2048)) }),
      },
    );

  /** Gives the browser what it arrived with; answers where it goes now. */
  async function settle(set: Context["set"], { returnTo, ended }: Arrived): Promise<string> {
    // What was sealed is looked at again: it came a long way.
    const rules = await policy(core);
    const path = landing(returnTo, { url: rules.url, cookieDomain: core.fixed.cookieDomain }) ?? "/";
    if (ended === null) return path;
    if ("challenge" in ended) {
      const held = { value: ended.challenge, seconds: challengeSeconds };
      set.headers["set-cookie"] = passingCookieLine(rules, "challenge", held);
      return path === "/" ? "/login?step=code" : `/login?step=code&return_to=${encodeURIComponent(path)}`;
    }
    set.headers["set-cookie"] = await signInCookies(core, ended);
    return path;
  }
};

/** A person in a browser is shown a page, not JSON. */
async function orErrorPage(work: () => Promise<string>): Promise<string> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal && shown.has(error.code)) return `/login?error=${error.code}`;
    throw error;
  }
}

function redirect(set: Context["set"], location: string): void {
  set.status = 302;
  set.headers.location = location;
}

const cookiesOf = ({ headers }: Context["set"]): string[] => [headers["set-cookie"] ?? []].flat();

const cleared = (rules: Awaited<ReturnType<typeof policy>>): string =>
  passingCookieLine(rules, "challenge", { value: "", seconds: 0 });
