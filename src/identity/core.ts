import type { FirstRunFiles } from "./bootstrap.ts";
import type { Doctor, Seen } from "./doctor.ts";
import type { Hasher } from "./hasher.ts";
import type { Keyring } from "./keyring.ts";
import type { Limiter } from "./limit.ts";
import type { Letters, Post } from "./mail.ts";
import type { Metrics } from "./metrics.ts";
import type { Fixed } from "./policy.ts";
import type { Store } from "./store.ts";
import type { Upstream } from "./upstream.ts";

/** What every verb needs. Passed first, always explicitly; there is no container. */
export interface Core {
  readonly store: Store;

  /** The date. Nothing in `identity/` reads a clock itself, so a test can turn this one. */
  readonly clock: () => Date;

  readonly keys: Keyring;
  readonly hasher: Hasher;
  readonly log: Log;
  readonly firstRun: FirstRunFiles;

  /** What the environment, the flags and the file decided; settings in the database fill the rest. */
  readonly fixed: Fixed;

  /** The public origin as long as nobody has set one: where this process listens. */
  readonly defaultUrl: () => string;

  /** Whether guessing is slowed down per account; off only where an operator switched the limit off. */
  readonly slowDown: boolean;

  /** Proofs being checked right now, by whose and where: they count as failures until they end. */
  readonly pendingTries: Map<string, number>;

  readonly limiter: Limiter;

  /** Whether letters to an address are limited; off only where an operator switched that limit off. */
  readonly mailLimits: boolean;

  readonly letters: Letters;
  readonly post: Post;

  /** Speaks to other providers. */
  readonly upstream: Upstream;

  readonly metrics: Metrics;
  readonly doctor: Doctor;
  readonly seen: Seen;

  /** When each session and each API key was last used, until `writeSightings` puts it into the store. */
  readonly sightings: Map<string, Date>;
}

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Log {
  /** Whether lines of this level are kept: for callers whose line costs something to put together. */
  writes(level: "debug" | "info" | "warn" | "error"): boolean;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** The moment `seconds` from now, as the core tells time. */
export function later(core: Core, seconds: number): Date {
  return new Date(core.clock().getTime() + seconds * 1000);
}
