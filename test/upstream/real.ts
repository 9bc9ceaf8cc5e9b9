/** The binary, a real provider beside it, and a browser between them. */
import { join } from "node:path";
import type { Subprocess } from "bun";
import type { Page } from "playwright-core";
import { bootstrap, emptyFolder, type House, speak, startHouse } from "../binary.ts";
import type { RealOptions } from "./oidc-provider.ts";

/** A port that was free a moment ago. */
export function freePort(): number {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const { port = 0 } = server;
  server.stop(true);
  return port;
}

export interface Real {
  readonly issuer: string;

  /** Where it listens. */
  readonly port: number;
  readonly child: Subprocess;
  stop(): Promise<void>;
}

export const secret = "a secret of more than thirty-two characters";

/** Starts it and waits until it listens. */
export async function startReal(
  options: Partial<RealOptions> & Pick<RealOptions, "redirectUri">,
): Promise<Real> {
  const port = options.port ?? freePort();
  const issuer = options.issuer ?? `http://127.0.0.1:${port}`;
  const all: RealOptions = {
    secret,
    alg: "RS256",
    claimsInIdToken: false,
    emailVerified: true,
    ...options,
    port,
    issuer,
  };
  const child = Bun.spawn(
    [process.execPath, join(import.meta.dir, "oidc-provider.ts"), JSON.stringify(all)],
    {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "ignore",
    },
  );
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  if (!new TextDecoder().decode(value).includes("listening")) throw new Error("the provider did not start");
  return {
    issuer,
    port,
    child,
    async stop() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

export interface Served {
  readonly house: House;

  /** Where a browser finds it. */
  readonly origin: string;

  /** The admin's session. */
  readonly token: string;

  readonly redirectUri: string;

  /** Asks as the admin. */
  ask(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly body: any }>;

  [Symbol.asyncDispose](): Promise<void>;
}

/** A house that is open to everybody, at an address that an admin has set. */
export async function serve({ env = {} }: { env?: Record<string, string> } = {}): Promise<Served> {
  const folder = emptyFolder();
  const port = freePort();
  const origin = `http://localhost:${port}`;
  const house = await startHouse({
    cwd: folder.path,
    args: ["--port", String(port)],
    env: { HOUSEKEY_URL: origin, HOUSEKEY_REGISTRATION: "open", HOUSEKEY_LIMIT_SIGNIN: "off", ...env },
  });
  const { token } = (await bootstrap(house)).body;
  return {
    house,
    origin,
    token,
    redirectUri: `${origin}/auth/oidc/callback`,
    ask: (method, path, body) => speak(house, method, path, { token, ...(body !== undefined && { body }) }),
    async [Symbol.asyncDispose]() {
      await house.stop();
      folder[Symbol.dispose]();
    },
  };
}

export const settings = (issuer: string, more: object = {}) => ({
  issuer,
  client_id: "housekey",
  client_secret: secret,
  name: "Example ID",
  auto_provision: true,
  ...more,
});

/** At the provider's own pages: says who one is, and agrees. */
export async function consent(page: Page, name: string): Promise<void> {
  await page.locator("[name=login]").fill(name);
  await page.locator("[name=password]").fill("any will do");
  await page.locator("[type=submit]").click();
  await page.getByRole("button", { name: /continue/i }).click();
}

/** What the house says to the page's own cookie. */
export const asked = (page: Page, path: string, method = "GET", body?: object) =>
  page.evaluate(
    async ([path, method, body]) => {
      const answer = await fetch(path, {
        method,
        ...(body !== null && { body, headers: { "content-type": "application/json" } }),
      });
      const text = await answer.text();
      return { status: answer.status, body: text === "" ? null : JSON.parse(text) };
    },
    [path, method, body ? JSON.stringify(body) : null] as const,
  );
