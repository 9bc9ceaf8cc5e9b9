/** A house to measure: made in an empty folder, filled through the store, served by this same executable. */
import { join } from "node:path";
import { Failure } from "../host/failure.ts";
import { databasePath, makeFolder, masterKey } from "../host/folder.ts";
import { newId } from "../identity/id.ts";
import { hashSecret, mintSecret } from "../identity/secret.ts";
import type { Session } from "../identity/session.ts";
import type { User } from "../identity/user.ts";
import { openSqlite } from "../store/sqlite.ts";
import type { Hashing } from "./bench-advice.ts";

const perCommit = 500;
const startSeconds = 60;
const day = 86_400_000;

export const password = "analytical engine";

export interface Filled {
  readonly data: string;

  /** Of open sessions, one for each account. */
  readonly tokens: readonly string[];

  readonly usernames: readonly string[];
}

/** Accounts with one open session each, and one password: `passwordHash` is its hash. */
export async function fillHouse(
  folder: string,
  { accounts, passwordHash }: { accounts: number; passwordHash: string },
): Promise<Filled> {
  const data = join(folder, "house");
  makeFolder(data);
  masterKey(data, undefined);
  const store = openSqlite(databasePath(data));
  const people = Array.from({ length: accounts }, (_, number) => person(number, passwordHash));
  for (let from = 0; from < people.length; from += perCommit)
    await store.write(async (tx) => {
      for (const { user, session } of people.slice(from, from + perCommit)) {
        await tx.users.insert(user);
        await tx.sessions.insert(session);
      }
    });
  await store.close();
  return {
    data,
    tokens: people.map(({ token }) => token),
    usernames: people.map(({ user }) => user.username),
  };
}

/** The first is an admin, because a house has one. */
function person(number: number, passwordHash: string): { user: User; session: Session; token: string } {
  const now = new Date();
  const token = mintSecret(48);
  const user: User = {
    id: newId("usr", now),
    username: `person-${number}`,
    email: null,
    emailVerified: false,
    name: null,
    role: number === 0 ? "admin" : "member",
    passwordHash,
    disabledAt: null,
    createdAt: now,
    twoFactorAt: null,
  };
  const session: Session = {
    id: newId("ses", now),
    userId: user.id,
    tokenHash: hashSecret(token),
    kind: "web",
    device: "a browser",
    ip: "192.0.2.7",
    userAgent: null,
    methods: ["pwd"],
    createdAt: now,
    lastSeenAt: now,
    expiresAt: new Date(now.getTime() + 30 * day),
    provedAt: now,
    endedAt: null,
  };
  return { user, session, token };
}

export interface Served {
  readonly url: string;

  /** From the start of the process to its first answer, in milliseconds. */
  readonly startedIn: number;

  /** Of the process, in bytes. */
  memory(): Promise<number>;

  stop(): Promise<void>;
}

/** Serves `data` from a process of its own, on loopback. Throws `Failure` when it does not come up. */
export async function serveHouse(data: string, { memoryKib, passes }: Hashing): Promise<Served> {
  const port = freePort();
  const url = `http://127.0.0.1:${port}`;
  const flags = {
    data,
    host: "127.0.0.1",
    port,
    "limit-signin": "off",
    "argon2-memory-kib": memoryKib,
    "argon2-passes": passes,
    "log-level": "error",
  };
  const began = performance.now();
  const child = Bun.spawn(
    [...self(), "serve", ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)])],
    // Nothing that is set for the real house reaches this one.
    { cwd: data, env: {}, stdin: "ignore", stdout: "ignore", stderr: "pipe" },
  );
  const kill = () => child.kill("SIGKILL");
  // Before its folder is removed.
  process.prependOnceListener("exit", kill);
  const said = new Response(child.stderr).text();
  while (!(await answers(url)))
    if (child.exitCode === null && performance.now() - began < startSeconds * 1000) await Bun.sleep(2);
    else {
      kill();
      const [line = ""] = (await said).trim().split("\n").slice(-1);
      throw new Failure(`the house to measure did not start: ${line || "no answer"}`);
    }
  return {
    url,
    startedIn: performance.now() - began,
    memory: async () => residentBytes(await (await fetch(`${url}/metrics`)).text()),
    async stop() {
      child.kill("SIGTERM");
      await child.exited;
      process.off("exit", kill);
    },
  };
}

/** What runs this program: the executable alone, or Bun with its source. */
const self = (): string[] =>
  /^(\/\$bunfs\/|[A-Z]:[\\/]~BUN[\\/])/.test(Bun.main) ? [process.execPath] : [process.execPath, Bun.main];

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(1000) })).ok;
  } catch {
    return false;
  }
}

function freePort(): number {
  using taken = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  return taken.port;
}

function residentBytes(metrics: string): number {
  const [, bytes] = /^process_resident_memory_bytes (\S+)$/m.exec(metrics) ?? [];
  return Number(bytes);
}
