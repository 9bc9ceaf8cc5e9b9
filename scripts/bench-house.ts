/** A house as it stands after years: the compiled binary made it, and then it was filled. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Credentials, fill } from "./bench-fill.ts";
import { password } from "./bench-password.ts";
import { type Server, start } from "./bench-process.ts";

/** The address it is known by, and whose cookies reach the applications beside it. */
export const url = "https://auth.example.test";
export const application = "files.example.test";
export const cookieName = "__Secure-housekey";

export interface House {
  readonly binary: string;

  /** How many accounts it has besides the admin, and as many open sessions. */
  readonly accounts: number;

  /** How many credentials of each kind were drawn at random. */
  readonly drawn: number;

  /** Files of what was drawn, one a line. */
  readonly lines: Readonly<Record<keyof Credentials, string>>;

  readonly database: string;

  start(): Promise<Server>;
}

interface Plan {
  /** The executable under test. */
  readonly binary: string;

  readonly accounts: number;
  readonly draw: number;
  readonly everyKind: boolean;
}

/** Makes one in a new folder. */
export async function makeHouse(folder: string, { binary, accounts, draw, everyKind }: Plan): Promise<House> {
  const data = join(folder, "data");
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const startHouse = () =>
    start({
      command: (port) => [binary, "serve", "--host", "127.0.0.1", "--port", String(port), "--data", data],
      cwd: folder,
      health: "/healthz",
      env: {
        HOUSEKEY_URL: url,
        HOUSEKEY_COOKIE_DOMAIN: "example.test",
        // Who asks is who proxies: that is how applications ask about their visitors.
        HOUSEKEY_TRUSTED_PROXIES: "127.0.0.1",
        // One address asks for everybody.
        HOUSEKEY_LIMIT_SIGNIN: "off",
        HOUSEKEY_LIMIT_REFRESH: "off",
      },
    });

  const empty = await startHouse();
  await bootstrap(empty, readFileSync(join(data, "bootstrap-token"), "utf8").trim());
  await empty.stop();
  const credentials = await fill({ data, url, accounts, draw, everyKind });
  const kept = (kind: keyof Credentials) => {
    const path = join(folder, kind);
    writeFileSync(path, `${credentials[kind].join("\n")}\n`, { mode: 0o600 });
    return path;
  };
  return {
    binary,
    accounts,
    drawn: credentials.tokens.length,
    lines: {
      usernames: kept("usernames"),
      tokens: kept("tokens"),
      jwts: kept("jwts"),
      refreshTokens: kept("refreshTokens"),
      apiKeys: kept("apiKeys"),
    },
    database: join(data, "housekey.db"),
    start: startHouse,
  };
}

/** Its first admin, and its first signing key. */
async function bootstrap({ url: near }: Server, token: string): Promise<void> {
  const response = await fetch(`${near}/auth/bootstrap/complete`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token, username: "ada", password }),
  });
  if (response.status !== 201) throw new Error(`bootstrap: ${response.status} ${await response.text()}`);
  await (await fetch(`${near}/.well-known/jwks.json`)).arrayBuffer();
}
