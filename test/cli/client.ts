/** Somebody who uses the executable as a house's client, from a home of their own. */
import { expect } from "bun:test";
import { join } from "node:path";
import { binary, cleanEnv, emptyFolder, type Ran, speak } from "../binary.ts";

export interface Client {
  readonly home: string;

  /** What is kept of the sign-ins. */
  readonly file: string;

  run(args: string[], env?: Record<string, string>): Promise<Ran>;

  /** Runs a command that must go well; answers its standard output. */
  ok(...args: string[]): Promise<string>;

  /** Begins `housekey login`: the code it shows, and what becomes of it. */
  begin(url: string, ...args: string[]): Promise<{ code: string; ended: Promise<Ran> }>;

  [Symbol.dispose](): void;
}

/** `HOUSEKEY_*` settings that would stop any other command: a client reads none. */
const nonsense = { HOUSEKEY_PORT: "front door", HOUSEKEY_COLOUR: "red", HOUSEKEY_DATA: "/nowhere" };

export function newClient(): Client {
  const folder = emptyFolder();
  const home = folder.path;
  const env = { HOME: home, ...nonsense };

  const start = (args: string[], more: Record<string, string> = {}) =>
    Bun.spawn([binary, ...args], {
      cwd: home,
      env: cleanEnv({ ...env, ...more }),
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });

  async function run(args: string[], more?: Record<string, string>): Promise<Ran> {
    const child = start(args, more);
    const [stdout, stderr, exitCode] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    return { exitCode, stdout, stderr };
  }

  return {
    home,
    file: join(home, ".config/housekey/sessions.json"),
    run,

    async ok(...args) {
      const { exitCode, stdout, stderr } = await run(args);
      expect([args, exitCode, stderr]).toEqual([args, 0, ""]);
      return stdout;
    },

    async begin(url, ...args) {
      const child = start(["login", url, ...args]);
      let stdout = "";
      const shown = Promise.withResolvers<string>();
      const reading = (async () => {
        const decoder = new TextDecoder();
        for await (const chunk of child.stdout) {
          stdout += decoder.decode(chunk, { stream: true });
          const [code] = /\b[A-Z0-9]{6}\b/.exec(stdout) ?? [];
          if (code) shown.resolve(code);
        }
      })();
      const ended = Promise.all([new Response(child.stderr).text(), child.exited, reading]).then(
        ([stderr, exitCode]) => ({ exitCode, stdout, stderr }),
      );
      return { code: await Promise.race([shown.promise, ended.then(({ stderr }) => stderr)]), ended };
    },

    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

/** Decides about a code, as somebody who is signed in. */
export const decide = (url: string, token: string, code: string, how: "authorize" | "deny" = "authorize") =>
  speak({ url }, "POST", `/api/auth/device/${how}`, { token, body: { code } });

/** Signs a client in, as whoever holds `token`. */
export async function signIn(client: Client, url: string, token: string): Promise<void> {
  const { code, ended } = await client.begin(url);
  expect((await decide(url, token, code)).status).toBe(200);
  expect((await ended).exitCode).toBe(0);
}
