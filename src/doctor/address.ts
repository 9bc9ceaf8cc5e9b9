/** Whether the address of the house is one that browsers, passkeys and cookies can live with. */
import { isIP } from "node:net";
import type { Seen, Step } from "../identity/doctor.ts";
import { type Address, ill, isRecent, well } from "./patient.ts";

const isLocal = (hostname: string): boolean => hostname === "localhost" || hostname.endsWith(".localhost");

export function examineAddress({ url, isSet }: Address, seen: Seen | null, now: Date): Step[] {
  const hosts = [...(seen?.hosts ?? [])].filter(([, at]) => isRecent(at, now)).map(([host]) => host);
  const other = hosts.at(-1);
  if (!isSet)
    return [
      ill(
        "address",
        `nobody has decided the address of this house, so links lead to ${url.origin}, and passkeys made now ` +
          "are lost once it has another",
        `Set HOUSEKEY_URL to what people type, like HOUSEKEY_URL=${other ? `http://${other}` : "https://auth.example.org"}, ` +
          "or save it on the page /setup.",
      ),
    ];
  if (other === undefined) return [well("address", url.origin)];
  return [
    ill(
      "address",
      `the address is ${url.origin}, but browsers open the house as ${hosts.join(", ")}: there a sign-in is ` +
        "refused or forgotten, and passkeys are not offered",
      `Open ${url.origin}. If ${other} is right, set HOUSEKEY_URL to it, with its scheme; if a proxy changes the name ` +
        "on its way, let it pass on the one it was asked for. nginx: proxy_set_header Host $http_host; " +
        "Caddy and Traefik do so by themselves.",
    ),
  ];
}

/** Passkeys belong to a domain (WebAuthn Level 3, §5.1.2 and §13.4.9), and browsers make them over https alone. */
export function examinePasskeys({ url }: Address): Step {
  const { hostname, protocol } = url;
  const bare = hostname.replace(/^\[|\]$/g, "");
  const name = "passkeys";
  if (isIP(bare) !== 0)
    return ill(
      name,
      `the address is a number (${bare}), and browsers make passkeys for names alone`,
      "Give the house a name in your router or name server, like auth.home.arpa or one of your own domain, and set " +
        "HOUSEKEY_URL to it, with https.",
    );
  if (isLocal(hostname)) return well(name, `they belong to ${hostname}, so they work on this machine alone`);
  if (protocol !== "https:")
    return ill(
      name,
      "the address is plain http: browsers make no passkeys there, and passwords travel in the clear",
      "Put a proxy with a certificate in front, or set HOUSEKEY_TLS_CERT and HOUSEKEY_TLS_KEY; then set " +
        `HOUSEKEY_URL=https://${hostname}. Caddy does it by one line, reverse_proxy 127.0.0.1:8420, in the site ${hostname}.`,
    );
  if (!hostname.includes("."))
    return ill(
      name,
      `"${hostname}" is a name of one word: no authority gives a certificate for it, and other networks may have ` +
        "another machine of that name",
      "Use a name with a domain behind it, like auth.home.arpa or one of your own domain, in HOUSEKEY_URL.",
    );
  return well(name, `they belong to ${hostname}`);
}

/** Domains under which strangers register names: a browser takes no cookie for them (publicsuffix.org has them all). */
const shared = new Set(
  (
    "co.uk org.uk com.au com.br co.jp co.nz duckdns.org ddns.net no-ip.org dyndns.org dynv6.net freeddns.org " +
    "github.io pages.dev workers.dev vercel.app netlify.app fly.dev nip.io sslip.io ts.net ngrok.io"
  ).split(" "),
);

export function examineCookies({ url }: Address, domain: string | undefined): Step {
  const name = "cookies";
  if (domain === undefined) return well(name, `for ${url.hostname} alone`);
  if (shared.has(domain))
    return ill(
      name,
      `under ${domain} anybody can have a name, so browsers take no cookie for all of it: nobody stays signed in`,
      `Set HOUSEKEY_COOKIE_DOMAIN to a domain of your own, like ${url.hostname.split(".").slice(-3).join(".")}, or leave it out.`,
    );
  return well(name, `for ${domain} and every host under it`);
}
