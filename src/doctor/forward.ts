/** Why other applications, whose proxy asks here whom to let in, cannot be reached. */
import type { ForwardRefusal, Seen, Step } from "../identity/doctor.ts";
import { type Address, ill, isRecent } from "./patient.ts";

const name = "other applications";

interface Set {
  readonly trusted: readonly string[];
  readonly cookieDomain: string | undefined;
}

/** Nothing where nothing was refused: most houses guard none. */
export function examineForward({ url }: Address, seen: Seen | null, set: Set, now: Date): Step[] {
  const recent = [...(seen?.forward.refused.values() ?? [])].filter(({ at }) => isRecent(at, now));
  const found = recent.map((refusal) => complaint(refusal, url, set));
  // The same complaint about each of several is one complaint.
  return [...new Map(found.map((step) => [step.fix, step])).values()].slice(-4);
}

/** The name is the server's own: with the one that the client sent, what is open at one application opens another. */
const lines =
  "nginx: proxy_set_header X-Original-URL $scheme://$server_name:$server_port$request_uri; and beside it " +
  'proxy_set_header X-Forwarded-Host ""; proxy_set_header X-Forwarded-Uri ""; proxy_set_header X-Forwarded-Method ""; ' +
  "Caddy: uri /auth/forward inside forward_auth HOUSE. Traefik: forwardAuth.address=http://HOUSE/auth/forward. " +
  "The last two say the rest by themselves.";

function complaint({ is, peer, header, host }: ForwardRefusal, url: URL, set: Set): Step {
  const { protocol, hostname } = url;
  switch (is) {
    case "stranger":
      return ill(
        name,
        `${peer} asks whom to let in to another application and is no proxy that was named, so nobody is let in there`,
        `If it is your proxy, set HOUSEKEY_TRUSTED_PROXIES=${[...set.trusted, peer].join(",")} and start the house again. ` +
          "If you have none there, somebody tries it out, and there is nothing to do.",
      );
    case "missing":
      return ill(name, `the proxy ${peer} does not say what it asks about: ${header} is missing`, lines);
    case "doubled":
    case "unreadable":
    case "contradictory":
      return ill(
        name,
        `what the proxy ${peer} asks about is ${wrong[is]} (${header}), so nobody is let in`,
        lines,
      );
    case "scheme":
      return ill(
        name,
        `people open ${host} by plain http, and the session cookie is for https alone`,
        "Send people from http to https there. If another proxy in front does the https, let this one pass on the " +
          "X-Forwarded-Proto it was sent.",
      );
    case "host":
      return ill(
        name,
        set.cookieDomain === undefined
          ? `${host} asks whom to let in, and the session cookie is for ${hostname} alone: API keys work there, people are refused`
          : `${host} asks whom to let in, and is not under ${set.cookieDomain}: API keys work there, people are refused`,
        protocol === "https:"
          ? `Give the application a name beside ${hostname}, and set HOUSEKEY_COOKIE_DOMAIN to the domain both are under, ` +
              `like ${parent(hostname)}.`
          : "Give the house an https address in HOUSEKEY_URL first; then HOUSEKEY_COOKIE_DOMAIN can be the domain " +
              "that both are under.",
      );
  }
}

const wrong = {
  doubled: "said twice",
  unreadable: "not readable",
  contradictory: "said in two ways that differ",
} as const;

const parent = (hostname: string): string => hostname.split(".").slice(-2).join(".");
