/** What the house wants of whatever speaks OpenID Connect to another provider; `upstream/` does. */
import type { Step } from "./doctor.ts";

/** This house as it is registered there. */
export interface Client {
  /** The provider, exactly as it names itself. */
  readonly issuer: string;

  readonly clientId: string;

  /** Null: a public client. */
  readonly clientSecret: string | null;

  readonly scopes: readonly string[];
  readonly redirectUri: string;
}

/** What a provider says of a person, every signature and claim of it checked. */
export interface Claims {
  readonly issuer: string;

  /** The person, for ever, at this issuer; nothing else about them is. */
  readonly subject: string;

  /** Lower case, and only an address the provider has verified. */
  readonly email: string | null;

  readonly name: string | null;

  /** What they like to be called, to make a username of. */
  readonly handle: string | null;
}

/** What is bound into one sign-in: each random, each checked when the browser comes back. */
export interface Secrets {
  readonly state: string;
  readonly nonce: string;

  /** PKCE (RFC 7636). */
  readonly verifier: string;
}

/** Every verb takes the date, and rejects with an `UpstreamFault`. */
export interface Upstream {
  /** Whether the provider is there and can be used: its description and its keys, fetched anew. */
  discover(client: Client, now: Date): Promise<void>;

  /** The same and more, step by step up to the first that fails; never rejects. */
  examine(client: Client, now: Date): Promise<Step[]>;

  /** Where to send the browser. */
  signInUrl(client: Client, secrets: Secrets, now: Date): Promise<string>;

  /** Trades what the browser brought back, as it stands in the query, for who it is. */
  redeem(client: Client, secrets: Secrets, query: URLSearchParams, now: Date): Promise<Claims>;

  /** Who an ID token is about that `issuer` made for the client `audience`, and until when it is good. */
  readIdToken(
    asked: { readonly issuer: string; readonly audience: string; readonly token: string },
    now: Date,
  ): Promise<{ readonly claims: Claims; readonly expiresAt: Date }>;
}

/** `unavailable`: it cannot be asked now. `denied`: it said no, or what it said does not hold. */
export type FaultKind = "unavailable" | "denied";

export class UpstreamFault extends Error {
  readonly kind: FaultKind;

  /** One sentence that says which step failed, and what to do. */
  readonly words: string;
  readonly fix: string | undefined;

  constructor(kind: FaultKind, words: string, options: ErrorOptions & { readonly fix?: string } = {}) {
    super(words, options);
    this.name = "UpstreamFault";
    this.kind = kind;
    this.words = words;
    this.fix = options.fix;
  }
}
