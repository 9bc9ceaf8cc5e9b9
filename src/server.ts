import { randomBytes } from "node:crypto";
import { Elysia } from "elysia";
import { readBody } from "./http/body.ts";
import { enter, pathOf } from "./http/gate.ts";
import { invalidRequest } from "./http/invalid.ts";
import { withLane } from "./http/lane.ts";
import { isForward, isSessionCheck, takePlace } from "./http/limits.ts";
import { makePlaceOf } from "./http/place.ts";
import { type Answer, wordFault, wordRefusal } from "./http/refusal.ts";
import type { Core, Log } from "./identity/core.ts";
import { Refusal } from "./identity/refusal.ts";
import { browser, browserQuickly } from "./surfaces/browser/index.ts";
import { machine } from "./surfaces/machine/index.ts";
import { mobile } from "./surfaces/mobile/index.ts";
import { docs } from "./surfaces/public/docs.ts";
import { open } from "./surfaces/public/index.ts";
import { spa } from "./surfaces/spa/index.ts";
import { pages } from "./web/serve.ts";

/** Every endpoint of the appliance. Listening is `serve.ts`'s business, so tests never open a port. */
export const server = (core: Core) => {
  const run = randomBytes(6).toString("hex");
  let requests = 0;
  const nextId = () => `${run}-${(requests++).toString(36)}`;
  const placeOf = makePlaceOf(core.fixed.trustedProxies);

  const root = new Elysia({ name: "server" });
  // The hooks of every request name what they use: one that takes the whole context, or `server` from it, has Elysia
  // put together cookies, query and headers for each.
  const app = root
    .headers(always)
    .onRequest(({ request, set }) => {
      set.headers["x-request-id"] = nextId();
      return enter(core, placeOf, { request, server: root.server, set });
    })
    // A proxy that sends another application's body along sends it for nothing.
    .onParse(({ request }) => (isForward(pathOf(request.url)) ? {} : readBody(request)))
    .onError(({ code, error: thrown, request, set }) => {
      const path = pathOf(request.url);
      let error: unknown = thrown;
      if (refusalIn(error)?.code === "UNAUTHENTICATED" && isSessionCheck(request.method, path))
        try {
          // A check with a good credential is not counted; guessing one is.
          takePlace(core, "general", placeOf(request, root.server).address, set.headers);
        } catch (refused) {
          error = refused;
        }
      const requestId = String(set.headers["x-request-id"]);
      const answer = wordError(core.log, code, error, path) ?? fault(core, error, requestId);
      set.status = answer.status;
      Object.assign(set.headers, answer.headers);
      return answer.body;
    })
    .use(browser(core))
    .use(spa(core))
    .use(mobile(core))
    .use(machine(core))
    .use(open(core))
    .use(pages());
  const whole = app.use(docs(core, { routes: () => app.routes, surfaces: descriptions }));
  const fetch = withLane(core, {
    quick: browserQuickly(core),
    usual: whole.fetch,
    server: () => root.server,
    ...{ always, nextId },
  });
  return Object.defineProperty(whole, "fetch", { value: fetch });
};

const always = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** Loaded when somebody asks for them. */
const descriptions = async () => [
  (await import("./surfaces/browser/openapi.ts")).described,
  (await import("./surfaces/spa/openapi.ts")).described,
  (await import("./surfaces/mobile/openapi.ts")).described,
  (await import("./surfaces/machine/openapi.ts")).described,
  (await import("./surfaces/public/openapi.ts")).described,
];

export type App = ReturnType<typeof server>;

function wordError(log: Log, code: string | number, error: unknown, path: string): Answer | null {
  if (code === "VALIDATION")
    return wordRefusal(invalidRequest(error as Parameters<typeof invalidRequest>[0]), path);
  if (code === "NOT_FOUND") return wordRefusal(new Refusal("NOT_FOUND"), path);
  const refusal = refusalIn(error);
  // The caller hears that the store is out of order; why it is, is for the log.
  if (refusal?.code === "STORE_UNAVAILABLE")
    log.error("the store is unavailable", { error: String(refusal.cause) });
  return refusal && wordRefusal(refusal, path);
}

/** Elysia wraps what a parser throws. */
function refusalIn(error: unknown): Refusal | null {
  if (error instanceof Refusal) return error;
  return error instanceof Error && error.cause !== undefined ? refusalIn(error.cause) : null;
}

function fault(core: Core, error: unknown, requestId: string): Answer {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  core.log.error("a request failed", { request: requestId, error: stack });
  return wordFault(requestId);
}
