/** The authorization code flow (OpenID Connect Core 1.0 §3.1, RFC 9700), by openid-client within our bounds. */
import * as oidc from "openid-client";
import type { Claims, Client, Secrets } from "../identity/upstream.ts";
import { emailForm } from "../identity/user.ts";
import { type ClientAuth, clientAuths } from "./client-auth.ts";
import type { Description, Directory } from "./directory.ts";
import { denied } from "./fault.ts";
import { type Bounds, fetchWithin } from "./fetch.ts";
import { type IdToken, readIdToken } from "./id-token.ts";
import { isUnknownClient, meaning, refusesCode } from "./meaning.ts";

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
  const config = configure(bounds, client, await directory.describe(client.issuer, now), now, oidc.None());
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

export function redeem(
  flow: Flow,
  client: Client,
  { state, nonce, verifier }: Secrets,
  query: URLSearchParams,
  now: Date,
): Promise<Claims> {
  const checks = {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
  };
  // The address we gave out, whatever one the request came by.
  const returned = new URL(client.redirectUri);
  returned.search = query.toString();
  return asClient(flow, client, now, async (config, description) => {
    const answer = await oidc.authorizationCodeGrant(config, returned, checks);
    const { issuer, clientId: audience } = client;
    // It came over TLS, but its signature is checked as if it had not.
    const asked = { issuer, audience, token: answer.id_token ?? "", nonce };
    const token = await readIdToken(flow.directory, asked, now);
    if (!wantsMore(token, client, description)) return claimsOf(issuer, token);
    const info = await oidc.fetchUserInfo(config, answer.access_token, token.sub);
    return claimsOf(issuer, { ...info, sub: token.sub });
  });
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
  const email = said.email_verified === true ? address(said.email) : null;
  return {
    issuer,
    subject: said.sub,
    email,
    name: text(said.name, 200),
    handle: text(said.preferred_username, 254),
  };
}

const addressForm = new RegExp(emailForm);

/** An address that letters may be sent to; anything else is none, and is not made into one. */
const address = (value: unknown): string | null =>
  typeof value === "string" && value.length <= 254 && addressForm.test(value) ? value.toLowerCase() : null;

/**
 * Does `work` as the client this house is registered as. Where the provider does not accept the way it proves that,
 * the next way that both know is tried: a code is used up only by whoever proved who they are.
 */
async function asClient<T>(
  { bounds, directory }: Flow,
  client: Client,
  now: Date,
  work: (config: oidc.Configuration, description: Description) => Promise<T>,
): Promise<T> {
  const description = await directory.describe(client.issuer, now);
  const [first, ...others] = clientAuths(client, description);
  for (let auth: ClientAuth = first; ; ) {
    try {
      return await work(configure(bounds, client, description, now, auth), description);
    } catch (error) {
      const next = others.shift();
      if (!next || !isUnknownClient(error)) throw meaning(error, client.issuer);
      auth = next;
    }
  }
}

function configure(
  bounds: Bounds,
  client: Client,
  description: Description,
  now: Date,
  auth: ClientAuth,
): oidc.Configuration {
  const { date: _, token_endpoint_auth_methods_supported: __, ...metadata } = description;
  const skew = Math.round((now.getTime() - Date.now()) / 1000);
  const own = { [oidc.clockSkew]: skew, [oidc.clockTolerance]: 60 };
  const config = new oidc.Configuration(metadata, client.clientId, own, auth);
  config[oidc.customFetch] = (address, init) => fetchWithin(bounds, address, init as RequestInit);
  // Which addresses may be http is decided where everything is fetched.
  oidc.allowInsecureRequests(config);
  return config;
}

/**
 * Whether a code that was never given out is refused for being that, and not because of who asks: the one way to try
 * the client's secret without a person. Rejects when it is not.
 */
export function tryClient(flow: Flow, client: Client, now: Date): Promise<void> {
  const asked = {
    code: "a-code-that-was-never-given-out",
    redirect_uri: client.redirectUri,
    code_verifier: "x".repeat(43),
  };
  return asClient(flow, client, now, async (config) => {
    try {
      await oidc.genericGrantRequest(config, "authorization_code", asked);
    } catch (error) {
      if (refusesCode(error)) return;
      throw error;
    }
    throw denied("The provider gives tokens for a code it never gave out.");
  });
}
