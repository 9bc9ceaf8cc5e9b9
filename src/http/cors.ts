/** Cross-origin reading (the Fetch standard's CORS protocol): for the house's own origins, without credentials. */
import type { Core } from "../identity/core.ts";
import { policy } from "../identity/policy.ts";

type Headers = Record<string, string | number | string[]>;

const exposed = [
  "Authorization",
  "x-request-id",
  "Retry-After",
  "RateLimit-Limit",
  "RateLimit-Remaining",
  "RateLimit-Reset",
].join(", ");

/** Lets a page at `origin` read the answer when it is one of the house's. Answers whether it is. */
export async function allowOrigin(core: Core, origin: string, headers: Headers): Promise<boolean> {
  headers.vary = "Origin";
  const { url } = await policy(core);
  if (origin !== url && !core.fixed.origins.includes(origin)) return false;
  headers["access-control-allow-origin"] = origin;
  headers["access-control-expose-headers"] = exposed;
  return true;
}

/** The question a browser asks before a request it is not sure of. */
export const isPreflight = (request: Request): boolean =>
  request.method === "OPTIONS" && request.headers.has("access-control-request-method");

export function answerPreflight(headers: Headers): void {
  headers["access-control-allow-methods"] = "GET, POST, PUT, PATCH, DELETE";
  headers["access-control-allow-headers"] = "Authorization, Content-Type";
  headers["access-control-max-age"] = "600";
}
