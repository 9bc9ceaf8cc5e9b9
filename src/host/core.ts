/** Puts a `Core` together from what the operator configured: the same for the server and for every command. */
import { availableParallelism } from "node:os";
import type { Config } from "../config.ts";
import type { Core, Log } from "../identity/core.ts";
import type { Doctor, Seen } from "../identity/doctor.ts";
import { makeHasher } from "../identity/hasher.ts";
import { makeKeyring } from "../identity/keyring.ts";
import { defaultLimits, type Limits, makeLimiter } from "../identity/limit.ts";
import type { Letters, Post } from "../identity/mail.ts";
import type { Metrics } from "../identity/metrics.ts";
import type { Fixed, Lifetimes } from "../identity/policy.ts";
import type { Store } from "../identity/store.ts";
import type { Upstream } from "../identity/upstream.ts";
import { firstRunFiles } from "./folder.ts";
import { lowerPoolThreads } from "./threads.ts";

interface Parts {
  readonly config: Config;
  readonly store: Store;
  readonly log: Log;
  readonly master: Uint8Array;
  readonly letters: Letters;
  readonly post: Post;
  readonly metrics: Metrics;
  readonly doctor: Doctor;
  readonly seen: Seen;
  readonly upstream: Upstream;

  /** The public origin while nobody has set one. */
  readonly defaultUrl: () => string;
}

export function makeCore({ config, master, ...parts }: Parts): Core {
  const { values, data } = config;
  return {
    ...parts,
    clock: () => new Date(),
    keys: makeKeyring(master),
    hasher: makeHasher({
      width: availableParallelism(),
      depth: 64,
      memoryKib: values.argon2_memory_kib ?? 19_456,
      passes: values.argon2_passes ?? 2,
      onStart: lowerPoolThreads(() => performance.now()),
    }),
    firstRun: firstRunFiles(data, parts.log),
    fixed: fixedBy(config),
    slowDown: values.limit_signin !== "off",
    pendingTries: new Map(),
    mailLimits: values.limit_register !== "off",
    limiter: makeLimiter({ limits: limitsBy(config), ticks: () => performance.now() }),
    sightings: new Map(),
  };
}

export function fixedBy({ values }: Pick<Config, "values">): Fixed {
  const lifetimes = dropAbsent<Lifetimes>({
    access: values.access_ttl,
    refresh: values.refresh_ttl,
    session: values.session_ttl,
    idle: values.session_idle,
    fresh: values.fresh,
  });
  return {
    settings: {
      ...(values.url !== undefined && { url: values.url }),
      ...(values.registration !== undefined && { registration: values.registration }),
      ...(Object.keys(lifetimes).length > 0 && { lifetimes }),
    },
    passwordMin: values.password_min ?? 8,
    origins: values.origins ?? [],
    trustedProxies: values.trusted_proxies ?? [],
    cookieDomain: values.cookie_domain ?? null,
    mail: values.smtp_url !== undefined,
    metricsToken: values.metrics_token ?? null,
    googleClientId: values.google_client_id ?? null,
    googleIssuer: values.google_issuer ?? "https://accounts.google.com",
  };
}

export function limitsBy({ values }: Pick<Config, "values">): Limits {
  return {
    ...defaultLimits,
    ...dropAbsent<Limits>({
      signin: values.limit_signin,
      register: values.limit_register,
      refresh: values.limit_refresh,
      device: values.limit_device,
      poll: values.limit_poll,
      bootstrap: values.limit_bootstrap,
      token: undefined,
      // Whoever wants no limit on polls wants none on guessing at what to poll.
      poll_guess: values.limit_poll === "off" ? "off" : undefined,
      code_guess: values.limit_poll === "off" ? "off" : undefined,
      general: undefined,
    }),
  };
}

const dropAbsent = <Facts>(facts: { [Key in keyof Facts]: Facts[Key] | undefined }): Partial<Facts> =>
  Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as Partial<Facts>;
