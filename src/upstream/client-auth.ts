import * as oidc from "openid-client";
import type { Client } from "../identity/upstream.ts";
import type { Description } from "./directory.ts";

export type ClientAuth = oidc.ClientAuth;

/**
 * How this house can prove at the token endpoint who it is, the likeliest first. Basic is what a client is registered
 * for unless told; but not every provider decodes what stands in it (RFC 6749 §2.3.1), and some want a form.
 */
export function clientAuths(
  { clientSecret }: Client,
  { token_endpoint_auth_methods_supported: offered = ["client_secret_basic"] }: Description,
): readonly [ClientAuth, ...ClientAuth[]] {
  if (clientSecret === null) return [oidc.None()];
  const basic = oidc.ClientSecretBasic(clientSecret);
  const form = oidc.ClientSecretPost(clientSecret);
  if (!offered.includes("client_secret_post")) return [basic];
  return offered.includes("client_secret_basic") ? [basic, form] : [form];
}
