/** A house that is served, and an operator beside it. */
import { Database } from "bun:sqlite";
import { expect } from "bun:test";
import { join } from "node:path";
import {
  admin,
  binary,
  bootstrap,
  cleanEnv,
  emptyFolder,
  type House,
  type Ran,
  run,
  type Spoken,
  speak,
  startHouse,
} from "../binary.ts";

/** Most stories here ask more often than any person. */
const unlimited = {
  HOUSEKEY_LIMIT_SIGNIN: "off",
  HOUSEKEY_LIMIT_REGISTER: "off",
  HOUSEKEY_LIMIT_BOOTSTRAP: "off",
};

export const password = admin.password;

export interface Operated {
  readonly house: House;
  readonly cwd: string;

  /** The admin's session. */
  readonly token: string;

  /** Runs a command that must go well; answers its standard output, of which there is nothing on the other. */
  ok(...args: string[]): Promise<string>;

  /** Runs a command that must not; answers its one line, which is lower case and has no full stop. */
  refused(exit: number, ...args: string[]): Promise<string>;

  signIn(username: string, password?: string): Promise<Spoken>;
  alive(token: string): Promise<boolean>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A house with an admin, served until the end of the test. */
export async function operate({ env = {} }: { env?: Record<string, string> } = {}): Promise<Operated> {
  const folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path, env: { ...unlimited, ...env } });
  const { body } = await bootstrap(house);
  return {
    house,
    cwd: folder.path,
    token: body.token,

    async ok(...args) {
      const { exitCode, stdout, stderr } = await run(args, { cwd: folder.path });
      expect([args, exitCode, stderr]).toEqual([args, 0, ""]);
      return stdout;
    },

    async refused(exit, ...args) {
      return told(await run(args, { cwd: folder.path }), exit);
    },

    signIn: (username, own = password) =>
      speak(house, "POST", "/auth/local/login", { body: { username, password: own } }),

    async alive(token) {
      const { status } = await speak(house, "GET", "/auth/sessions/current", { token });
      expect([200, 401]).toContain(status);
      return status === 200;
    },

    async [Symbol.asyncDispose]() {
      await house.stop();
      folder[Symbol.dispose]();
    },
  };
}

/** What a command that failed says: one line, and nothing for a program that reads its output. */
export function told({ exitCode, stdout, stderr }: Ran, exit: number): string {
  expect([exitCode, stdout, stderr]).toEqual([
    exit,
    "",
    expect.stringMatching(/^housekey: [^A-Z\n][^\n]*[^.\n]\n$/),
  ]);
  return stderr;
}

/** Runs a command with something on its standard input, which stays open unless it is ended. */
export async function feed(
  args: string[],
  { cwd, input, end = true }: { cwd: string; input: string | Uint8Array; end?: boolean },
): Promise<Ran> {
  const child = Bun.spawn([binary, ...args], {
    cwd,
    env: cleanEnv(),
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
  });
  child.stdin.write(input);
  await child.stdin.flush();
  if (end) await child.stdin.end();
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { exitCode, stdout, stderr };
}

export const tokenIn = (text: string): string => /#token=([0-9a-f]{48})/.exec(text)?.[1] ?? "";

export const complete = (house: House, token: string, own = password): Promise<Spoken> =>
  speak(house, "POST", "/auth/recovery/complete", { body: { token, password: own } });

/** Does something to the database behind everybody's back. */
export function plant(data: string, work: (db: Database) => void): void {
  using db = new Database(join(data, "housekey.db"), { strict: true });
  db.run("PRAGMA busy_timeout = 5000");
  db.run("PRAGMA foreign_keys = OFF");
  work(db);
  db.run("PRAGMA wal_checkpoint(TRUNCATE)");
}
