/** What the reverse proxies in front say, and leave out. */
import type { Peer, Seen, Step } from "../identity/doctor.ts";
import { type Address, ill, isRecent, well } from "./patient.ts";

const name = "proxy";

export function examineProxies(
  { url }: Address,
  seen: Seen | null,
  trusted: readonly string[],
  now: Date,
): Step[] {
  if (!seen) return [];
  const peers = [...seen.peers.values()].filter(({ at }) => isRecent(at, now));
  const strangers = peers.filter((peer) => !peer.trusted).map(({ address }) => address);
  const found = [
    ...(strangers.length > 0 ? [untold(strangers, trusted)] : []),
    ...peers.filter((peer) => peer.trusted).flatMap((peer) => wrongWith(peer, url)),
  ];
  // The same complaint about each of several addresses is one complaint.
  const different = [...new Map(found.map((step) => [step.fix, step])).values()];
  if (different.length > 0) return different;
  if (peers.length === 0) return [well(name, "no request came by one, as far as headers tell")];
  return [
    well(
      name,
      `${[...new Set(peers.map(({ address }) => address))].join(", ")} says whom it forwards for, and how`,
    ),
  ];
}

function untold(strangers: readonly string[], trusted: readonly string[]): Step {
  const list = strangers.slice(0, 4).join(", ");
  return ill(
    name,
    `${list} sends forwarding headers and is no proxy that was named, so it is not believed: if it is one, everybody ` +
      "behind it looks like one address, and they run into each other's limits",
    `If it is your proxy, set HOUSEKEY_TRUSTED_PROXIES=${[...trusted, ...strangers.slice(0, 4)].join(",")} and start ` +
      "the house again. If you have none there, somebody pretends to be one, and there is nothing to do.",
  );
}

function wrongWith({ address, forwardsFor, proto }: Peer, { protocol, host, hostname }: URL): Step[] {
  const steps: Step[] = [];
  if (!forwardsFor)
    steps.push(
      ill(
        name,
        `the proxy ${address} does not say whom it forwards for: everybody looks like one address, and they run into ` +
          "each other's limits",
        "nginx: proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; Caddy and Traefik send it by themselves: " +
          "take out what removes X-Forwarded-For.",
      ),
    );
  if (proto === null)
    steps.push(
      ill(
        name,
        `the proxy ${address} does not send X-Forwarded-Proto: nobody can tell whether people came by https, and apps ` +
          "that ask here whom to let in are refused",
        "nginx: proxy_set_header X-Forwarded-Proto $scheme; Caddy and Traefik send it by themselves: take out what " +
          "removes it (Traefik behind another proxy: entryPoints.websecure.forwardedHeaders.trustedIPs).",
      ),
    );
  else if (proto !== "https" && protocol === "https:")
    steps.push(
      ill(
        name,
        `the address of the house is https, but the proxy ${address} says people come by ${proto}: the session cookie ` +
          "is for https alone, so a sign-in is forgotten at once",
        `Send people from http to https. nginx: server { listen 80; server_name ${hostname}; return 301 https://$host$request_uri; } ` +
          "Caddy does so by itself; Traefik: entryPoints.web.http.redirections.entryPoint.to=websecure. If another " +
          "proxy in front of it does the https, let this one pass on the X-Forwarded-Proto it was sent.",
      ),
    );
  else if (proto === "https" && protocol === "http:")
    steps.push(
      ill(
        name,
        `people come by https, but the address of the house is http://${host}: links lead there, pages are refused as ` +
          "foreign, and there are no passkeys",
        `Set HOUSEKEY_URL=https://${hostname}, or save that address in the settings.`,
      ),
    );
  return steps;
}
