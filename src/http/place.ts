/** Where a request comes from. Forwarding headers are believed only from the proxies that the operator named. */
import { BlockList, isIP } from "node:net";
import type { Server } from "bun";
import type { Place } from "../identity/known.ts";
import { deviceCookie } from "./cookie.ts";
import { deviceName } from "./device-name.ts";

export type PlaceOf = (request: Request, server: Server<unknown> | null) => Place;

/** Whether a canonical address is one of `trusted`, which holds addresses and CIDR ranges. */
export function makeTrusts(trusted: readonly string[]): (address: string) => boolean {
  const proxies = new BlockList();
  for (const entry of trusted) {
    const [address = "", prefix] = entry.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (prefix === undefined) proxies.addAddress(address, family);
    else proxies.addSubnet(address, Number(prefix), family);
  }
  const check = (address: string) => proxies.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
  // Most requests come from where the one before did.
  let last = { address: "", isTrusted: false };
  return (address) => {
    if (address !== last.address) last = { address, isTrusted: check(address) };
    return last.isTrusted;
  };
}

/** Asked more than once for a request that came by a proxy, and the runtime takes its time to tell. */
let asked: { readonly request: Request; readonly peer: string } | null = null;

/** Who is at the other end of the connection. */
export function peerOf(request: Request, server: Server<unknown> | null): string {
  if (asked?.request === request) return asked.peer;
  const peer = canonicalAddress(server?.requestIP(request)?.address ?? "127.0.0.1") ?? "127.0.0.1";
  if (server) asked = { request, peer };
  return peer;
}

/** `trusted` holds addresses and CIDR ranges. */
export function makePlaceOf(trusted: readonly string[]): PlaceOf {
  const trusts = makeTrusts(trusted);

  return (request, server) => {
    const peer = peerOf(request, server);
    const userAgent = request.headers.get("user-agent")?.slice(0, 512) ?? null;
    return {
      address: trusts(peer) ? forwarded(request, peer, trusts) : peer,
      userAgent,
      browser: deviceCookie(request),
      // Few requests ask: only one that opens a session.
      get device() {
        return deviceName(userAgent);
      },
    };
  };
}

/** The nearest address that is no proxy of ours; the proxy's own when the header cannot be read. */
function forwarded(request: Request, peer: string, trusts: (address: string) => boolean): string {
  const hops = request.headers.get("x-forwarded-for")?.split(",") ?? [];
  for (const hop of hops.reverse()) {
    const address = canonicalAddress(hop.trim());
    if (address === null) return peer;
    if (!trusts(address)) return address;
  }
  return peer;
}

/** One text for one address: lower case, shortest form, IPv4 also where it is written as IPv6. Null: no address. */
export function canonicalAddress(text: string): string | null {
  const family = isIP(text);
  if (family === 4) return text;
  if (family !== 6 || text.includes("%")) return null;
  const short = new URL(`http://[${text}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short);
  if (!mapped) return short;
  const [high, low] = [Number.parseInt(mapped[1] ?? "", 16), Number.parseInt(mapped[2] ?? "", 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}
