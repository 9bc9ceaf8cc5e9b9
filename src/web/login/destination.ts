/** Where a sign-in leads: a page of the house, or an application that sent the person here. */
import type { Options } from "../parts/options.ts";
import { neighbour, ownPath } from "../parts/return-to.ts";

const asked = new URLSearchParams(location.search).get("return_to");

/** As far as it is known: an application is one only once the house has told how far its cookie reaches. */
export const destination = (options: Options | undefined): string =>
  neighbour(asked, location.origin, options?.cookie_domain ?? null) ?? ownPath(asked);

const memory = "housekey-went";
const loopMs = 15_000;

/**
 * Whether this tab went to `to` a moment ago and is back: then that application does not know the person, however
 * often they sign in. Otherwise it is noted that the tab goes there now.
 */
export function isBackFrom(to: string): boolean {
  if (to.startsWith("/") || new URL(to).origin === location.origin) return false;
  try {
    const [where, when] = JSON.parse(sessionStorage.getItem(memory) ?? "[]");
    if (where === to && Date.now() - when < loopMs) {
      sessionStorage.removeItem(memory);
      return true;
    }
    sessionStorage.setItem(memory, JSON.stringify([to, Date.now()]));
  } catch {
    // A browser that keeps nothing for a page.
  }
  return false;
}
