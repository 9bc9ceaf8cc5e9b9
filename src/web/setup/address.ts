/** Whether the address a browser uses is one the house can live at, and what stands in the way. */

import { isLoopback, isNumber } from "../parts/host.ts";

/** What the house says of its address, and of how this browser's question arrived. */
export interface Told {
  readonly url: string;

  /** False as long as nobody has decided the address. */
  readonly url_is_set: boolean;

  readonly seen: {
    /** Scheme and host of the request as it came in, which a proxy may have changed. */
    readonly origin: string;

    /** Whether somebody claims to have passed the request on, and whether the house believes it. */
    readonly proxy: "none" | "trusted" | "untrusted";
  };
}

/**
 * In the way of everything: `elsewhere` (the house is at another address), `scheme` (the same, but for http and
 * https), `unnamed` (a public name that nobody told the house), `host` (a proxy passes on another Host). In the
 * way of something: `insecure` and `number` (no passkeys), `untrusted` and `silent` (all visitors look alike).
 */
export type Finding =
  | "elsewhere"
  | "scheme"
  | "unnamed"
  | "host"
  | "insecure"
  | "number"
  | "untrusted"
  | "silent";

const blocking: ReadonlySet<Finding> = new Set(["elsewhere", "scheme", "unnamed", "host"]);

export const blocks = (findings: readonly Finding[]): boolean => findings.some((one) => blocking.has(one));

export function judgeAddress(here: string, { url, url_is_set, seen }: Told): readonly Finding[] {
  const { protocol, host, hostname } = new URL(here);
  const found: Finding[] = [];
  if (url_is_set && here !== url) found.push(new URL(url).host === host ? "scheme" : "elsewhere");
  if (!url_is_set && !isLocalName(hostname)) found.push("unnamed");
  else if (!url_is_set && new URL(seen.origin).host !== host) found.push("host");
  if (isNumber(hostname)) found.push("number");
  else if (protocol === "http:" && !isLoopback(hostname)) found.push("insecure");
  if (seen.proxy === "untrusted") found.push("untrusted");
  if (protocol === "https:" && seen.proxy === "none" && seen.origin.startsWith("http:")) found.push("silent");
  return found;
}

/** The names by which the house answers before anybody has decided its address. */
export function isLocalName(hostname: string): boolean {
  return isNumber(hostname) || !hostname.includes(".") || /\.(local|lan|home\.arpa|internal)$/.test(hostname);
}
