/** The processes of a run: each is known by its id, watched through /proc, and gone at the end, however it ends. */
import { readFileSync } from "node:fs";
import type { Subprocess } from "bun";

const startSeconds = 15;
/** A stop is not what is measured here, so a slow one is cut short. */
const stopSeconds = 3;
/** Of the times in /proc/PID/stat; Linux shows them in hundredths wherever Bun runs. */
const ticksPerSecond = 100;

const running = new Set<Subprocess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export interface Server {
  readonly url: string;

  /** From the start of the process to its first 200, in milliseconds. */
  readonly startedIn: number;

  memory(): Memory;

  /** Processor time used so far by all its threads, in seconds. */
  cpu(): number;

  /** SIGTERM, and waits. */
  stop(): Promise<void>;
}

/** In bytes. */
export interface Memory {
  /** VmRSS: everything in memory, pages of files too (the executable, the mapped database), which the system may take back. */
  readonly resident: number;

  /** RssAnon: what is the process's own alone. */
  readonly own: number;
}

interface Start {
  readonly command: (port: number) => string[];
  readonly cwd: string;

  /** The path that answers 200 once the server is up. */
  readonly health: string;

  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a server on a free loopback port. Throws what it printed when it does not come up. */
export async function start({ command, cwd, health, env = {} }: Start): Promise<Server> {
  const port = freePort();
  const url = `http://127.0.0.1:${port}`;
  const began = performance.now();
  const child = Bun.spawn(command(port), {
    cwd,
    // Nothing of the machine's own configuration reaches the process.
    env: { PATH: process.env.PATH ?? "", HOME: cwd, ...env },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  running.add(child);
  const said = new Response(child.stderr).text();
  while (!(await answers(url + health))) {
    if (child.exitCode === null && performance.now() - began < startSeconds * 1000) await Bun.sleep(1);
    else {
      await stop(child);
      throw new Error(`${command(port).join(" ")} did not start:\n${await said}`);
    }
  }
  return {
    url,
    startedIn: performance.now() - began,
    memory: () => memoryOf(child.pid),
    cpu: () => processorSeconds(child.pid),
    stop: () => stop(child),
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1000) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}

function freePort(): number {
  using taken = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  return taken.port;
}

async function stop(child: Subprocess): Promise<void> {
  child.kill("SIGTERM");
  const patience = setTimeout(() => {
    process.stderr.write(`bench: process ${child.pid} took over ${stopSeconds} s to stop and was killed\n`);
    child.kill("SIGKILL");
  }, stopSeconds * 1000);
  await child.exited;
  clearTimeout(patience);
  running.delete(child);
}

interface Run {
  readonly cwd: string;
  readonly seconds: number;

  /** Besides this process's own. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a command to its end, at most `seconds`; answers what it printed. Throws when it fails. */
export async function run(command: string[], { cwd, seconds, env }: Run): Promise<string> {
  const child = Bun.spawn(command, {
    cwd,
    env: { ...process.env, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: seconds * 1000,
    killSignal: "SIGKILL",
  });
  running.add(child);
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  running.delete(child);
  if (child.exitCode !== 0) throw new Error(`${command.join(" ")} failed:\n${stdout}${stderr}`);
  return stdout;
}

function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const bytes = (field: string) => {
    const [, kibibytes] = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status) ?? [];
    if (kibibytes === undefined) throw new Error(`/proc/${pid}/status tells no ${field}`);
    return Number(kibibytes) * 1024;
  };
  return { resident: bytes("VmRSS"), own: bytes("RssAnon") };
}

/** The fields behind the command's name, which may hold blanks: state is the first, utime and stime follow as 12th and 13th. */
function processorSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
