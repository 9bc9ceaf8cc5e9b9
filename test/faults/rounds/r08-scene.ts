/** A house that sends mail and knows a provider, and the people whose secrets are used. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { emptyFolder, type House, type Spoken, speak, startHouse } from "../../binary.ts";
import { parse, partsOf, type Received, startSmtp } from "../../mail/smtp-server.ts";
import { codeAt } from "../../two-factor/app.ts";
import { client, type Provider, startProvider } from "../../upstream/provider.ts";
import { anyAddress } from "../ledger.ts";
import { done, memberPassword } from "../people.ts";
import { trafficEnv } from "../traffic.ts";

/** As the house is told it is called; nobody needs to find it there. */
export const origin = "https://auth.example.org";

/** For a letter, in milliseconds. */
const patience = 20_000;

export interface Sent {
  readonly token?: string;
  readonly cookie?: string;
}

/** Somebody at one address. */
export interface Client {
  post(path: string, body?: object, sent?: Sent): Promise<Spoken>;
  get(path: string, sent?: Sent): Promise<Spoken>;
}

export interface Member extends Client {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly token: string;
}

export interface Scene {
  readonly house: House;
  readonly provider: Provider;

  /** The administrator, as soon as there is one. */
  admin: Sent;

  client(): Client;

  /** Somebody new who has just signed in. */
  member(): Promise<Member>;

  /** The code in the next letter to `address`, of those that `asking` makes the house send. */
  codeFor(address: string, asking: () => Promise<Spoken>): Promise<string>;

  [Symbol.asyncDispose](): Promise<void>;
}

export async function openScene(): Promise<Scene> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(emptyFolder());
  const smtp = stack.use(await startSmtp({ disabledCommands: ["AUTH", "STARTTLS"] }));
  const provider = stack.use(await startProvider({ now: () => new Date() }));
  const house = await startHouse({
    cwd: folder.path,
    env: {
      ...trafficEnv,
      // Its first line has the port, which its address does not.
      HOUSEKEY_LOG_LEVEL: "info",
      HOUSEKEY_URL: origin,
      HOUSEKEY_REGISTRATION: "open",
      HOUSEKEY_SMTP_URL: `smtp://127.0.0.1:${smtp.port}`,
      HOUSEKEY_GOOGLE_CLIENT_ID: client.id,
      HOUSEKEY_GOOGLE_ISSUER: provider.issuer,
    },
  });
  stack.defer(async () => void (await house.stop()));
  const kept = stack.move();

  const scene: Scene = {
    house,
    provider,
    admin: {},
    client: () => clientOf(house),

    async member() {
      const own = clientOf(house);
      const username = `m-${crypto.randomUUID()}`;
      const email = `${username}@example.org`;
      const body = { username, email, role: "member", password: memberPassword };
      const { user } = done(await own.post("/auth/users", body, scene.admin)).body;
      const signedIn = await own.post("/auth/local/login", { username, password: memberPassword });
      return { ...own, id: user.id, username, email, token: done(signedIn).body.token };
    },

    async codeFor(address, asking) {
      const before = smtp.received.length;
      done(await asking());
      const late = performance.now() + patience;
      while (performance.now() < late) {
        const codes = smtp.received.slice(before).flatMap((letter) => codeIn(letter, address));
        if (codes[0] !== undefined) return codes[0];
        await Bun.sleep(20);
      }
      throw new Error(`no letter with a code came to ${address}`);
    },

    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
  return scene;
}

function clientOf(house: House): Client {
  const headers = { "x-forwarded-for": anyAddress(), origin };
  return {
    post: (path, body, sent = {}) =>
      speak(house, "POST", path, { ...sent, headers, ...(body !== undefined && { body }) }),
    get: (path, sent = {}) => speak(house, "GET", path, { ...sent, headers }),
  };
}

function codeIn({ to, source }: Received, address: string): string[] {
  if (!to.includes(address)) return [];
  return partsOf(parse(source)).flatMap(({ body }) => /^\d{6}$/m.exec(body) ?? []);
}

export const firstRunToken = ({ house }: Scene): string =>
  readFileSync(join(house.data, "bootstrap-token"), "utf8").trim();

export interface App {
  /** What the app shows. */
  code(): string;

  readonly backupCodes: readonly string[];
}

/** Switches two-factor on for whoever holds `token`; the step of now is still unspent. */
export async function guard(own: Client, token: string): Promise<App> {
  const { secret } = done(await own.post("/api/v1/auth/2fa/setup", undefined, { token })).body;
  const code = codeAt(secret, new Date(), -1);
  const { body } = done(await own.post("/api/v1/auth/2fa/enable", { code }, { token }));
  return { code: () => codeAt(secret, new Date()), backupCodes: body.backup_codes };
}
