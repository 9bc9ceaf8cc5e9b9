/** Paths of other applications that are open to everybody: an admin names them, and only a plain path is ever one. */

export interface BypassRule {
  /** As `Original.host` is written. */
  readonly host: string;

  /** Decoded and plain. It matches itself and what lies under it, never a longer word. */
  readonly pathPrefix: string;
}

export const mostBypassRules = 100;

/** Lower case; a port only where it is not the scheme's own, which is never written. */
export const bypassHostForm = "^[a-z0-9_-]{1,63}(\\.[a-z0-9_-]{1,63})*(:(?!(80|443)$)[1-9][0-9]{0,4})?$";

const longestHost = 259;
const longestPrefix = 512;

export const isBypassRule = ({ host, pathPrefix }: BypassRule): boolean =>
  host.length <= longestHost &&
  new RegExp(bypassHostForm).test(host) &&
  pathPrefix.length <= longestPrefix &&
  isPlainPath(pathPrefix);

/**
 * The path behind `uri`, decoded; null when whoever decodes it again, drops parameters, joins slashes or climbs
 * along dots could end up elsewhere: then nobody can say which path it is.
 */
export function plainPath(uri: string): string | null {
  const [written = ""] = uri.split("?", 1);
  if (/%(?:2f|5c)/i.test(written)) return null;
  let path: string;
  try {
    path = decodeURIComponent(written);
  } catch {
    return null;
  }
  return isPlainPath(path) ? path : null;
}

/** Whether a decoded path is one for every reader. */
export function isPlainPath(path: string): boolean {
  if (!path.startsWith("/") || path.includes("//")) return false;
  // A `%` would be decoded twice by somebody; a reader that takes look-alikes for letters must see the same.
  if (/[%\\;?#,]|\p{C}|\p{Z}(?<! )/u.test(path) || path.normalize("NFKC") !== path) return false;
  return !path.split("/").some((segment) => /^[. ]*\.[. ]*$|^ | $/.test(segment));
}

/** Whether a rule opens `uri` at `host`. Case matters. */
export function isBypassed(rules: readonly BypassRule[], host: string, uri: string): boolean {
  if (rules.length === 0 || !rules.some((rule) => rule.host === host)) return false;
  const path = plainPath(uri);
  return path !== null && rules.some((rule) => rule.host === host && lies(path, rule.pathPrefix));
}

const lies = (path: string, prefix: string): boolean =>
  path === prefix || path.startsWith(prefix.endsWith("/") ? prefix : `${prefix}/`);
