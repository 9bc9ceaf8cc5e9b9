/**
 * What providers publish of themselves: the description (OpenID Connect Discovery 1.0 §4) and the keys. Both are
 * kept for some minutes; for a key nobody has seen yet, the keys are fetched anew, but at most once a minute.
 */
import type { JSONWebKeySet } from "jose";
import { UpstreamFault } from "../identity/upstream.ts";
import { quoted } from "./fault.ts";
import { type Bounds, fetchWithin, isAllowed } from "./fetch.ts";

/** The members this house uses, checked; the rest as it came. */
export interface Description {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly jwks_uri: string;
  readonly userinfo_endpoint?: string;
  readonly authorization_response_iss_parameter_supported?: boolean;
  readonly token_endpoint_auth_methods_supported?: readonly string[];
  readonly id_token_signing_alg_values_supported: string[];

  /** What the provider's clock said, in milliseconds since 1970; null when it did not say. */
  readonly date: number | null;
}

export interface Directory {
  describe(issuer: string, now: Date, how?: { readonly anew: boolean }): Promise<Description>;

  keys(description: Description, now: Date, how?: { readonly anew: boolean }): Promise<JSONWebKeySet>;

  /** The keys again because one is missing; null when they were fetched less than a minute ago. */
  newKeys(description: Description, now: Date): Promise<JSONWebKeySet | null>;
}

/** What an ID token may be signed with. */
export const algorithms = ["RS256", "ES256", "EdDSA"] as const;

const keptSeconds = 600;
const refetchSeconds = 60;

/** A provider that just failed is not asked again at once by everybody who waits for it. */
const failedSeconds = 5;
const mostKept = 32;

export function makeDirectory(bounds: Bounds): Directory {
  const descriptions = makeShelf((issuer) => describe(bounds, issuer));
  const keySets = makeShelf((address) => fetchKeys(bounds, address));
  return {
    describe: (issuer, now, { anew } = { anew: false }) =>
      descriptions.take(issuer, now, anew ? 0 : keptSeconds),
    keys: ({ jwks_uri }, now, { anew } = { anew: false }) =>
      keySets.take(jwks_uri, now, anew ? 0 : keptSeconds),
    async newKeys({ jwks_uri }, now) {
      if (keySets.age(jwks_uri, now) < refetchSeconds) return null;
      return keySets.take(jwks_uri, now, 0);
    },
  };
}

interface Kept<T> {
  readonly at: number;
  readonly value: Promise<T>;
  failed: boolean;
}

/** Whoever asks while it is being fetched waits for the same answer. */
function makeShelf<T>(load: (address: string) => Promise<T>) {
  const shelf = new Map<string, Kept<T>>();

  const age = (address: string, now: Date): number => {
    const at = shelf.get(address)?.at;
    // A clock that was set back makes nothing keep for longer.
    return at === undefined || at > now.getTime() ? Number.POSITIVE_INFINITY : (now.getTime() - at) / 1000;
  };

  return {
    age,
    take(address: string, now: Date, seconds: number): Promise<T> {
      const known = shelf.get(address);
      if (known && age(address, now) < (known.failed ? Math.min(seconds, failedSeconds) : seconds))
        return known.value;
      const kept: Kept<T> = { at: now.getTime(), value: load(address), failed: false };
      kept.value.catch(() => {
        kept.failed = true;
      });
      shelf.delete(address);
      shelf.set(address, kept);
      if (shelf.size > mostKept) shelf.delete(shelf.keys().next().value ?? "");
      return kept.value;
    },
  };
}

const wellKnown = (issuer: string): string => `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;

async function describe(bounds: Bounds, issuer: string): Promise<Description> {
  if (!isAllowed(issuer) || /[?#]/.test(issuer))
    throw fault("The issuer is no address that can be asked.", "Use https, or http for this machine alone.");
  const address = wellKnown(issuer);
  const response = await fetchWithin(bounds, address, { headers: { accept: "application/json" } });
  const found = await json(response, address);
  if (found.issuer !== issuer)
    throw fault(
      `The provider calls itself ${quoted(found.issuer)}, which is not the issuer that was entered.`,
      "Enter the issuer exactly as the provider writes it, with or without the slash at its end.",
    );
  return { ...endpoints(found, issuer), date: dateOf(response) };
}

function endpoints(found: Record<string, unknown>, issuer: string): Omit<Description, "date"> {
  const place = (name: string): string => {
    const value = found[name];
    // What is public may not point back into this machine.
    const inside = typeof value === "string" && value.startsWith("http:") && !issuer.startsWith("http:");
    if (typeof value !== "string" || !isAllowed(value) || inside)
      throw fault(
        `The provider's description has no ${name} that can be used.`,
        "See whether it is a provider of OpenID Connect, and serves all of it over https.",
      );
    return value;
  };
  const offered = texts(found.id_token_signing_alg_values_supported) ?? ["RS256"];
  const usable = algorithms.filter((one) => offered.includes(one));
  if (usable.length === 0)
    throw fault(
      `The provider signs with ${quoted(offered.join(", "))} alone.`,
      `Have it sign ID tokens with one of ${algorithms.join(", ")}.`,
    );
  const types = texts(found.response_types_supported);
  if (types && !types.includes("code"))
    throw fault("The provider does not offer the code flow.", "Allow the response type `code` there.");
  const { authorization_response_iss_parameter_supported: names } = found;
  const methods = texts(found.token_endpoint_auth_methods_supported);
  return {
    issuer,
    authorization_endpoint: place("authorization_endpoint"),
    token_endpoint: place("token_endpoint"),
    jwks_uri: place("jwks_uri"),
    ...(found.userinfo_endpoint !== undefined && { userinfo_endpoint: place("userinfo_endpoint") }),
    ...(methods && { token_endpoint_auth_methods_supported: methods }),
    ...(names === true && { authorization_response_iss_parameter_supported: true }),
    id_token_signing_alg_values_supported: usable,
  };
}

async function fetchKeys(bounds: Bounds, address: string): Promise<JSONWebKeySet> {
  const response = await fetchWithin(bounds, address, { headers: { accept: "application/json" } });
  const { keys } = await json(response, address);
  const usable = Array.isArray(keys) ? keys.filter((key) => /^(RSA|EC|OKP)$/.test(key?.kty)) : [];
  if (usable.length === 0)
    throw fault(
      "The provider publishes no key that ID tokens could be checked with.",
      "See its key settings.",
    );
  return { keys: usable };
}

async function json(response: Response, address: string): Promise<Record<string, unknown>> {
  const { host, pathname } = new URL(address);
  if (response.status !== 200)
    throw fault(
      `${host} answers ${response.status} for ${quoted(pathname)}.`,
      "Check the issuer: its description lies right below it.",
    );
  const value: unknown = await response.json().catch(() => null);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw fault(`What ${host} answers for ${quoted(pathname)} is not JSON.`, "Check the issuer.");
  return value as Record<string, unknown>;
}

function dateOf(response: Response): number | null {
  const date = Date.parse(response.headers.get("date") ?? "");
  return Number.isNaN(date) ? null : date;
}

const texts = (value: unknown): string[] | null =>
  Array.isArray(value) ? value.filter((one) => typeof one === "string") : null;

const fault = (words: string, fix: string): UpstreamFault => new UpstreamFault("unavailable", words, { fix });
