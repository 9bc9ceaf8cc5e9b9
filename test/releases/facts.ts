/** What a house that was kept lets a test do with it: `facts.json`. What its version did not know is not there. */
export interface Facts {
  /** Of the app of `grace`. */
  readonly secret: string | null;

  /** Of `grace`, not used. */
  readonly backupCode?: string;

  /** Of the admin. */
  readonly apiKey?: string;

  /** Of the admin, made at `localhost`. */
  readonly passkey?: {
    readonly id: string;
    readonly userHandle: string;
    readonly jwk: JsonWebKey;
  };

  readonly provider?: { readonly issuer: string; readonly clientId: string; readonly clientSecret: string };
}
