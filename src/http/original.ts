/** The request that a proxy asks about, as its headers tell it. Whether the proxy is believed is for others to say. */
import { isIPv6 } from "node:net";
import type { Original } from "../identity/forward.ts";

/** Why a request is not known by its headers: what is wrong with which of them. */
export interface Untold {
  readonly header: string;
  readonly is: "missing" | "doubled" | "unreadable" | "contradictory";
}

export interface Told extends Original {
  /** Null: the proxy does not say. */
  readonly method: string | null;

  /** nginx writes one address; it also takes no answer but 2xx, 401 and 403. */
  readonly by: "X-Original-URL" | "X-Forwarded";
}

const longest = 8192;
const addressForm = /^(https?|wss?):\/\/([^/]*)(\/.*)$/i;
const hostForm = /^([a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*|\[[0-9a-f:.]+\])(?::([1-9]\d{0,4}))?$/;
const uriForm = /^\/[!-~]*$/;
const methodForm = /^[A-Z]{1,20}(-[A-Z]{1,20})?$/;
const schemes: Readonly<Record<string, Original["scheme"]>> = {
  http: "http",
  https: "https",
  // Traefik says so of the request that opens a WebSocket.
  ws: "http",
  wss: "https",
};
const ports = { http: 80, https: 443 } as const;

/** `X-Original-URL` tells all of it, `X-Forwarded-*` a part each; where there are both, they have to agree. */
export function originalOf({ headers }: Request): Told | Untold {
  const address = headers.get("x-original-url");
  return address === null ? fromParts(headers) : fromAddress(headers, address);
}

export const isUntold = (found: Told | Untold): found is Untold => "is" in found;

function fromParts(headers: Headers): Told | Untold {
  const method = headers.get("x-forwarded-method");
  const proto = headers.get("x-forwarded-proto");
  const host = headers.get("x-forwarded-host");
  const uri = headers.get("x-forwarded-uri");
  if (!method) return { header: "X-Forwarded-Method", is: "missing" };
  if (!proto) return { header: "X-Forwarded-Proto", is: "missing" };
  if (!host) return { header: "X-Forwarded-Host", is: "missing" };
  if (!uri) return { header: "X-Forwarded-Uri", is: "missing" };
  if (!methodForm.test(method)) return wrongValue("X-Forwarded-Method", method);
  const scheme = schemeOf(proto);
  if (scheme === null) return wrongValue("X-Forwarded-Proto", proto);
  const place = placeOf(scheme, host);
  if (place === null) return wrongValue("X-Forwarded-Host", host);
  if (uri.length > longest || !uriForm.test(uri)) return wrongValue("X-Forwarded-Uri", uri);
  const other = headers.get("x-original-method");
  if (other !== null && other !== method) return { header: "X-Original-Method", is: "contradictory" };
  return { method, scheme, ...place, uri, by: "X-Forwarded" };
}

function fromAddress(headers: Headers, address: string): Told | Untold {
  const header = "X-Original-URL";
  const [, proto = "", host = "", uri = ""] =
    address.length > longest ? [] : (addressForm.exec(address) ?? []);
  const scheme = schemeOf(proto);
  const place = scheme && placeOf(scheme, host);
  if (!scheme || !place || !uriForm.test(uri)) return wrongValue(header, address);
  const method = headers.get("x-original-method") ?? headers.get("x-forwarded-method");
  if (method !== null && !methodForm.test(method)) return wrongValue("X-Original-Method", method);
  const told: Told = { method, scheme, ...place, uri, by: header };
  return contradiction(headers, told) ?? told;
}

/** What a proxy sends all the same, or lets pass that somebody made up, has to say the same. */
function contradiction(headers: Headers, { method, scheme, host, hostname, uri }: Told): Untold | null {
  const agrees: Readonly<Record<string, (value: string) => boolean>> = {
    "X-Forwarded-Proto": (value) => schemeOf(value) === scheme,
    "X-Forwarded-Host": (value) => value.toLowerCase() === hostname || placeOf(scheme, value)?.host === host,
    "X-Forwarded-Uri": (value) => value === uri,
    "X-Forwarded-Method": (value) => value === method,
  };
  for (const [header, isSame] of Object.entries(agrees)) {
    const value = headers.get(header);
    if (value !== null && !isSame(value)) return { header, is: "contradictory" };
  }
  return null;
}

/** The scheme that a proxy names; null when it is none. */
export const schemeOf = (text: string): Original["scheme"] | null => {
  const name = text.toLowerCase();
  return Object.hasOwn(schemes, name) ? (schemes[name] ?? null) : null;
};

function placeOf(scheme: Original["scheme"], text: string): Pick<Original, "host" | "hostname"> | null {
  const [, hostname, port] = text.length > 255 ? [] : (hostForm.exec(text.toLowerCase()) ?? []);
  if (hostname === undefined) return null;
  if (hostname.startsWith("[") && !isIPv6(hostname.slice(1, -1))) return null;
  if (port === undefined || Number(port) === ports[scheme]) return { host: hostname, hostname };
  return Number(port) > 65_535 ? null : { host: `${hostname}:${port}`, hostname };
}

/** The runtime joins a header that came twice; none of these may have a space of its own. */
const wrongValue = (header: string, value: string): Untold => ({
  header,
  is: /,\s|^[^/]*,/.test(value) ? "doubled" : "unreadable",
});
