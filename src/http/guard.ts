import { Elysia } from "elysia";
import { type KeyCaller, scopesOf } from "../identity/api-key.ts";
import type { Core } from "../identity/core.ts";
import type { Found } from "../identity/found.ts";
import type { Place } from "../identity/known.ts";
import { type Permission, permissionsOf } from "../identity/permission.ts";
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
  /** Refuses API keys. */
  authenticate(core: Core, token: string): Promise<Caller>;

  authenticateAny(core: Core, token: string): Found<Caller | KeyCaller>;
  isFresh(core: Core, session: Caller["session"]): Promise<boolean>;
}

type Guarded = { readonly caller: Caller; readonly credential: Credential };
type Keyed = { readonly holder: Caller | KeyCaller };

/** Between the two hooks of a route. Kept here because a hook that is given Elysia's whole context pays for all of it. */
const guarded = new WeakMap<Request, Guarded>();
const keyed = new WeakMap<Request, Keyed>();

/**
 * `{ signedIn: {…} }` on a route gives it `caller` and `credential`, and keeps API keys out. `{ keyed: {…} }`
 * lets them in as well, within their scopes, and gives `holder`. `{ placed: true }` gives `place`.
 *
 * Who the caller is gets settled before the fields of a body are: a stranger hears 401 for any JSON they send.
 */
export const guard = (core: Core, { authenticate, authenticateAny, isFresh }: Judges) => {
  const placeOf = makePlaceOf(core.fixed.trustedProxies);

  async function judge<Who extends Caller | KeyCaller>(
    request: Request,
    permission: Permission | undefined,
    find: (core: Core, token: string) => Found<Who>,
  ): Promise<{ who: Who; credential: Credential }> {
    // What is remembered is taken without an await in between: the store answers for one turn, and asks once for it.
    const shown = credentialOf(core, request);
    const credential = shown instanceof Promise ? await shown : shown;
    if (!credential) throw new Refusal("UNAUTHENTICATED");
    const who = await find(core, credential.token);
    if (credential.from === "cookie") await refuseForgery(core, request);
    if (permission && !permissionsFor(who).includes(permission)) throw forbidden(who, permission);
    return { who, credential };
  }

  return new Elysia({ name: "guard" }).macro({
    placed: {
      resolve: ({ request, server }): { place: Place } => ({ place: placeOf(request, server) }),
    },
    signedIn: (asked: Needs | true) => ({
      transform: async ({ request }) => {
        const needs: Needs = asked === true ? {} : asked;
        const { who: caller, credential } = await judge(request, needs.permission, authenticate);
        if (needs.fresh && !(await isFresh(core, caller.session))) throw new Refusal("FRESH_LOGIN_REQUIRED");
        guarded.set(request, { caller, credential });
      },
      resolve: ({ request }): Guarded => {
        const known = guarded.get(request);
        if (!known) throw new Refusal("UNAUTHENTICATED");
        return known;
      },
    }),
    keyed: (asked: Pick<Needs, "permission"> | true) => ({
      transform: async ({ request }) => {
        const { permission } = asked === true ? {} : asked;
        const { who: holder } = await judge(request, permission, authenticateAny);
        keyed.set(request, { holder });
      },
      resolve: ({ request }): Keyed => {
        const known = keyed.get(request);
        if (!known) throw new Refusal("UNAUTHENTICATED");
        return known;
      },
    }),
  });
};

/** What a caller may: a person what their role may, a key no more than its scopes. */
export const permissionsFor = (holder: Caller | KeyCaller): readonly Permission[] =>
  "key" in holder ? scopesOf(holder) : permissionsOf(holder.user.role);

const forbidden = (who: Caller | KeyCaller, permission: Permission): Refusal =>
  new Refusal(
    "FORBIDDEN",
    "key" in who ? { message: `This API key cannot do this: it has no scope ${permission}.` } : {},
  );
