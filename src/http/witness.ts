/** Notices what proxies and browsers send, so that a set-up that does not fit together can be told by it. */
import type { Server } from "bun";
import type { Core } from "../identity/core.ts";
import { currentPolicy } from "../identity/policy.ts";
import { pathOf } from "./gate.ts";
import { isForward } from "./limits.ts";
import { schemeOf } from "./original.ts";
import { makeTrusts, peerOf } from "./place.ts";

/** Strangers can send what they like; so much of it is remembered. */
const mostPeers = 32;
const mostHosts = 8;
const mostLogged = 256;
const notedMilliseconds = 1000;

/** Looks at every request, and costs next to nothing where there is nothing to see. */
export function makeWitness(core: Core): (request: Request, server: Server<unknown> | null) => void {
  const trusts = makeTrusts(core.fixed.trustedProxies);
  const { peers, hosts } = core.seen;
  const logged = new Set<string>();
  /** What was noted last, and until when the same need not be noted again: a proxy asks for every part of a page. */
  let noted = { address: "", forwardsFor: false, said: null as string | null, until: 0 };
  let known = { url: "", host: "" };

  function notePeer(request: Request, server: Server<unknown> | null): void {
    const address = peerOf(request, server);
    const forwardsFor = request.headers.has("x-forwarded-for");
    const said = request.headers.get("x-forwarded-proto");
    const ticks = performance.now();
    if (
      ticks < noted.until &&
      noted.address === address &&
      noted.forwardsFor === forwardsFor &&
      noted.said === said
    )
      return;
    noted = { address, forwardsFor, said, until: ticks + notedMilliseconds };
    const trusted = trusts(address);
    const proto = said === null ? null : (schemeOf(said) ?? "something else");
    keep(peers, mostPeers, address, { address, at: core.clock(), trusted, forwardsFor, proto });
    if (trusted || logged.has(address) || logged.size >= mostLogged) return;
    logged.add(address);
    core.log.warn("forwarding headers were not believed; is this a proxy of yours?", {
      address,
      setting: `HOUSEKEY_TRUSTED_PROXIES=${address}`,
    });
  }

  function noteHost(request: Request, host: string): void {
    if (!/^[\w.:[\]-]{1,255}$/.test(host)) return;
    const origin = request.headers.get("origin");
    const opened = request.headers.get("sec-fetch-mode") === "navigate";
    if (opened || origin?.endsWith(`://${host}`)) keep(hosts, mostHosts, host.toLowerCase(), core.clock());
  }

  return (request, server) => {
    const { headers } = request;
    if (headers.has("x-forwarded-for") || headers.has("x-forwarded-proto")) notePeer(request, server);
    const url = currentPolicy(core)?.url;
    if (url === undefined) return;
    if (known.url !== url) known = { url, host: new URL(url).host };
    const host = headers.get("host");
    // A proxy that asks for another application may leave that one's name in place.
    if (host !== null && host !== known.host && !isForward(pathOf(request.url))) noteHost(request, host);
  };
}

/** The newest stand last, and the oldest go. */
function keep<Value>(values: Map<string, Value>, most: number, key: string, value: Value): void {
  values.delete(key);
  values.set(key, value);
  for (const oldest of values.keys()) {
    if (values.size <= most) return;
    values.delete(oldest);
  }
}
