/** The authorization code flow (OpenID Connect Core 1.0 §3.1, RFC 9700), by openid-client within our bounds. */
import * as oidc from "openid-client";
import { type Claims, type Client, type Secrets, UpstreamFault } from "../identity/upstream.ts";
import type { Description, Directory } from "./directory.ts";
import { denied, quoted } from "./fault.ts";
import { type Bounds, fetchWithin } from "./fetch.ts";
import { type IdToken, readIdToken } from "./id-token.ts";

export interface Flow {
  readonly bounds: Bounds;
  readonly directory: Directory;
}

export async function signInUrl(
  { bounds, directory }: Flow,
  client: Client,
  { state, nonce, verifier }: Secrets,
  now: Date,
): Promise<string> {
  const config = configure(bounds, client, await directory.describe(client.issuer, now), now);
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: client.redirectUri,
    scope: client.scopes.join(" "),
    state,
    nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  });
  return url.href;
}

export async function redeem(
  { bounds, directory }: Flow,
  client: Client,
  { state, nonce, verifier }: Secrets,
  query: URLSearchParams,
  now: Date,
): Promise<Claims> {
  const description = await directory.describe(client.issuer, now);
  const config = configure(bounds, client, description, now);
  // The address we gave out, whatever one the request came by.
  const returned = new URL(client.redirectUri);
  returned.search = query.toString();
  try {
    const checks = {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    };
    const answer = await oidc.authorizationCodeGrant(config, returned, checks);
    const { issuer, clientId: audience } = client;
    // It came over TLS, but its signature is checked as if it had not.
    const asked = { issuer, audience, token: answer.id_token ?? "", nonce };
    const token = await readIdToken(directory, asked, now);
    if (!wantsMore(token, client, description)) return claimsOf(issuer, token);
    const info = await oidc.fetchUserInfo(config, answer.access_token, token.sub);
    return claimsOf(issuer, { ...info, sub: token.sub });
  } catch (error) {
    throw meaning(error, client.issuer);
  }
}

/** Many providers keep addresses out of the ID token. All is taken from the one or all from the other, never mixed. */
const wantsMore = (token: IdToken, { scopes }: Client, { userinfo_endpoint }: Description): boolean =>
  token.email === undefined && userinfo_endpoint !== undefined && scopes.includes("email");

export function claimsOf(
  issuer: string,
  said: Readonly<Record<string, unknown>> & { readonly sub: string },
): Claims {
  const text = (value: unknown, most: number) => {
    const clean = typeof value === "string" ? value.replace(/\p{C}/gu, "").trim() : "";
    return clean === "" || clean.length > most ? null : clean;
  };
  // Verified is the JSON `true`; the text "true" is what somebody could have typed into a profile.
  const email = said.email_verified === true ? text(said.email, 254) : null;
  return {
    issuer,
    subject: said.sub,
    email: email?.toLowerCase() ?? null,
    name: text(said.name, 200),
    handle: text(said.preferred_username, 254),
  };
}

/** How this house presents itself at the token endpoint. */
function clientAuth(
  { clientSecret }: Client,
  { token_endpoint_auth_methods_supported: offered }: Description,
) {
  if (clientSecret === null) return oidc.None();
  return offered && !offered.includes("client_secret_basic") && offered.includes("client_secret_post")
    ? oidc.ClientSecretPost(clientSecret)
    : oidc.ClientSecretBasic(clientSecret);
}

function configure(bounds: Bounds, client: Client, description: Description, now: Date): oidc.Configuration {
  const { date: _, ...metadata } = description;
  const skew = Math.round((now.getTime() - Date.now()) / 1000);
  const config = new oidc.Configuration(
    {
      ...metadata,
      token_endpoint_auth_methods_supported: [...(metadata.token_endpoint_auth_methods_supported ?? [])],
    },
    client.clientId,
    { [oidc.clockSkew]: skew, [oidc.clockTolerance]: 60 },
    clientAuth(client, description),
  );
  config[oidc.customFetch] = (address, init) => fetchWithin(bounds, address, init as RequestInit);
  // Which addresses may be http is decided where everything is fetched.
  oidc.allowInsecureRequests(config);
  return config;
}

/**
 * Whether a code that was never given out is refused for being that, and not because of who asks: the one way to try
 * the client's secret without a person. Null when it is fine.
 */
export async function tryClient(
  { bounds, directory }: Flow,
  client: Client,
  now: Date,
): Promise<UpstreamFault | null> {
  const config = configure(bounds, client, await directory.describe(client.issuer, now), now);
  const asked = { code: "a-code-that-was-never-given-out", redirect_uri: client.redirectUri };
  try {
    await oidc.genericGrantRequest(config, "authorization_code", { ...asked, code_verifier: "x".repeat(43) });
    return denied("The provider gives tokens for a code it never gave out.");
  } catch (error) {
    const found = within(error, oidc.ResponseBodyError);
    if (found?.error === "invalid_grant") return null;
    if (found?.error === "invalid_client" || found?.error === "unauthorized_client")
      return unknownClient(error);
    return meaning(error, client.issuer);
  }
}

const unknownClient = (cause: unknown): UpstreamFault =>
  new UpstreamFault(
    "unavailable",
    "The provider does not accept this house: its client id or secret is wrong.",
    {
      cause,
      fix: "Enter the client's id and secret as the provider shows them.",
    },
  );

type Kind<T> = abstract new (...args: never[]) => T;

/** The library wraps what its parts throw. */
function within<T>(error: unknown, kind: Kind<T>): T | null {
  if (error instanceof kind) return error;
  return error instanceof Error && error.cause instanceof Error ? within(error.cause, kind) : null;
}

const passing: ReadonlySet<string> = new Set(["server_error", "temporarily_unavailable"]);

function meaning(error: unknown, issuer: string): UpstreamFault {
  const known = within(error, UpstreamFault);
  if (known) return known;
  const { host } = new URL(issuer);
  const said = within(error, oidc.AuthorizationResponseError);
  if (said && passing.has(said.error))
    return new UpstreamFault("unavailable", `${host} says: ${quoted(said.error)}.`, { cause: error });
  if (said) return denied(`${host} says: ${quoted(said.error)}.`, error);
  const body = within(error, oidc.ResponseBodyError);
  if (body?.error === "invalid_client") return unknownClient(error);
  if (body && body.status < 500) return denied(`${host} says: ${quoted(body.error)}.`, error);
  const { code = "" } = error as { code?: string };
  const why = whyOf(error);
  if (/NOT_CONFORM|PARSE_ERROR|NOT_JSON|RESPONSE_BODY|CHALLENGE/.test(code))
    return new UpstreamFault("unavailable", `${host} does not answer as it should: ${why}.`, {
      cause: error,
    });
  return denied(`What ${host} says does not hold: ${why}.`, error);
}

/** The library's innermost reason, and which claim it is about. */
function whyOf(error: unknown): string {
  const { cause, message } = error as { cause?: unknown; message?: string };
  if (cause instanceof Error) return whyOf(cause);
  const { claim } = (cause ?? {}) as { claim?: unknown };
  const named = typeof claim === "string" && !message?.includes(`"${claim}"`) ? ` (${claim})` : "";
  return quoted(message) + named;
}
