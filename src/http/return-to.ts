/** Where a page may send a browser on to. `web/parts/return-to.ts` is its twin in the browser. */
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
  throw new Refusal("INVALID_REQUEST", {
    details: [{ path: "return_to", message: "Must be a path of this house, like /settings." }],
  });
}
