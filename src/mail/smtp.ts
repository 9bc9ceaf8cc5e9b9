/** Letters by SMTP (RFC 5321), each over a connection of its own. */
import { connect, type Socket } from "node:net";
import type { Post } from "../identity/mail.ts";
import { faultOf } from "./fault.ts";
import { messageOf, senderOf } from "./message.ts";
import { type MailServer, serverOf } from "./server.ts";

/** In milliseconds. */
export interface SmtpWaits {
  /** Until there is a connection. */
  readonly connect: number;

  /** For the greeting, and for TLS. */
  readonly greeting: number;

  /** Without a word from the server. */
  readonly idle: number;

  /** For everything together: a server that talks on and on is idle never. */
  readonly whole: number;
}

export interface SmtpOptions {
  /** `smtp://user:password@host:587` or `smtps://…`; see `serverOf` for when encryption is required. */
  readonly url: string;

  /** `auth@example.org` or `Our house <auth@example.org>`. */
  readonly from: string;

  readonly waits?: SmtpWaits;

  /** Authorities to trust in place of the usual ones, in PEM. */
  readonly ca?: string;
}

const usualWaits: SmtpWaits = { connect: 10_000, greeting: 10_000, idle: 20_000, whole: 60_000 };

/** Throws when `url` or `from` cannot be used. `deliver` rejects in one line, without the letter's words or the password. */
export function makeSmtpPost({ url, from, waits = usualWaits, ca }: SmtpOptions): Post {
  const server = serverOf(url);
  const sender = senderOf(from);
  const options = {
    ...transportOptions(server, waits),
    tls: { rejectUnauthorized: server.strict, ...(ca !== undefined && { ca }) },
  };
  return {
    async deliver(envelope) {
      const message = messageOf(envelope, sender);
      const { createTransport } = await import("nodemailer");
      try {
        const signal = AbortSignal.timeout(waits.whole);
        await createTransport(options).sendMail({ ...message, signal });
      } catch (error) {
        // Without a cause: what the server said may be in there.
        throw new Error(faultOf(error, server, envelope));
      }
    },
  };
}

function transportOptions(server: MailServer, waits: SmtpWaits) {
  const { host, port, implicit, strict, auth } = server;
  return {
    host,
    port,
    secure: implicit,
    requireTLS: strict && !implicit,
    opportunisticTLS: !strict,
    ...(auth && { auth: { ...auth } }),
    // Otherwise a server that does not offer to check a password gets the letter without one.
    forceAuth: auth !== null,
    connectionTimeout: waits.connect + waits.greeting,
    greetingTimeout: waits.greeting,
    socketTimeout: waits.idle,
    // Nodemailer's own way asks DNS first, and gives up on a name in the hosts file when DNS is silent.
    getSocket(_: unknown, done: (error: Error | null, found: false | { connection: Socket }) => void) {
      dial(server, waits.connect).then(
        (connection) => done(null, { connection }),
        (error) => done(error, false),
      );
    },
  };
}

function dial({ host, port }: MailServer, milliseconds: number): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect({ host, port }, () => resolve(socket));
  socket.once("error", reject);
  const late = Object.assign(new Error("there was no connection"), { code: "ETIMEDOUT" });
  const timer = setTimeout(() => socket.destroy(late), milliseconds);
  return promise.finally(() => clearTimeout(timer));
}
