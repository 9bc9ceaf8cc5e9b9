/** Whose pages may call. Browsers tell where a request comes from; nobody else is asked. */
import { isIP } from "node:net";
import type { Core } from "../identity/core.ts";
import { type Policy, policy } from "../identity/policy.ts";
import { Refusal } from "../identity/refusal.ts";

const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

export const isUnsafe = (request: Request): boolean => !safeMethods.has(request.method);

/**
 * As long as nobody has set the address of the house, it also answers to names that only a local network
 * can give: then a page whose origin is the host it was asked for is our own.
 */
export function isOwnOrigin(rules: Policy, core: Core, request: Request, origin: string): boolean {
  if (origin === rules.url || core.fixed.origins.includes(origin)) return true;
  if (rules.urlIsSet || !URL.canParse(origin)) return false;
  const { protocol, host, hostname } = new URL(origin);
  return /^https?:$/.test(protocol) && host === request.headers.get("host") && isLocalName(hostname);
}

const localSuffixes = [".local", ".lan", ".home.arpa", ".internal"];

function isLocalName(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, "");
  return isIP(bare) !== 0 || !bare.includes(".") || localSuffixes.some((suffix) => bare.endsWith(suffix));
}

/** Refuses `ORIGIN_NOT_ALLOWED` an unsafe request that names a foreign origin; one without the header passes here. */
export async function refuseForeignOrigin(core: Core, request: Request): Promise<void> {
  const origin = request.headers.get("origin");
  if (origin === null || !isUnsafe(request)) return;
  const rules = await policy(core);
  if (!isOwnOrigin(rules, core, request, origin)) throw foreign(origin, rules);
}

/**
 * The rule for requests that a cookie vouches for: an unsafe one must come from an own page, and must say so.
 * Refuses: `ORIGIN_NOT_ALLOWED`.
 */
export async function refuseForgery(core: Core, request: Request): Promise<void> {
  if (!isUnsafe(request)) return;
  const origin = request.headers.get("origin");
  if (origin !== null) return refuseForeignOrigin(core, request);
  if (request.headers.get("sec-fetch-site") === "same-origin") return;
  throw new Refusal("ORIGIN_NOT_ALLOWED", {
    message: "The request does not say which page it comes from, so the cookie is not taken for it.",
  });
}

/**
 * Whether an origin that a body names is one of the house's, exactly as it is written. Refuses: `ORIGIN_NOT_ALLOWED`,
 * as a field that is wrong.
 */
export async function requireOwnOrigin(core: Core, origin: string): Promise<void> {
  const { url } = await policy(core);
  if (origin === url || core.fixed.origins.includes(origin)) return;
  const details = [{ path: "origin", message: "This is none of the house's own origins." }];
  throw new Refusal("ORIGIN_NOT_ALLOWED", { details });
}

/** The commonest reason is a house whose address was never set, or set to another one: say so. */
function foreign(origin: string, rules: Policy): Refusal {
  const shown = /^[a-z][a-z0-9+.-]*:\/\/[\w.:[\]-]{1,255}$/i.test(origin) ? origin : "an unnamed origin";
  const mend = rules.urlIsSet
    ? "Open it there, or correct HOUSEKEY_URL."
    : `If ${shown} is its address, set HOUSEKEY_URL to it.`;
  return new Refusal("ORIGIN_NOT_ALLOWED", {
    message: `This page is at ${shown}, but the house is at ${rules.url}. ${mend}`,
  });
}
