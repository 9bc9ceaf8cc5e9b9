/**
 * Forward-auth: a proxy tells of a request to another application and asks whether to let it in.
 *
 *     told ──its path is open to all──▶ in, as nobody
 *       ├── a credential that may ────▶ in, as somebody
 *       ├── one that may not ─────────▶ forbidden
 *       └── none, or a wrong one ─────▶ unknown: sign in, where that would help
 */
import { type KeyCaller, keyPrefix, scopesOf } from "./api-key.ts";
import { isBypassed } from "./bypass.ts";
import { authenticateAny } from "./caller.ts";
import type { Core } from "./core.ts";
import { andThen, type Found } from "./found.ts";
import { noteGuardedHost } from "./guarded-host.ts";
import { may, type Permission } from "./permission.ts";
import { hostOf, type Policy, policy } from "./policy.ts";
import { Refusal } from "./refusal.ts";
import type { Caller } from "./session.ts";
import { fold, type User } from "./user.ts";

/** The request that is asked about. */
export interface Original {
  readonly scheme: "http" | "https";

  /** Lower case, with its port where that is not the scheme's own. */
  readonly host: string;

  readonly hostname: string;

  /** Path and query as they were sent. */
  readonly uri: string;
}

/** What it showed to say whose it is. */
export type Shown =
  | { readonly by: "nothing" }
  /** Something that is no credential, or two of them. */
  | { readonly by: "nonsense" }
  | { readonly by: "bearer" | "cookie"; readonly token: string }
  | { readonly by: "basic"; readonly name: string; readonly key: string };

export type Verdict =
  /** Null: nobody was asked for. */
  | { readonly is: "in"; readonly user: User | null }
  | { readonly is: "forbidden"; readonly message: string | null }
  | {
      readonly is: "unknown";

      /** What was shown is no credential that holds: a try at guessing. */
      readonly wrong: boolean;

      /** Why signing in would not help, as far as cookies go. */
      readonly beyond: "host" | "scheme" | null;
    };

const permission: Permission = "forward:auth";

/** At once where all that it takes is remembered. Refuses, either way: `STORE_UNAVAILABLE`. */
export function judgeForward(core: Core, original: Original, shown: Shown): Found<Verdict> {
  return andThen(policy(core), (rules) => judgeBy(core, rules, original, shown));
}

function judgeBy(core: Core, rules: Policy, original: Original, shown: Shown): Found<Verdict> {
  const { host, hostname, uri } = original;
  const reached = cookieReaches(core, rules, hostname);
  if (isBypassed(rules.forwardBypass, host, uri)) {
    note(core, original);
    return { is: "in", user: null };
  }
  const holder = shown.by === "cookie" && !reached ? null : holderOf(core, shown);
  const asked = { original, shown, reached, secure: rules.secure };
  return andThen(holder, (found) => verdictOn(core, found, asked));
}

interface Asked {
  readonly original: Original;
  readonly shown: Shown;

  /** Whether the cookie reaches that host. */
  readonly reached: boolean;

  readonly secure: boolean;
}

type Holder = Caller | KeyCaller;

function verdictOn(core: Core, holder: Holder | null, { original, shown, reached, secure }: Asked): Verdict {
  if (!holder) {
    const beyond = reached ? (secure && original.scheme === "http" ? "scheme" : null) : "host";
    return { is: "unknown", wrong: shown.by !== "nothing", beyond };
  }
  const allowed = "key" in holder ? scopesOf(holder).includes(permission) : may(holder.user.role, permission);
  if (!allowed)
    return {
      is: "forbidden",
      message: "key" in holder ? `This API key cannot do this: it has no scope ${permission}.` : null,
    };
  note(core, original);
  return { is: "in", user: holder.user };
}

function holderOf(core: Core, shown: Shown): Found<Holder | null> {
  if (shown.by === "nothing" || shown.by === "nonsense") return null;
  if (shown.by === "basic" && !shown.key.startsWith(keyPrefix)) return null;
  const called = (holder: Holder) =>
    shown.by === "basic" && !isCalled(holder.user, shown.name) ? null : holder;
  try {
    const holder = authenticateAny(core, shown.by === "basic" ? shown.key : shown.token);
    return holder instanceof Promise ? holder.then(called, nobody) : called(holder);
  } catch (error) {
    return nobody(error);
  }
}

function nobody(error: unknown): null {
  if (error instanceof Refusal && error.code === "UNAUTHENTICATED") return null;
  throw error;
}

/** By the username or the address, however it is typed. */
const isCalled = ({ username, email }: User, typed: string): boolean =>
  fold(typed) === username || (email !== null && fold(typed) === email);

function note(core: Core, { host, hostname }: Original): void {
  const { cookieDomain } = core.fixed;
  if (cookieDomain !== null && isUnder(cookieDomain, hostname)) noteGuardedHost(core, host);
}

const isUnder = (domain: string, hostname: string): boolean =>
  hostname === domain || hostname.endsWith(`.${domain}`);

/** Whether browsers send the session cookie to a host. */
const cookieReaches = ({ fixed: { cookieDomain } }: Core, { url }: Policy, hostname: string): boolean =>
  cookieDomain !== null ? isUnder(cookieDomain, hostname) : hostname === hostOf(url);

/** Where a browser may be sent on to, besides paths of the house. */
export interface Neighbourhood {
  /** Of the house, without a trailing slash. */
  readonly url: string;

  readonly cookieDomain: string | null;
}

/**
 * Whether an origin is the house's own, or one that shares its cookie: by https, under the cookie domain, and at
 * the usual port or the house's. Anything may listen at another.
 */
export function isNeighbour({ url, cookieDomain }: Neighbourhood, origin: string): boolean {
  if (origin === url) return true;
  if (cookieDomain === null) return false;
  const { protocol, hostname, port } = new URL(origin);
  const usual = port === "" || port === new URL(url).port;
  return protocol === "https:" && usual && isUnder(cookieDomain, hostname);
}

/** What an application is told of who is there. All of them empty: nobody. */
export interface Told {
  readonly user: string;
  readonly name: string;
  readonly email: string;
  readonly groups: string;
}

/**
 * An address that nobody has proved to be theirs is kept back where the house can send letters: applications link
 * accounts by it. Where it cannot, addresses are what an admin or their owner says.
 */
export function toldOf(core: Core, user: User | null): Told {
  if (!user) return { user: "", name: "", email: "", groups: "" };
  const { username, name, email, emailVerified, role } = user;
  return {
    user: username,
    name: name ?? username,
    email: (emailVerified || !core.fixed.mail ? email : null) ?? "",
    groups: role,
  };
}
