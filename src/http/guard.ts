import { Elysia } from "elysia";
import type { Core } from "../identity/core.ts";
import type { Place } from "../identity/known.ts";
import { may, type Permission } from "../identity/permission.ts";
import { Refusal } from "../identity/refusal.ts";
import type { Caller } from "../identity/session.ts";
import { type Credential, credentialOf } from "./credential.ts";
import { refuseForgery } from "./origin.ts";
import { makePlaceOf } from "./place.ts";

/** What a route asks of its caller, beyond being signed in. */
export interface Needs {
  readonly permission?: Permission;

  /** The person proved who they are in the last minutes. */
  readonly fresh?: true;
}

/** How the core turns a token into a caller; every surface takes the same credentials. */
export interface Judges {
  authenticate(core: Core, token: string): Promise<Caller>;
  isFresh(core: Core, session: Caller["session"]): Promise<boolean>;
}

type Guarded = { readonly caller: Caller; readonly credential: Credential };

/** Between the two hooks of a route. Kept here because a hook that is given Elysia's whole context pays for all of it. */
const guarded = new WeakMap<Request, Guarded>();

/**
 * `{ signedIn: {…} }` on a route gives it `caller` and `credential`; `{ placed: true }` gives it `place`.
 *
 * Who the caller is gets settled before the fields of a body are: a stranger hears 401 for any JSON they send.
 */
export const guard = (core: Core, { authenticate, isFresh }: Judges) => {
  const placeOf = makePlaceOf(core.fixed.trustedProxies);
  return new Elysia({ name: "guard" }).macro({
    placed: {
      resolve: ({ request, server }): { place: Place } => ({ place: placeOf(request, server) }),
    },
    signedIn: (asked: Needs | true) => ({
      async transform({ request }) {
        const needs: Needs = asked === true ? {} : asked;
        const credential = await credentialOf(core, request);
        if (!credential) throw new Refusal("UNAUTHENTICATED");
        const caller = await authenticate(core, credential.token);
        if (credential.from === "cookie") await refuseForgery(core, request);
        if (needs.permission && !may(caller.user.role, needs.permission)) throw new Refusal("FORBIDDEN");
        if (needs.fresh && !(await isFresh(core, caller.session))) throw new Refusal("FRESH_LOGIN_REQUIRED");
        guarded.set(request, { caller, credential });
      },
      resolve({ request }): Guarded {
        const known = guarded.get(request);
        if (!known) throw new Refusal("UNAUTHENTICATED");
        return known;
      },
    }),
  });
};
