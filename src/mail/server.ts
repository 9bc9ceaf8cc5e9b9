/** The mail server as the operator named it. */

export interface MailServer {
  /** A name, or an IP address without brackets. */
  readonly host: string;

  readonly port: number;

  /** TLS from the first byte; otherwise STARTTLS. */
  readonly implicit: boolean;

  /** Nothing is said to a server that does not encrypt and prove its name. */
  readonly strict: boolean;

  readonly auth: { readonly user: string; readonly pass: string } | null;
}

const expected =
  "expected the mail server's address to be like smtp://user:password@mail.example.org:587, " +
  "with %25 for a percent sign in the password, %40 for an @, %2F for a slash, %3F for a question mark and %23 for a #";

/**
 * Reads `smtp://` and `smtps://`; ports 587 and 465 unless told. Throws when there is anything else in it.
 *
 * On this machine and without a password to lose, encryption is taken as it comes, for whoever could answer
 * there in the server's place could leave it out as well. Everywhere else it is required.
 */
export function serverOf(url: string): MailServer {
  if (!URL.canParse(url)) throw new Error(expected);
  const { protocol, hostname, port, pathname, search, hash, username, password } = new URL(url);
  const known = protocol === "smtp:" || protocol === "smtps:";
  const bare = /^\/?$/.test(pathname) && search === "" && hash === "" && !/[?#]$/.test(url);
  const named = /^([\w.-]+|\[[0-9a-f:.]+\])$/i.test(hostname);
  if (!known || !bare || !named || (username === "") !== (password === "")) throw new Error(expected);
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const implicit = protocol === "smtps:";
  const auth = username === "" ? null : { user: decoded(username), pass: decoded(password) };
  return {
    host,
    port: port === "" ? (implicit ? 465 : 587) : Number(port),
    implicit,
    strict: implicit || auth !== null || !isLoopback(host),
    auth,
  };
}

export const hostPort = ({ host, port }: MailServer): string =>
  `${host.includes(":") ? `[${host}]` : host}:${port}`;

const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Error(expected);
  }
}
