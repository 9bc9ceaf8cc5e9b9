/**
 * The house gets another host name. Authenticators bind a passkey to the name it was made with (its RP ID), so for
 * a time the house is known by two: passkeys of both sign in, new ones are made for the present one alone.
 *
 *     settled ──moveHouse──▶ moved (passkeys of the former host sign in, too) ──endMove──▶ settled
 *
 * Two names at once are no weaker than one. A passkey is judged under the name it was enrolled with and no other,
 * so the challenge need not be bound to a name; the name it signed is one that an operator gave the house, never
 * one from a request; and the page has to be at one of the house's present origins. Who gets hold of the former
 * name can list pages of their own there (WebAuthn Level 3 §5.11), and browsers will let those ask for the passkey;
 * but what it signs names their page, and is refused here.
 */
import { record } from "./audit.ts";
import type { Core } from "./core.ts";
import { hostOf, type Policy, policy } from "./policy.ts";
import { Refusal } from "./refusal.ts";
import type { Writes } from "./store.ts";
import type { User } from "./user.ts";
import { hasWayIn } from "./way-in.ts";

export interface FormerHost {
  readonly host: string;

  /** ISO 8601. */
  readonly since: string;
}

const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const hostForm = new RegExp(`^(?=.{1,253}$)${label}(?:\\.${label})*$`);

/** The origin that `typed` means: `auth.example.org[:port]`, with or without its scheme. Null for an IP address. */
export function originOf(typed: string): string | null {
  const [, scheme, authority = ""] = /^(?:(https?):\/\/)?([\w.-]+(?::\d{1,5})?)\/?$/i.exec(typed) ?? [];
  const address = `${scheme ?? (isLocal(authority.replace(/:.*/, "")) ? "http" : "https")}://${authority}`;
  if (!URL.canParse(address)) return null;
  const { hostname, origin } = new URL(address);
  return hostForm.test(hostname) && !/^[\d.]+$/.test(hostname) ? origin : null;
}

/** Whether browsers do passkeys on a page there (a secure context). */
export const isSecure = (origin: string): boolean => origin.startsWith("https:") || isLocal(hostOf(origin));

const isLocal = (host: string): boolean => /(^|\.)localhost$/i.test(host);

export interface Move {
  /** Host names. */
  readonly from: string;
  readonly to: string;

  /** The origin of the house from now on. */
  readonly url: string;
}

/**
 * Moves the house from the host `from` to the origin `url`; where it is said to be there already, by whoever
 * decides that, only remembers where it was. Doing it again changes nothing.
 *
 * Refuses: `INVALID_REQUEST`; `SETTING_FIXED` when the environment says where the house is.
 */
export function moveHouse(core: Core, { from, url }: Pick<Move, "from" | "url">): Promise<Move> {
  return core.store.write(async (tx) => {
    const to = hostOf(url);
    if (to === from) throw wrong("This is the host that is moved from.");
    const { formerHost } = await tx.settings.current();
    const move = { from, to, url };
    const present = (await policy(core, tx)).url;
    if (present !== url) await refuseToLeave(core, present, move);
    else if (formerHost?.host === from) return move;
    else if ((await tx.passkeys.holders(from)).length === 0)
      throw wrong(`The house is at ${to} already, and nobody has a passkey of ${from}.`);
    if (formerHost && formerHost.host !== from && formerHost.host !== to)
      throw wrong(`The move from ${formerHost.host} is not over. End it first.`);
    const former = { host: from, since: core.clock().toISOString() };
    await tx.settings.put({ ...(present !== url && { url }), formerHost: former });
    await record(core, tx, null, { event: "settings.changed", reason: `moved ${from} ${to}` });
    return move;
  });
}

async function refuseToLeave(core: Core, present: string, { from, url }: Move): Promise<void> {
  if (hostOf(present) !== from) throw wrong(`The house is at ${present}.`);
  if (core.fixed.settings.url === undefined) return;
  throw new Refusal("SETTING_FIXED", {
    message: `The environment says that the house is at ${present}. Set HOUSEKEY_URL to ${url} there, and run this with it.`,
  });
}

/**
 * Ends it: passkeys of the former host sign in no more.
 *
 * Refuses: `NOT_FOUND` when the house did not move; without `force`, `LAST_SIGN_IN_METHOD` when somebody would
 * have no way in left.
 */
export function endMove(core: Core, { force }: { force: boolean }): Promise<FormerHost> {
  return core.store.write(async (tx) => {
    const { formerHost } = await tx.settings.current();
    if (!formerHost) throw new Refusal("NOT_FOUND", { message: "The house has no former host." });
    const rules = { ...(await policy(core, tx)), formerHost: null };
    const locked = force ? [] : await lockedOut(core, tx, rules, formerHost.host);
    if (locked.length > 0)
      throw new Refusal("LAST_SIGN_IN_METHOD", {
        message: `Without their passkeys of ${formerHost.host} these could not sign in any more: ${locked.join(", ")}.`,
      });
    await tx.settings.put({ formerHost: null });
    await record(core, tx, null, { event: "settings.changed", reason: `move ended ${formerHost.host}` });
    return formerHost;
  });
}

/** The usernames of those who would have no way in under `rules`. */
async function lockedOut(core: Core, tx: Writes, rules: Policy, host: string): Promise<string[]> {
  const locked: string[] = [];
  for (const id of await tx.passkeys.holders(host)) {
    const user = await tx.users.find(id);
    if (user && !user.disabledAt && !(await hasWayIn({ core, tx, rules, user }))) locked.push(user.username);
  }
  return locked;
}

export interface Holder {
  readonly user: User;

  /** Whether all of their passkeys that sign in are of the former host. */
  readonly all: boolean;
}

export interface Whereabouts {
  readonly url: string;
  readonly host: string;
  readonly former: FormerHost | null;

  /** Those with passkeys of the former host, in the order their accounts were made. */
  readonly holders: readonly Holder[];
}

/** Where the house is, where it was, and who has still to make a passkey for where it is. */
export async function whereabouts(core: Core): Promise<Whereabouts> {
  const { url, formerHost: former } = await policy(core);
  const host = hostOf(url);
  const { passkeys, users } = core.store.read;
  const holders: Holder[] = [];
  for (const id of former ? await passkeys.holders(former.host) : []) {
    const user = await users.find(id);
    if (!user) continue;
    const all = (await passkeys.list(id)).every(({ rpId }) => rpId !== host);
    holders.push({ user, all });
  }
  return { url, host, former, holders };
}

/** The pages that may ask for passkeys of the house's names (WebAuthn Level 3 §5.11): present ones, over https. */
export async function relatedOrigins(core: Core): Promise<string[]> {
  const { url } = await policy(core);
  return [...new Set([url, ...core.fixed.origins])].filter((origin) => origin.startsWith("https:"));
}

const wrong = (message: string): Refusal =>
  new Refusal("INVALID_REQUEST", { details: [{ path: "", message }] });
