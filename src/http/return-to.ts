/** Where a page may send a browser on to. `web/parts/return-to.ts` is its twin in the browser. */
import { isNeighbour, type Neighbourhood } from "../identity/forward.ts";
import { Refusal } from "../identity/refusal.ts";

/** Longer ones would not fit into the address of some providers. */
const longest = 1024;

const house = "http://house.invalid";
const decodedRounds = 4;

/**
 * The path, query and fragment that `asked` names in this house, written as a URL is; null when it could be anything
 * else for anybody who reads it: another host's, whether plainly, after a backslash or a dot segment, or encoded.
 */
export function ownPath(asked: string): string | null {
  if (asked.length > longest || !/^\/(?![/\\])/.test(asked) || /\p{C}/u.test(asked)) return null;
  if (!URL.canParse(asked, house)) return null;
  const { origin, pathname, search, hash } = new URL(asked, house);
  const [written = ""] = asked.split(/[?#]/);
  if (origin !== house || !isPlain(pathname) || !isPlain(written)) return null;
  return pathname + search + hash;
}

/** Whether a path stays one however often somebody on the way decodes it. */
function isPlain(path: string): boolean {
  for (let round = 0; round <= decodedRounds; round++) {
    if (/^\/[/\\]|\\|\p{Cc}/u.test(path)) return false;
    const decoded = decode(path);
    if (decoded === path) return true;
    if (decoded === null) return false;
    path = decoded;
  }
  return false;
}

function decode(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

/** The same for a field of a request; `/` when it names none. Refuses: `INVALID_REQUEST`. */
export function requireOwnPath(asked: string | undefined): string {
  const path = ownPath(asked ?? "/");
  if (path !== null) return path;
  throw elsewhere("Must be a path of this house, like /settings.");
}

const absolute = /^https?:\/\/[a-z0-9_-]+(?:\.[a-z0-9_-]+)*(?::[1-9]\d{0,4})?(?:\/[!-[\]-~]*)?$/i;

/**
 * The address that `asked` names, written as a URL is, if it is the house's own or an application's that shares the
 * session cookie; null when it could be anything else for anybody who reads it.
 */
export function neighbourUrl(asked: string, house: Neighbourhood): string | null {
  if (asked.length > longest || !absolute.test(asked) || !URL.canParse(asked)) return null;
  const { origin, href } = new URL(asked);
  return isNeighbour(house, origin) ? href : null;
}

/** Where a sign-in may lead: a path of the house, or an address as above. */
export const landing = (asked: string, house: Neighbourhood): string | null =>
  ownPath(asked) ?? neighbourUrl(asked, house);

/** The same for a field of a request; `/` when it names none. Refuses: `INVALID_REQUEST`. */
export function requireLanding(asked: string | undefined, house: Neighbourhood): string {
  const place = landing(asked ?? "/", house);
  if (place !== null) return place;
  throw elsewhere(
    "Must be a path of this house, like /settings, or of an application that shares its cookie.",
  );
}

const elsewhere = (message: string): Refusal =>
  new Refusal("INVALID_REQUEST", { details: [{ path: "return_to", message }] });
