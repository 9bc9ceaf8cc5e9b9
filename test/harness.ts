/** A whole appliance in this process, on a real database in a temporary folder, with a clock the test can turn. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeDoctor } from "../src/doctor/examine.ts";
import { fixedBy, limitsBy } from "../src/host/core.ts";
import { databasePath, firstRunFiles, isMarked } from "../src/host/folder.ts";
import { machineOf } from "../src/host/machine.ts";
import { beginFirstRun } from "../src/identity/bootstrap.ts";
import type { Core, Log } from "../src/identity/core.ts";
import { nothingSeen } from "../src/identity/doctor.ts";
import { type HasherOptions, makeHasher } from "../src/identity/hasher.ts";
import { newId } from "../src/identity/id.ts";
import { makeKeyring } from "../src/identity/keyring.ts";
import { makeLimiter } from "../src/identity/limit.ts";
import { type Envelope, type Post, sendDue } from "../src/identity/mail.ts";
import { newMetrics, noteWrite } from "../src/identity/metrics.ts";
import { examineProvider } from "../src/identity/provider.ts";
import { openSession } from "../src/identity/session.ts";
import { rotateSigningKey, type SigningKey } from "../src/identity/signing-key.ts";
import type { User } from "../src/identity/user.ts";
import { isSound } from "../src/identity/verify.ts";
import { letters } from "../src/mail/texts.ts";
import type { Values } from "../src/names.ts";
import { server } from "../src/server.ts";
import { openSqlite, type SqliteOptions } from "../src/store/sqlite.ts";
import { verifyDatabase } from "../src/store/verify.ts";
import { makeUpstream } from "../src/upstream/lazy.ts";

export interface ApplianceOptions {
  /** As the operator would configure them. */
  readonly values?: Values;

  readonly store?: SqliteOptions;
  readonly hasher?: Partial<HasherOptions>;

  /** The test writes past the store, so that what it leaves need not be sound. */
  readonly tampered?: true;

  /** Opens this folder instead of a new one, and leaves it there. */
  readonly folder?: string;
}

export interface Asked {
  readonly token?: string;
  readonly cookie?: string;
  readonly origin?: string | null;
  readonly headers?: Record<string, string>;

  /** Sent as JSON; a string is sent as it is, under `type`. */
  readonly body?: unknown;
  readonly type?: string;
}

export interface Answered {
  readonly status: number;
  /** JSON, judged by the assertions. */
  readonly body: any;
  readonly text: string;
  readonly headers: Headers;

  /** `name=value` pairs as a browser would send them back. */
  readonly cookie: string;
}

const masterKey = new Uint8Array(32).fill(7);

/** Cheap hashing: what is tested here is not argon2id. */
const cheap = { width: 2, depth: 64, memoryKib: 64, passes: 1 };

const unlimited: Values = {
  limit_signin: "off",
  limit_register: "off",
  limit_refresh: "off",
  limit_device: "off",
  limit_poll: "off",
  limit_bootstrap: "off",
};

export const origin = "http://localhost:8420";
export const password = "analytical engine";

export async function startAppliance(options: ApplianceOptions = {}) {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "housekey-"));
  const metrics = newMetrics(machineOf(folder));
  const store = openSqlite(databasePath(folder), {
    recalled: metrics.recalled,
    onWrite: (milliseconds) => noteWrite(metrics, milliseconds),
    ...options.store,
  });
  // Limits are off unless a test asks for them: most tests ask more often than any person.
  const values: Values = { ...unlimited, ...options.values };
  const lines: string[] = [];
  const outbox: Envelope[] = [];
  const log: Log = logInto(lines);
  let now = new Date("2026-01-01T00:00:00Z");
  const seen = nothingSeen();
  const post: Post = {
    deliver: async (envelope) => void outbox.push(envelope),
    async examine(envelope) {
      if (envelope) outbox.push(envelope);
      return { steps: [{ name: "outbox", ok: true, message: "kept for the test" }], transcript: [] };
    },
  };
  const core: Core = {
    store,
    log,
    clock: () => now,
    defaultUrl: () => origin,
    keys: makeKeyring(masterKey),
    hasher: makeHasher({ ...cheap, ...options.hasher }),
    firstRun: firstRunFiles(folder, log),
    fixed: fixedBy({ values }),
    slowDown: values.limit_signin !== "off",
    pendingTries: new Map(),
    mailLimits: values.limit_register !== "off",
    letters,
    post,
    upstream: makeUpstream({ milliseconds: 400, bytes: 256 * 1024 }),
    limiter: makeLimiter({ limits: limitsBy({ values }), ticks: () => now.getTime() }),
    sightings: new Map(),
    seen,
    metrics,
    doctor: makeDoctor({
      config: { data: folder, values: { ...values, master_key: masterKey }, notes: [] },
      post,
      clock: () => now,
      seen,
      clockMoved: () => 0,
      ahead: 0,
      crashed: null,
      provider: () => examineProvider(core),
      defaultUrl: () => origin,
    }),
  };
  const app = server(core);
  // A key takes a tenth of a second to make: one for the whole process, sealed under the same master key.
  signingKey ??= await firstKey(core);
  const key = signingKey;
  if (options.folder === undefined) await store.write((tx) => tx.signingKeys.insert(key));

  async function call(method: string, path: string, asked: Asked = {}): Promise<Answered> {
    const headers = new Headers(asked.headers);
    if (asked.token !== undefined) headers.set("authorization", `Bearer ${asked.token}`);
    if (asked.cookie !== undefined) headers.set("cookie", asked.cookie);
    // A browser names its page on every unsafe request; `origin: null` is a client that does not.
    if (asked.origin !== null) headers.set("origin", asked.origin ?? origin);
    const { body } = asked;
    if (body !== undefined) headers.set("content-type", asked.type ?? "application/json");
    const response = await app.handle(
      new Request(`http://localhost:8420${path}`, {
        method,
        headers,
        ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    return {
      status: response.status,
      text,
      body: response.headers.get("content-type")?.includes("json") ? JSON.parse(text) : null,
      headers: response.headers,
      cookie: response.headers
        .getSetCookie()
        .map((line) => line.split(";")[0])
        .join("; "),
    };
  }

  return {
    core,
    app,
    folder,
    lines,
    outbox,
    call,
    get: (path: string, asked?: Asked) => call("GET", path, asked),
    post: (path: string, body?: unknown, asked?: Asked) => call("POST", path, { ...asked, body }),
    delete: (path: string, asked?: Asked) => call("DELETE", path, asked),

    advance(seconds: number) {
      now = new Date(now.getTime() + seconds * 1000);
    },

    /** Sends what is queued; answers everything that ever went to `address`, newest last. */
    async mailTo(address: string): Promise<Envelope[]> {
      while ((await sendDue(core)) > 0);
      return outbox.filter(({ to }) => to === address);
    },

    /** The code in the last letter to `address`. */
    async codeFor(address: string): Promise<string> {
      const letters = await this.mailTo(address);
      return /\b\d{6}\b/.exec(letters.at(-1)?.text ?? "")?.[0] ?? "no code";
    },

    /** The first-run token, as a start would mint it. */
    async firstRunToken(preset: string | null = null): Promise<string> {
      const begun = await beginFirstRun(core, preset);
      if (begun.state !== "open") throw new Error(`the first run is ${begun.state}`);
      return begun.token;
    },

    /** An account, made straight in the store; its password is `password` unless told. */
    async addUser(username: string, facts: Partial<User> & { password?: string } = {}): Promise<User> {
      const { password: own = password, ...rest } = facts;
      const user: User = {
        id: newId("usr", now),
        username,
        email: `${username}@example.com`,
        emailVerified: false,
        name: null,
        role: "member",
        passwordHash: await core.hasher.hash(own),
        disabledAt: null,
        twoFactorAt: null,
        createdAt: now,
        ...rest,
      };
      await store.write((tx) => tx.users.insert(user));
      return user;
    },

    /** A session of `user`'s, made without signing in; answers its token. */
    async addSession(user: User): Promise<{ token: string; id: string }> {
      const place = { address: "127.0.0.1", userAgent: null, device: null, browser: null };
      const asked = { userId: user.id, kind: "web", methods: ["pwd" as const], place } as const;
      const { token, session } = await store.write((tx) =>
        openSession(core, tx, { ...asked, methods: [...asked.methods] }),
      );
      return { token, id: session.id };
    },

    async [Symbol.asyncDispose]() {
      await store.close();
      const marked = isMarked(folder) || null;
      const findings = options.tampered ? [] : verifyDatabase(databasePath(folder), { marked });
      if (options.folder === undefined) rmSync(folder, { recursive: true });
      if (!isSound(findings))
        throw new Error(
          `the test leaves a house that is not sound: ${findings.flatMap(({ problems }) => problems).join("; ")}`,
        );
    },
  };
}

let signingKey: SigningKey | undefined;

async function firstKey(core: Core): Promise<SigningKey> {
  await rotateSigningKey(core);
  const [key] = await core.store.read.signingKeys.current();
  if (!key) throw new Error("no signing key");
  await core.store.write((tx) => tx.signingKeys.retire(new Date(0)));
  await core.store.write((tx) => tx.signingKeys.sweep(new Date(0)));
  return key;
}

export type Appliance = Awaited<ReturnType<typeof startAppliance>>;

function logInto(lines: string[]): Log {
  const at = (level: string) => (message: string, fields?: object) =>
    void lines.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`);
  return { writes: () => true, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
