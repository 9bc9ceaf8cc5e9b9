const controls = /\p{Cc}/u;

/** As the server has it. */
const longest = 1024;

/**
 * Where to go after signing in: `asked` if it is a path of this house, else the account. Browsers read a
 * backslash as a slash and leave out tabs and line breaks, so none of them may be in the way of the second character.
 */
export function ownPath(asked: string | null): string {
  if (asked === null || !/^\/(?![/\\])/.test(asked) || controls.test(asked)) return "/account";
  return asked;
}

const absolute = /^https?:\/\/[a-z0-9_-]+(?:\.[a-z0-9_-]+)*(?::[1-9]\d{0,4})?(?:\/[!-[\]-~]*)?$/i;

/**
 * The address of another application that `asked` names, if it shares this house's session cookie: by https, under
 * the cookie domain, at the usual port or the house's. Null for anything else. `house` is the house's own origin.
 */
export function neighbour(asked: string | null, house: string, cookieDomain: string | null): string | null {
  if (asked === null || asked.length > longest || !absolute.test(asked) || !URL.canParse(asked)) return null;
  const { href, origin, protocol, hostname, port } = new URL(asked);
  if (origin === house) return href;
  if (cookieDomain === null || protocol !== "https:") return null;
  if (port !== "" && port !== new URL(house).port) return null;
  return hostname === cookieDomain || hostname.endsWith(`.${cookieDomain}`) ? href : null;
}
