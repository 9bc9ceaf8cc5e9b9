/** One line a request, whatever became of it: never a query, a header or a body. */
import type { Server } from "bun";
import type { Core } from "../identity/core.ts";
import { count } from "../identity/metrics.ts";
import { pathOf } from "./gate.ts";
import { isSessionCheck } from "./limits.ts";
import { methodLabel, type PatternOf } from "./patterns.ts";
import type { PlaceOf } from "./place.ts";
import { makeReachable } from "./reach.ts";
import { makeWitness } from "./witness.ts";

type Fetch = (request: Request) => Response | Promise<Response>;

/** What is asked on every click or by every probe, and went well, is for those who log everything. */
const isRoutine = (method: string, path: string): boolean =>
  path === "/healthz" || path === "/readyz" || path === "/metrics" || isSessionCheck(method, path);

/** A short device code is what its client polls with, so it is not written down. */
const shownPath = (path: string): string => path.replace(/^(\/v1\/auth\/device-code\/).+$/, "$1…");

/** `patternOf` names the route of a path, for the counts. */
export function withAccessLog(
  core: Core,
  placeOf: PlaceOf,
  fetch: Fetch,
  patternOf: PatternOf = () => "none",
) {
  const witness = makeWitness(core);
  return async (request: Request, server: Server<undefined>): Promise<Response> => {
    const started = performance.now();
    witness(request, server);
    const response = await fetch(makeReachable(request));
    const path = pathOf(request.url);
    count(core.metrics.requests, `${methodLabel(request.method)} ${patternOf(path)} ${response.status}`);
    const level = response.ok && isRoutine(request.method, path) ? "debug" : "info";
    if (core.log.writes(level))
      core.log[level]("request", {
        id: response.headers.get("x-request-id"),
        method: request.method,
        path: shownPath(path),
        status: response.status,
        ms: Math.round((performance.now() - started) * 10) / 10,
        address: placeOf(request, server).address,
      });
    return response;
  };
}
