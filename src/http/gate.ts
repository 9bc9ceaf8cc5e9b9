/** What every request passes before anybody looks at what it wants. */
import type { Server } from "bun";
import type { Context } from "elysia";
import type { Core } from "../identity/core.ts";
import { currentPolicy } from "../identity/policy.ts";
import { Refusal } from "../identity/refusal.ts";
import { allowOrigin, answerPreflight, isPreflight } from "./cors.ts";
import { isForward, limitRow, takePlace } from "./limits.ts";
import { isUnsafe, refuseForeignOrigin } from "./origin.ts";
import type { PlaceOf } from "./place.ts";

interface Entering extends Pick<Context, "request" | "set"> {
  readonly server: Server<unknown> | null;
}

const hostForm = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/** Whether a Host names one host; an absent one (HTTP/1.0) is nobody's fault. */
export const isOneHost = (host: string | null): boolean => host === null || hostForm.test(host);

/** The path of a request's URL, without a trailing slash. The runtime leaves only the path when Host makes no sense. */
export function pathOf(url: string): string {
  const start = url.startsWith("/") ? 0 : url.indexOf("/", 8);
  const query = url.indexOf("?", start);
  const path = url.slice(start, query === -1 ? undefined : query);
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

/**
 * Answers a response only for a preflight. Refuses: `INVALID_REQUEST` for a Host that is none,
 * `ORIGIN_NOT_ALLOWED`, `RATE_LIMITED`.
 */
export function enter(core: Core, placeOf: PlaceOf, { request, server, set }: Entering) {
  const { headers } = set;
  if (currentPolicy(core)?.secure) headers["strict-transport-security"] = "max-age=31536000";
  if (!isOneHost(request.headers.get("host")))
    throw new Refusal("INVALID_REQUEST", { details: [{ path: "Host", message: "This is not one host." }] });
  const path = pathOf(request.url);
  const row = limitRow(request.method, path);
  if (row !== null && request.method !== "OPTIONS")
    takePlace(core, row, placeOf(request, server).address, headers);
  const origin = request.headers.get("origin");
  // What a proxy asks about may come from any page: that is for the application behind it to judge.
  return origin === null || isForward(path) ? undefined : enterFrom(core, origin, path, request, set);
}

async function enterFrom(core: Core, origin: string, path: string, request: Request, set: Context["set"]) {
  const own = await allowOrigin(core, origin, set.headers as Record<string, string>);
  if (own && isPreflight(request)) {
    answerPreflight(set.headers as Record<string, string>);
    set.status = 204;
    return new Response(null, { status: 204, headers: set.headers as Record<string, string> });
  }
  if (isUnsafe(request) && path.startsWith("/auth/")) await refuseForeignOrigin(core, request);
  return undefined;
}
