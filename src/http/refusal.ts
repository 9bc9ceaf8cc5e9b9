import type { Verdict } from "../identity/limit.ts";
import type { Detail, Refusal, RefusalCode } from "../identity/refusal.ts";

type Wording = readonly [status: number, message: string];

/** What a client is told. Total, so that no refusal can ship unworded. */
const worded: Record<RefusalCode, Wording> = {
  ACCOUNT_DISABLED: [403, "This account is disabled. Ask an admin of this house."],
  ALREADY_BOOTSTRAPPED: [409, "This house already has an admin. Sign in instead."],
  ALREADY_ENABLED: [409, "This is already switched on."],
  API_KEY_NOT_ALLOWED: [403, "An API key cannot do this. Sign in as a person."],
  BODY_TOO_LARGE: [413, "The request is larger than 64 KiB."],
  BOOTSTRAP_TOKEN_INVALID: [
    401,
    'This set-up token is wrong, used or expired. On the host, "housekey bootstrap-token" prints a new link.',
  ],
  BUSY: [503, "Too many sign-ins at once. Try again in a moment."],
  CODE_ALREADY_DECIDED: [409, "This code was already answered."],
  EMAIL_TAKEN: [409, "This address belongs to another account."],
  FORBIDDEN: [403, "Your account is not allowed to do this."],
  FRESH_LOGIN_REQUIRED: [403, "Confirm that it is you, then try again."],
  INVALID_CHALLENGE: [401, "This took too long. Sign in again."],
  INVALID_CODE: [401, "This code is not right."],
  INVALID_CREDENTIALS: [401, "Wrong name or password."],
  INVALID_PROVIDER: [400, "The sign-in provider did not answer as it should."],
  INVALID_REQUEST: [400, "Something in the request is missing or not as it should be."],
  INVALID_TOKEN: [401, "This token is wrong or no longer valid."],
  LAST_ADMIN: [409, "The house needs at least one admin."],
  LAST_SIGN_IN_METHOD: [409, "After this nobody could sign in to the account any more."],
  LOCAL_LOGIN_DISABLED: [403, "Signing in with a password is switched off in this house."],
  NOT_ENABLED: [409, "This is not switched on."],
  NOT_FOUND: [404, "There is nothing here."],
  ORIGIN_NOT_ALLOWED: [403, "This page does not belong to this house."],
  PASSKEY_REJECTED: [401, "This passkey was not accepted."],
  RATE_LIMITED: [429, "Too many tries. Wait a little."],
  REGISTRATION_CLOSED: [403, "New accounts are by invitation only."],
  SETTING_FIXED: [409, "This is decided by the environment Housekey runs in."],
  STORE_UNAVAILABLE: [503, "The data cannot be written right now. Try again shortly."],
  TOTP_REQUIRED: [401, "Enter the code from your authenticator app."],
  UNAUTHENTICATED: [401, "Sign in first."],
  UNSUPPORTED_MEDIA_TYPE: [415, "Send JSON, with Content-Type: application/json."],
  UPSTREAM_DENIED: [403, "The sign-in provider said no, or what it said does not hold."],
  UPSTREAM_UNAVAILABLE: [503, "The sign-in provider cannot be reached."],
  USERNAME_TAKEN: [409, "This username is taken."],
  WEAK_PASSWORD: [400, "Choose a stronger password."],
};

/** Proofs that a signed-in caller got wrong: 400, so that a client does not throw its good token away. */
const provedWhileSignedIn: ReadonlySet<RefusalCode> = new Set([
  "INVALID_CODE",
  "INVALID_CREDENTIALS",
  "PASSKEY_REJECTED",
]);

export interface ErrorBody {
  readonly ok: false;
  readonly error: { readonly code: string; readonly message: string; readonly details?: readonly Detail[] };
}

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: ErrorBody;
}

/** How a refusal reads on the wire. The machine surface says `UNAUTHORIZED` where the others say `UNAUTHENTICATED`. */
export function wordRefusal(refusal: Refusal, path: string): Answer {
  const [usual, message] = worded[refusal.code];
  const isField = refusal.code === "ORIGIN_NOT_ALLOWED" && refusal.details !== undefined;
  const status = isField || (refusal.signedIn && provedWhileSignedIn.has(refusal.code)) ? 400 : usual;
  const code =
    refusal.code === "UNAUTHENTICATED" && path.startsWith("/v1/auth/") ? "UNAUTHORIZED" : refusal.code;
  const headers: Record<string, string> = {};
  if (status === 401) headers["www-authenticate"] = "Bearer";
  if (refusal.retryAfter !== undefined) headers["retry-after"] = String(refusal.retryAfter);
  if (refusal.verdict) Object.assign(headers, limitHeaders(refusal.verdict));
  return { status, headers, body: errorBody(code, refusal.words ?? message, refusal.details) };
}

/** What a row of the table of limits tells clients about itself. */
export const limitHeaders = ({ limit, remaining, reset }: Verdict): Record<string, string> => ({
  "ratelimit-limit": String(limit),
  "ratelimit-remaining": String(remaining),
  "ratelimit-reset": String(reset),
});

/** Something broke. The caller learns the request's id, under which the log has the rest. */
export function wordFault(requestId: string): Answer {
  const details = [{ path: "", message: requestId }];
  return { status: 500, headers: {}, body: errorBody("INTERNAL", "Something broke on our side.", details) };
}

function errorBody(code: string, message: string, details?: readonly Detail[]): ErrorBody {
  return { ok: false, error: { code, message, ...(details && { details }) } };
}
