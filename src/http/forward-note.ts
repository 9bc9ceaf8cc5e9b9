/** Notes why applications behind a proxy cannot be reached, for the log and for the doctor. */
import type { Core } from "../identity/core.ts";
import type { ForwardRefusal } from "../identity/doctor.ts";

const mostRefused = 32;
const mostLogged = 256;
const logged = new WeakMap<Core, Set<string>>();

type Why = Omit<ForwardRefusal, "peer" | "at">;

/** Each reason is logged once; strangers can send what they like, so only so many are. */
export function noteRefusal(core: Core, peer: string, why: Why): void {
  const { refused } = core.seen.forward;
  const place = placeOf(peer, why.host);
  refused.delete(place);
  refused.set(place, { ...why, peer, at: core.clock() });
  for (const oldest of refused.keys()) {
    if (refused.size <= mostRefused) break;
    refused.delete(oldest);
  }
  const known = logged.get(core) ?? new Set<string>();
  logged.set(core, known);
  const { is, header, host } = why;
  const key = `${peer} ${is} ${header ?? host ?? ""}`;
  if (known.has(key) || known.size >= mostLogged) return;
  known.add(key);
  core.log.warn("an application behind a proxy was refused", {
    proxy: peer,
    reason: reasons[is],
    ...(header !== undefined && { header }),
    ...(host !== undefined && { host }),
  });
}

const placeOf = (peer: string, host = ""): string => `${peer} ${host}`;

/** The proxy does right, for that application at least. */
export function noteMended({ seen }: Core, peer: string, host: string): void {
  const { refused } = seen.forward;
  if (refused.size === 0) return;
  refused.delete(placeOf(peer));
  refused.delete(placeOf(peer, host));
}

const reasons: Readonly<Record<ForwardRefusal["is"], string>> = {
  stranger: "HOUSEKEY_TRUSTED_PROXIES does not name the proxy",
  missing: "a header that tells the request is missing",
  doubled: "a header that tells the request came twice",
  unreadable: "a header that tells the request cannot be read",
  contradictory: "two headers tell two requests",
  host: "the session cookie does not reach that host: it is not under HOUSEKEY_COOKIE_DOMAIN",
  scheme: "people come to it by plain http, and the session cookie is for https alone",
};
