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
  // The cookie's name changes with the address of the house, nothing else does. Written once, however many ask
  // meanwhile; as a blob, because clients that read slowly share one of those and have a copy each of anything else.
  const written = new Map<string, Promise<Blob>>();

  async function write(cookie: string): Promise<Blob> {
    const { describe } = await import("../../http/openapi.ts");
    const described = describe(routes(), await surfaces(), { version: pkg.version, cookie });
    return new Blob([JSON.stringify(described)], { type: "application/json" });
  }

  return new Elysia({ name: "docs" }).get("/docs/json", async () => {
    const cookie = sessionCookieName(await policy(core), core.fixed.cookieDomain);
    const text = written.get(cookie) ?? write(cookie);
    written.set(cookie, text);
    return new Response(await text, { headers: { "content-type": "application/json" } });
  });
};
