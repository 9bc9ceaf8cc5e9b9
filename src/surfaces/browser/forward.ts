/** Asked by a proxy for every request to another application: may it in? */
import { type Context, Elysia } from "elysia";
import { sessionCookieName } from "../../http/cookie.ts";
import { noteMended, noteRefusal } from "../../http/forward-note.ts";
import { identityHeaders } from "../../http/identity-headers.ts";
import type { Quick } from "../../http/lane.ts";
import { takePlace } from "../../http/limits.ts";
import { isUntold, originalOf, type Told, type Untold } from "../../http/original.ts";
import { makePlaceOf, makeTrusts, peerOf } from "../../http/place.ts";
import { wordRefusal } from "../../http/refusal.ts";
import { neighbourUrl } from "../../http/return-to.ts";
import { shownIn } from "../../http/shown.ts";
import type { Core } from "../../identity/core.ts";
import { judgeForward, toldOf, type Verdict } from "../../identity/forward.ts";
import { andThen } from "../../identity/found.ts";
import { policy } from "../../identity/policy.ts";
import { Refusal } from "../../identity/refusal.ts";
import type { User } from "../../identity/user.ts";

type Set = Context["set"];
type Server = Context["server"];

/** The headers that tell an application who is there. */
const identify = (core: Core, user: User | null): Record<string, string> =>
  identityHeaders(toldOf(core, user));

/** The question about an application, where the answer is yes. */
export const forwardQuickly = (core: Core): Quick => {
  const trusts = makeTrusts(core.fixed.trustedProxies);
  return (request, server) => {
    const peer = peerOf(request, server);
    const told = trusts(peer) ? originalOf(request) : null;
    if (told === null || isUntold(told)) return null;
    const yes = (verdict: Verdict) => {
      if (verdict.is !== "in") return null;
      noteMended(core, peer, told.host);
      return { headers: identify(core, verdict.user), body: "" };
    };
    return andThen(policy(core), (rules) => {
      const shown = shownIn(request, sessionCookieName(rules, core.fixed.cookieDomain));
      return andThen(judgeForward(core, told, shown), yes);
    });
  };
};

export const browserForward = (core: Core) => {
  const trusts = makeTrusts(core.fixed.trustedProxies);
  const placeOf = makePlaceOf(core.fixed.trustedProxies);
  const nobody = identify(core, null);

  function untold(peer: string, found: Untold | "stranger", set: Set) {
    noteRefusal(core, peer, found === "stranger" ? { is: "stranger" } : found);
    const words = found === "stranger" ? stranger(peer) : wordsFor(found);
    const details = found === "stranger" ? [] : [{ path: found.header, message: words }];
    const refusal = new Refusal("FORBIDDEN", { message: words, ...(details.length > 0 && { details }) });
    return refuse(set, refusal);
  }

  function refuse(set: Set, refusal: Refusal) {
    const { status, headers, body } = wordRefusal(refusal, "/auth/forward");
    set.status = status;
    Object.assign(set.headers, nobody, headers);
    return body;
  }

  /** Somebody who is not known: a page leads to the sign-in page, where that would help. */
  async function turnAway(request: Request, told: Told, { beyond }: Verdict & { is: "unknown" }, set: Set) {
    const rules = await policy(core);
    const house = { url: rules.url, cookieDomain: core.fixed.cookieDomain };
    const leads = beyond === null && opensPage(request.headers, told.method);
    const origin = `${told.scheme}://${told.host}`;
    // Better the application's first page than none.
    const back = leads ? (neighbourUrl(origin + told.uri, house) ?? neighbourUrl(`${origin}/`, house)) : null;
    const location = back && `${rules.url}/login?return_to=${encodeURIComponent(back)}`;
    if (location) set.headers.location = location;
    if (location && told.by === "X-Forwarded") {
      set.status = 302;
      Object.assign(set.headers, nobody);
      return "";
    }
    const body = refuse(set, new Refusal("UNAUTHENTICATED"));
    if (takesBasic(request.headers)) set.headers["www-authenticate"] = challenges;
    return body;
  }

  async function answer(request: Request, server: Server, set: Set) {
    // As everywhere: nobody is served what they sent.
    if (request.method === "TRACE") throw new Refusal("NOT_FOUND");
    const peer = peerOf(request, server);
    const told = trusts(peer) ? originalOf(request) : null;
    if (told === null || isUntold(told)) return untold(peer, told ?? "stranger", set);
    noteMended(core, peer, told.host);
    // No await where the rules are there at once: the whole judgement is one turn, and one look at the store.
    const soon = policy(core);
    const rules = soon instanceof Promise ? await soon : soon;
    const shown = shownIn(request, sessionCookieName(rules, core.fixed.cookieDomain));
    const verdict = await judgeForward(core, told, shown);
    if (verdict.is === "in") {
      Object.assign(set.headers, identify(core, verdict.user));
      return "";
    }
    if (verdict.is === "forbidden")
      return refuse(
        set,
        new Refusal("FORBIDDEN", verdict.message === null ? {} : { message: verdict.message }),
      );
    // Guessing is counted, and so is nothing else: a page of an application has many parts.
    if (verdict.wrong) takePlace(core, "general", placeOf(request, server).address, set.headers as never);
    if (verdict.beyond !== null) noteRefusal(core, peer, { is: verdict.beyond, host: told.host });
    return turnAway(request, told, verdict, set);
  }

  async function asked({ request, server, set }: Pick<Context, "request" | "server" | "set">) {
    try {
      return await answer(request, server, set);
    } catch (refusal) {
      Object.assign(set.headers, nobody);
      throw refusal;
    }
  }
  return new Elysia().get("/forward", asked).all("/forward", asked);
};

/** A person who opens a page, not a script or a picture of it. */
function opensPage(headers: Headers, method: string | null): boolean {
  if (method !== null && method !== "GET" && method !== "HEAD") return false;
  const mode = headers.get("sec-fetch-mode");
  return (
    (mode === null || mode === "navigate") &&
    headers.get("x-requested-with")?.toLowerCase() !== "xmlhttprequest" &&
    /(?:^|[\s,])text\/html\b/i.test(headers.get("accept") ?? "")
  );
}

const challenges = 'Bearer, Basic realm="housekey", charset="UTF-8"';

/** Programs like git ask for a password only where Basic is offered; a browser would show a dialog of its own. */
const takesBasic = (headers: Headers): boolean =>
  /^basic\b/i.test(headers.get("authorization") ?? "") ||
  !/^mozilla\//i.test(headers.get("user-agent") ?? "");

const stranger = (peer: string): string =>
  `This was not sent by a proxy of the house: HOUSEKEY_TRUSTED_PROXIES does not name ${peer}.`;

function wordsFor({ header, is }: Untold): string {
  if (is === "missing") return `The proxy does not say which request this is about: ${header} is missing.`;
  if (is === "doubled") return `Which request this is about was said twice: ${header}.`;
  if (is === "contradictory") return `Which request this is about is not certain: ${header} says another.`;
  return `Which request this is about cannot be read: ${header}.`;
}
