import { Elysia } from "elysia";
import pkg from "../../../package.json" with { type: "json" };
import { sessionCookieName } from "../../http/cookie.ts";
import type { Route, Surface } from "../../http/openapi.ts";
import type { Core } from "../../identity/core.ts";
import { policy } from "../../identity/policy.ts";

interface Sources {
  /** Every route of the appliance. */
  routes(): readonly Route[];

  /** What the surfaces say about themselves. Called once, when somebody asks. */
  surfaces(): Promise<Surface[]>;
}

/** The description of the whole appliance, for programs. The page for people is one of `web/`. */
export const docs = (core: Core, { routes, surfaces }: Sources) => {
  // The cookie's name changes with the address of the house, nothing else does.
  const written = new Map<string, string>();

  return new Elysia({ name: "docs" }).get("/docs/json", async ({ set }) => {
    const cookie = sessionCookieName(await policy(core), core.fixed.cookieDomain);
    let text = written.get(cookie);
    if (text === undefined) {
      const { describe } = await import("../../http/openapi.ts");
      text = JSON.stringify(describe(routes(), await surfaces(), { version: pkg.version, cookie }));
      written.set(cookie, text);
    }
    set.headers["content-type"] = "application/json";
    return text;
  });
};
