/** What the library's errors mean for whoever set the provider up. */
import * as oidc from "openid-client";
import { UpstreamFault } from "../identity/upstream.ts";
import { denied, quoted } from "./fault.ts";

type Kind<T> = abstract new (...args: never[]) => T;

/** The library wraps what its parts throw. */
function within<T>(error: unknown, kind: Kind<T>): T | null {
  if (error instanceof kind) return error;
  return error instanceof Error && error.cause instanceof Error ? within(error.cause, kind) : null;
}

/** Whether the provider does not accept that it is this house who asks (RFC 6749 §5.2). */
export function isUnknownClient(error: unknown): boolean {
  const code = within(error, oidc.ResponseBodyError)?.error;
  if (code === "invalid_client" || code === "unauthorized_client") return true;
  // At the token endpoint a challenge is for the client; at userinfo it is a Bearer one, for the token.
  const challenge = within(error, oidc.WWWAuthenticateChallengeError);
  return challenge?.cause.some(({ scheme }) => scheme === "basic") ?? false;
}

/** Whether it was the code alone that the provider did not like. */
export const refusesCode = (error: unknown): boolean =>
  within(error, oidc.ResponseBodyError)?.error === "invalid_grant";

const passing: ReadonlySet<string> = new Set(["server_error", "temporarily_unavailable"]);

export function meaning(error: unknown, issuer: string): UpstreamFault {
  const known = within(error, UpstreamFault);
  if (known) return known;
  const { host } = new URL(issuer);
  const said = within(error, oidc.AuthorizationResponseError);
  if (said && passing.has(said.error))
    return new UpstreamFault("unavailable", `${host} says: ${quoted(said.error)}.`, { cause: error });
  if (said) return denied(`${host} says: ${quoted(said.error)}.`, error);
  if (isUnknownClient(error))
    return new UpstreamFault(
      "unavailable",
      "The provider does not accept this house: its client id or secret is wrong.",
      { cause: error, fix: "Enter the client's id and secret as the provider shows them." },
    );
  const body = within(error, oidc.ResponseBodyError);
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
