import type { Config } from "../config.ts";
import {
  endMove,
  type FormerHost,
  isSecure,
  type Move,
  moveHouse,
  originOf,
  type Whereabouts,
  whereabouts,
} from "../identity/domain.ts";
import { hostOf } from "../identity/policy.ts";
import { type Command, UsageError } from "./command.ts";
import { withHouse } from "./open.ts";
import { print, table } from "./print.ts";

export const domainMove: Command = {
  name: "domain move",
  words: ["OLD", "NEW"],
  summary: "give the house another host name; passkeys of the old one still sign in",
  example: "housekey domain move auth.example.org id.example.com",
  async run({ config, words: [old = "", next = ""], json }) {
    const from = hostOf(named(old));
    const url = named(next);
    if (!isSecure(url)) throw new UsageError(`browsers do no passkeys at ${url}; expected https`);
    return withHouse(config, async (core) => {
      const move = await moveHouse(core, { from, url });
      const where = await whereabouts(core);
      print(json, { ...move, ...statusWire(where) }, leftToDo(move, where, config));
      return 0;
    });
  },
};

function named(typed: string): string {
  const origin = originOf(typed);
  if (origin !== null) return origin;
  const expected = "a host name like auth.example.org, or its address";
  throw new UsageError(`${JSON.stringify(typed.slice(0, 80))} is not ${expected}`);
}

export const domainStatus: Command = {
  name: "domain status",
  summary: "show where the house is, where it was, and whose passkeys are still from there",
  example: "housekey domain status --json",
  run: ({ config, json }) =>
    withHouse(config, async (core) => {
      const where = await whereabouts(core);
      print(json, statusWire(where), status(where));
      return 0;
    }),
};

export const domainEnd: Command = {
  name: "domain end",
  flags: [{ name: "force", summary: "also when somebody could not sign in any more" }],
  summary: "end a move: passkeys of the former host sign in no more",
  example: "housekey domain end",
  run: ({ config, flags, json }) =>
    withHouse(config, async (core) => {
      const { host } = await endMove(core, { force: flags.force !== undefined });
      print(json, { ended: host }, `passkeys of ${host} sign in no more; nothing has to answer there`);
      return 0;
    }),
};

const statusWire = ({ url, host, former, holders }: Whereabouts) => ({
  url,
  host,
  former_host: former?.host ?? null,
  since: former?.since ?? null,
  accounts: holders.map(({ user, all }) => ({
    id: user.id,
    username: user.username,
    passkeys_of_former_host: all ? "all" : "some",
  })),
});

function status({ host, former, holders }: Whereabouts): string {
  if (!former) return `the house is at ${host}, and has no former host`;
  const rows = holders.map(({ user, all }) => [user.username, all ? "all" : "some"]);
  const list = rows.length > 0 ? `\n${table(["USERNAME", "PASSKEYS OF THE FORMER HOST"], rows)}` : "";
  return `${since(host, former)}${list}`;
}

const since = (host: string, former: FormerHost): string =>
  `the house is at ${host}, and was at ${former.host} until ${former.since.slice(0, 10)}`;

/** What nobody but the operator can do: names lead where they say, and somebody has to tell people. */
function leftToDo({ from, to, url }: Move, { holders }: Whereabouts, { values }: Config): string {
  const scheme = values.tls_cert === undefined ? "http" : "https";
  const local = `${scheme}://127.0.0.1:${values.port ?? 8420}`;
  const waiting = holders.filter(({ all }) => all).map(({ user }) => user.username);
  const restart = values.url === undefined ? [] : [`Restart the house with HOUSEKEY_URL=${url}.`];
  const steps = [
    ...restart,
    `Let DNS, a certificate and the proxy lead ${to} to the house.`,
    `Keep DNS, a certificate and the proxy at ${from}: browsers ask there whether ${to} may use its passkeys.

     Caddy:
       ${from} {
         handle /.well-known/webauthn {
           reverse_proxy ${local}
         }
         handle {
           redir ${url}{uri}
         }
       }

     nginx, in the server of ${from}:
       location = /.well-known/webauthn { proxy_pass ${local}; }
       location / { return 302 ${url}$request_uri; }
`,
    waiting.length > 0
      ? `Have these make a passkey at ${to}: ${waiting.join(", ")}.`
      : `Nobody has still to make a passkey at ${to}.`,
    `When "housekey domain status" lists nobody you wait for: "housekey domain end".`,
  ];
  const list = steps.map((step, index) => `  ${index + 1}. ${step}`).join("\n");
  return `the house is at ${url}; passkeys of ${from} still sign in\n\nleft to do:\n${list}`;
}
