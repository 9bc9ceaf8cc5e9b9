/** Signing in from a command line: it shows a code, and a person lets it in from a browser they are signed in with. */
import { Failure } from "../host/failure.ts";
import { ask, field, type House, Refused, text, Unreachable } from "./client.ts";
import { keep, prepare, serverOf, tokenFor } from "./client-file.ts";
import type { ClientCommand } from "./command.ts";
import { print } from "./print.ts";

export const login: ClientCommand = {
  client: true,
  name: "login",
  words: ["URL"],
  summary: "sign in to a running house, by a code that is approved in a browser",
  example: "housekey login https://auth.example.org",
  async run({ folder, words: [typed = ""], json }) {
    const server = serverOf(typed);
    prepare(folder);
    if (!isPrivate(server))
      process.stderr.write(
        `housekey: ${server} is not encrypted; anybody on the way can read and use what is sent\n`,
      );
    const stranger = { server, token: null };
    const begun = await ask(stranger, "POST", "/v1/auth/device-code", { intent: "login" });
    const [code, url] = [text(begun, "code"), text(begun, "verification_url")];
    print(json, { code, verification_url: url }, `Open ${url}\nand approve the code ${code}.`);

    const token = await claim(stranger, code, Number(field(begun, "interval")));
    const before = tokenFor(folder, server);
    keep(folder, { server, token });
    // The session that this one takes the place of would stand in the list for weeks.
    if (before !== null)
      await ask({ server, token: before }, "DELETE", "/auth/sessions/current").catch(() => null);
    const who = await ask({ server, token }, "GET", "/auth/sessions/current");
    const username = text(who, "user", "username");
    print(json, { server, user: field(who, "user") }, `Signed in to ${server} as ${username}.`);
    return 0;
  },
};

/** Encrypted, or it never leaves this machine. */
function isPrivate(server: string): boolean {
  const { protocol, hostname } = new URL(server);
  return protocol === "https:" || /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

/** Why there will be no token, by the word the house has for it. */
const ends: Readonly<Record<string, string>> = {
  denied: "the code was turned down",
  expired: "the code expired before anybody approved it",
  claimed: "the code was used by somebody else; look at the list of your sessions",
};

const usualSeconds = 5;

/** However long the house says a code is good for, it is not good for longer. */
const mostSeconds = 15 * 60;

/** Asks until somebody has decided, and no more often than the house wants. Answers the session token. */
async function claim(house: House, code: string, interval: number): Promise<string> {
  const usual = interval >= 1 && interval <= 60 ? interval : usualSeconds;
  let wait = usual;
  for (let waited = 0; waited < mostSeconds; waited += wait) {
    await Bun.sleep(wait * 1000);
    try {
      const answer = await ask(house, "GET", `/v1/auth/device-code/${encodeURIComponent(code)}`);
      const status = text(answer, "status");
      if (status === "authorized") return text(answer, "token");
      if (status !== "pending") throw new Failure(ends[status] ?? `the house says ${status}`);
      wait = usual;
    } catch (error) {
      wait = Math.max(usual, pause(error, wait));
    }
  }
  throw new Failure(ends.expired ?? "");
}

/** Seconds to leave the house alone; what no waiting helps is thrown on. */
function pause(error: unknown, wait: number): number {
  if (error instanceof Refused && (error.status === 429 || error.status === 503))
    return error.retryAfter ?? wait * 2;
  // It may be starting anew: RFC 8628 §3.5 wants longer and longer pauses.
  if (error instanceof Unreachable) return Math.min(wait * 2, 60);
  throw error;
}
