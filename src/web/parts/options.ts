import { ask } from "./ask.ts";

/** What the house tells everybody about itself. */
export interface Options {
  readonly bootstrapped: boolean;
  readonly registration: "closed" | "invite" | "open";
  readonly local_login: boolean;
  readonly mail_login: boolean;
  readonly password_min: number;
  readonly mail: boolean;
  readonly oidc: { readonly name: string } | null;

  /** Applications under it get the session cookie, too. */
  readonly cookie_domain: string | null;

  /** The host name from before a move, while its passkeys still work. */
  readonly former_rp_id: string | null;
}

/** `More` is what only some pages need to know. */
export const askOptions = <More = unknown>() => ask<Options & More>("GET", "/auth/options");

/** Whether a code could be mailed to somebody. */
export const sendsCodes = ({ mail, mail_login }: Options): boolean => mail && mail_login;
