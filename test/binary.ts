/** The product itself: the compiled executable, in an empty folder, over a real socket. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Subprocess } from "bun";
import { verifyHouse } from "../src/cli/verify.ts";
import { isSound } from "../src/identity/verify.ts";

export const binary = join(import.meta.dir, "../dist/housekey");

/** `scripts/test` builds it; alone, a test file does. */
export function requireBinary(): void {
  if (existsSync(binary) && process.env.TEST_BINARY_BUILT === "1") return;
  const built = Bun.spawnSync(["scripts/build"], {
    cwd: join(import.meta.dir, ".."),
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (built.exitCode !== 0) throw new Error("the binary does not build");
}

/** A clean environment: nothing of the machine's own configuration reaches the process. */
export const cleanEnv = (env: Record<string, string> = {}): Record<string, string> => ({
  PATH: process.env.PATH ?? "",
  HOME: process.env.HOME ?? "",
  ...env,
});

/** The environment of a process whose clock is off: `-1h`, `+10m`. Its timers are not. */
export function clockOff(by: string): Record<string, string> {
  const [library] = [
    ...new Bun.Glob("*/faketime/libfaketimeMT.so.1").scanSync({ cwd: "/usr/lib", absolute: true }),
  ];
  if (library === undefined) throw new Error("libfaketime is needed: scripts/test installs it");
  return { LD_PRELOAD: library, FAKETIME: by, FAKETIME_DONT_FAKE_MONOTONIC: "1" };
}

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of the binary's to its end. */
export async function run(
  args: string[],
  { cwd, env, under = [] }: { cwd: string; env?: Record<string, string>; under?: string[] },
): Promise<Ran> {
  const child = Bun.spawn([...under, binary, ...args], {
    cwd,
    env: cleanEnv(env),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { exitCode, stdout, stderr };
}

export interface House {
  readonly url: string;
  readonly data: string;
  readonly child: Subprocess;

  /** Everything printed so far. */
  readonly output: () => string;

  /** SIGTERM, and waits; answers the exit code. */
  stop(): Promise<number>;

  /** SIGKILL, and waits. */
  kill(): Promise<void>;
}

export interface HouseOptions {
  readonly cwd: string;
  readonly env?: Record<string, string>;
  readonly args?: string[];

  /** The test writes past the server, so that what it leaves need not be sound. */
  readonly tampered?: true;

  /** Another one than the product: the same with something left out on purpose. */
  readonly executable?: string;

  /** A command that runs the binary: `["nice"]`. It has to become the binary, or stopping stops the wrong one. */
  readonly under?: string[];
}

/** A test that fails before its end stops nothing: what it started ends with the process that ran it (prctl(2)). */
const mortal = ["setpriv", "--pdeathsig", "KILL"];

/** Starts `housekey serve` on a free port and waits until it listens. Throws what it printed when it does not. */
export async function startHouse({
  cwd,
  env,
  args = [],
  under = [],
  executable = binary,
  tampered,
}: HouseOptions): Promise<House> {
  const child = Bun.spawn([...under, ...mortal, executable, "serve", "--port", "0", ...args], {
    cwd,
    env: cleanEnv(env),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let output = "";
  const { promise: listening, resolve } = Promise.withResolvers<string>();
  const drain = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      output += decoder.decode(chunk, { stream: true });
      // The log line has the port, and the line on standard output comes last.
      const [, port] = /"port":(\d+)/.exec(output) ?? [];
      if (port && output.includes("housekey: listening on ")) resolve(`http://127.0.0.1:${port}`);
    }
  };
  const drained = Promise.all([drain(child.stdout), drain(child.stderr)]);
  const url = await Promise.race([listening, child.exited.then(() => drained).then(() => null)]);
  if (url === null) throw new Error(`housekey did not start (exit ${child.exitCode}): ${output}`);
  const data = join(cwd, "housekey-data");
  return {
    url,
    data,
    child,
    output: () => output,
    async stop() {
      child.kill("SIGTERM");
      const exitCode = await child.exited;
      await drained;
      const findings =
        existsSync(join(data, "housekey.db")) && !tampered ? await verifyHouse({ folder: data }) : [];
      if (!isSound(findings))
        throw new Error(
          `the test leaves a house that is not sound: ${findings.flatMap(({ problems }) => problems).join("; ")}`,
        );
      return exitCode;
    },
    async kill() {
      child.kill("SIGKILL");
      await child.exited;
      await drained;
    },
  };
}

/** An empty folder that is gone at the end of the test. */
export function emptyFolder(): { path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), "housekey-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export interface Spoken {
  readonly status: number;
  /** JSON, judged by the assertions. */
  readonly body: any;
  readonly headers: Headers;
  readonly cookie: string;
}

/** One request over the socket, JSON both ways. */
export async function speak(
  house: Pick<House, "url">,
  method: string,
  path: string,
  {
    token,
    cookie,
    body,
    headers,
  }: { token?: string; cookie?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Spoken> {
  const response = await fetch(house.url + path, {
    method,
    redirect: "manual",
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(cookie !== undefined && { cookie, origin: house.url }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: response.headers.get("content-type")?.includes("json") ? JSON.parse(text) : text,
    cookie: response.headers
      .getSetCookie()
      .map((line) => line.split(";")[0])
      .join("; "),
  };
}

export const admin = { username: "ada", password: "analytical engine" };

/** Takes the first run through: answers the admin's token, cookies and account. */
export async function bootstrap(house: House): Promise<Spoken> {
  const token = readFileSync(join(house.data, "bootstrap-token"), "utf8").trim();
  const answer = await speak(house, "POST", "/auth/bootstrap/complete", { body: { token, ...admin } });
  if (answer.status !== 201) throw new Error(`bootstrap: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer;
}
