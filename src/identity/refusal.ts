import type { Verdict } from "./limit.ts";

/**
 * Every reason the appliance can refuse a caller, as it appears on the wire.
 *
 * `http/refusal.ts` words each of these in a total `Record`, so adding a code here fails the type check
 * until someone decides what a client should be told.
 */
export type RefusalCode =
  | "ACCOUNT_DISABLED"
  | "ALREADY_BOOTSTRAPPED"
  | "ALREADY_ENABLED"
  | "API_KEY_NOT_ALLOWED"
  | "BODY_TOO_LARGE"
  | "BOOTSTRAP_TOKEN_INVALID"
  | "BUSY"
  | "CODE_ALREADY_DECIDED"
  | "EMAIL_TAKEN"
  | "FORBIDDEN"
  | "FRESH_LOGIN_REQUIRED"
  | "INVALID_CHALLENGE"
  | "INVALID_CODE"
  | "INVALID_CREDENTIALS"
  | "INVALID_PROVIDER"
  | "INVALID_REQUEST"
  | "INVALID_TOKEN"
  | "LAST_ADMIN"
  | "LAST_SIGN_IN_METHOD"
  | "LOCAL_LOGIN_DISABLED"
  | "NOT_ENABLED"
  | "NOT_FOUND"
  | "ORIGIN_NOT_ALLOWED"
  | "PASSKEY_REJECTED"
  | "RATE_LIMITED"
  | "REGISTRATION_CLOSED"
  | "SETTING_FIXED"
  | "STORE_UNAVAILABLE"
  | "TOTP_REQUIRED"
  | "UNAUTHENTICATED"
  | "UNSUPPORTED_MEDIA_TYPE"
  | "UPSTREAM_DENIED"
  | "UPSTREAM_UNAVAILABLE"
  | "USERNAME_TAKEN"
  | "WEAK_PASSWORD";

/** One field of a request and what is wrong with it, in words; never the value that was sent. */
export interface Detail {
  readonly path: string;
  readonly message: string;
}

export interface RefusalOptions extends ErrorOptions {
  /** Says more than the code's own wording can: which rule, which address. One sentence for a person. */
  readonly message?: string;

  readonly details?: readonly Detail[];

  /** Seconds after which asking again makes sense. */
  readonly retryAfter?: number;

  /** What the limit that was reached tells clients about itself. */
  readonly verdict?: Verdict;

  /** The caller holds a valid credential and only this request's proof was wrong: 400, so that a client keeps its token. */
  readonly signedIn?: boolean;
}

/** The only error the core throws on purpose. Anything else is a bug and becomes a 500. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly words: string | undefined;
  readonly details: readonly Detail[] | undefined;
  readonly retryAfter: number | undefined;
  readonly verdict: Verdict | undefined;
  readonly signedIn: boolean;

  constructor(code: RefusalCode, options: RefusalOptions = {}) {
    super(code, options);
    this.name = "Refusal";
    this.code = code;
    this.words = options.message;
    this.details = options.details;
    this.retryAfter = options.retryAfter;
    this.verdict = options.verdict;
    this.signedIn = options.signedIn ?? false;
  }
}
