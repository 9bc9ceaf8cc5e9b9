import { Elysia } from "elysia";
import type { Core } from "../identity/core.ts";
import type { LimitRow } from "../identity/limit.ts";
import { Refusal } from "../identity/refusal.ts";
import type { Caller } from "../identity/session.ts";
import { credentialOf } from "./credential.ts";
import type { Judges } from "./guard.ts";
import { takePlace } from "./limits.ts";
import { refuseForgery } from "./origin.ts";
import { makePlaceOf } from "./place.ts";

const asking = new WeakMap<Request, Caller | null>();

/**
 * `{ anyone: row }` on a route that anybody may ask gives it `caller`: who is signed in, or null, and then the
 * request counts on that row. A credential that is none is taken for none, and so is an API key.
 */
export const anyone = (core: Core, { authenticate }: Pick<Judges, "authenticate">) => {
  const placeOf = makePlaceOf(core.fixed.trustedProxies);

  async function callerOf(request: Request): Promise<Caller | null> {
    const credential = await credentialOf(core, request);
    if (!credential) return null;
    const caller = await authenticate(core, credential.token).catch(takeForNone);
    if (!caller) return null;
    if (credential.from === "cookie") await refuseForgery(core, request);
    return caller;
  }

  return new Elysia({ name: "anyone" }).macro({
    anyone: (row: LimitRow) => ({
      // Before the fields of a body are looked at: wrong ones count, too.
      async transform({ request, server, set }) {
        const caller = await callerOf(request);
        if (!caller) takePlace(core, row, placeOf(request, server).address, set.headers as never);
        asking.set(request, caller);
      },
      resolve: ({ request }): { caller: Caller | null } => ({ caller: asking.get(request) ?? null }),
    }),
  });
};

const none: ReadonlySet<string> = new Set(["UNAUTHENTICATED", "API_KEY_NOT_ALLOWED"]);

function takeForNone(error: unknown): null {
  if (error instanceof Refusal && none.has(error.code)) return null;
  throw error;
}
