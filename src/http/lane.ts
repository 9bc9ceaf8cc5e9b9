/**
 * A way of its own for what is asked on every click in the house: is this session good, may this request in? The
 * framework around a route costs as much again as such an answer.
 *
 * Nothing but a plain yes is said here, by the same functions as on the route. A no, an `Origin`, a Host that is none,
 * whatever fails: all of that goes the usual way, which asks anew and words it. `test/http/lane.test.ts` holds the two
 * together.
 */
import type { Server } from "bun";
import type { Core } from "../identity/core.ts";
import type { Found } from "../identity/found.ts";
import { currentPolicy } from "../identity/policy.ts";
import { isOneHost, pathOf } from "./gate.ts";
import { isForward } from "./limits.ts";

interface Yes {
  /** On one way they always have the same names. */
  readonly headers: Readonly<Record<string, string>>;

  readonly body: string;
}

/** Null: the answer is no, or not for here. What it throws is for the usual way, too. */
export type Quick = (request: Request, server: Server<unknown> | null) => Found<Yes | null>;

type Fetch = (request: Request) => Found<Response>;

interface Ways {
  /** By path, for GET. */
  readonly quick: ReadonlyMap<string, Quick>;

  readonly usual: Fetch;

  readonly server: () => Server<unknown> | null;

  /** What every answer carries. */
  readonly always: Readonly<Record<string, string>>;

  /** A name for the next answer. */
  readonly nextId: () => string;
}

export function withLane(core: Core, { quick, usual, server, always, nextId }: Ways): Fetch {
  /** Kept for each way, and filled in anew for each answer, which takes a copy: cheaper than making them. */
  const kept = new Map<Quick, Headers>();
  const respond = (way: Quick, yes: Yes): Response => {
    const headers = kept.get(way) ?? new Headers(always);
    kept.set(way, headers);
    if (currentPolicy(core)?.secure) headers.set("strict-transport-security", "max-age=31536000");
    else headers.delete("strict-transport-security");
    headers.set("x-request-id", nextId());
    for (const name in yes.headers) headers.set(name, yes.headers[name] as string);
    return new Response(yes.body, { headers });
  };

  return (request) => {
    const find = request.method === "GET" ? wayFor(quick, request) : undefined;
    if (!find) return usual(request);
    try {
      const at = server();
      const found = at ? core.store.together(() => find(request, at)) : find(request, null);
      if (found instanceof Promise)
        return found.then(
          (yes) => (yes ? respond(find, yes) : usual(request)),
          () => usual(request),
        );
      if (found) return respond(find, found);
    } catch {
      // A refusal, as a rule.
    }
    return usual(request);
  };
}

function wayFor(quick: ReadonlyMap<string, Quick>, { url, headers }: Request): Quick | undefined {
  const path = pathOf(url);
  const find = quick.get(path);
  if (!find || !isOneHost(headers.get("host"))) return undefined;
  return headers.has("origin") && !isForward(path) ? undefined : find;
}
