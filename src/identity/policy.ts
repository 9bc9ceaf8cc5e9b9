/** The rules in force: what the environment fixed, then what an admin set, then the defaults. */
import type { BypassRule } from "./bypass.ts";
import type { Core } from "./core.ts";
import type { FormerHost } from "./domain.ts";
import { andThen, type Found } from "./found.ts";
import type { Settings } from "./settings.ts";
import type { Writes } from "./store.ts";

export type Registration = "closed" | "invite" | "open";

/** In seconds. */
export interface Lifetimes {
  readonly access: number;
  readonly refresh: number;
  readonly session: number;
  readonly idle: number;
  readonly fresh: number;
}

/** What only the environment can say, and the settings it took out of the admin's hands. */
export interface Fixed {
  readonly settings: Settings;
  readonly passwordMin: number;

  /** Further origins whose pages may call, apps' schemes included. */
  readonly origins: readonly string[];

  /** Addresses and CIDR ranges whose forwarding headers are believed. */
  readonly trustedProxies: readonly string[];

  readonly cookieDomain: string | null;
  readonly mail: boolean;
  readonly googleClientId: string | null;

  /** Whose ID tokens are taken for that client. */
  readonly googleIssuer: string;

  /** Opens `/metrics` from anywhere; null: only this machine may ask. */
  readonly metricsToken: string | null;
}

export interface Policy {
  /** The one public origin, without a trailing slash. */
  readonly url: string;

  /** False as long as nobody has decided the address: the house then also answers to local names. */
  readonly urlIsSet: boolean;

  readonly secure: boolean;
  readonly registration: Registration;
  readonly localLogin: boolean;
  readonly mailLogin: boolean;
  readonly lifetimes: Lifetimes;

  /** How many days a line of the audit is kept. */
  readonly auditDays: number;

  /** Where the house was before, while passkeys from there still sign in. */
  readonly formerHost: FormerHost | null;

  /** What is open to everybody at other applications. */
  readonly forwardBypass: readonly BypassRule[];
}

export const defaultLifetimes: Lifetimes = {
  access: 86_400,
  refresh: 7 * 86_400,
  session: 30 * 86_400,
  idle: 7 * 86_400,
  fresh: 900,
};

const computed = new WeakMap<Core, { readonly settings: Settings; readonly policy: Policy }>();

/**
 * The same object until a setting changed, and at once when it is remembered: this runs on every request. Inside a
 * write, `tx` says what holds there.
 */
export const policy = (core: Core, tx?: Writes): Found<Policy> =>
  tx ? policyIn(core, tx) : andThen(core.store.read.settings.current(), (settings) => by(core, settings));

const policyIn = async (core: Core, tx: Writes): Promise<Policy> => merge(core, await tx.settings.current());

function by(core: Core, settings: Settings): Policy {
  const known = computed.get(core);
  if (known?.settings === settings) return known.policy;
  const made = merge(core, settings);
  computed.set(core, { settings, policy: made });
  return made;
}

let parsed = { url: "http://localhost", host: "localhost" };

/** Asked on many requests about one and the same address. */
export function hostOf(url: string): string {
  if (parsed.url !== url) parsed = { url, host: new URL(url).hostname };
  return parsed.host;
}

/** The names that passkeys may be bound to: of the present host, and of the former one until its move is over. */
export const rpIdsOf = ({ url, formerHost }: Pick<Policy, "url" | "formerHost">): string[] =>
  formerHost ? [hostOf(url), formerHost.host] : [hostOf(url)];

/** The policy the last request went by; undefined before the first. For what can wait a request to be right. */
export const currentPolicy = (core: Core): Policy | undefined => computed.get(core)?.policy;

function merge(core: Core, settings: Settings): Policy {
  const fixed = core.fixed.settings;
  const chosen = fixed.url ?? settings.url;
  const url = chosen ?? core.defaultUrl();
  const { formerHost = null } = settings;
  return {
    url,
    urlIsSet: chosen !== undefined,
    secure: url.startsWith("https:"),
    registration: fixed.registration ?? settings.registration ?? "closed",
    localLogin: fixed.localLogin ?? settings.localLogin ?? true,
    mailLogin: fixed.mailLogin ?? settings.mailLogin ?? true,
    auditDays: settings.auditDays ?? 365,
    forwardBypass: settings.forwardBypass ?? [],
    // A house that is said to be where it was has not moved yet.
    formerHost: formerHost && formerHost.host !== hostOf(url) ? formerHost : null,
    lifetimes: { ...defaultLifetimes, ...settings.lifetimes, ...fixed.lifetimes },
  };
}
