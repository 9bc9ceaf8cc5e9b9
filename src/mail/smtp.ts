/** Letters by SMTP (RFC 5321), each over a connection of its own. */
import { connect, type Socket } from "node:net";
import type { Envelope, Post } from "../identity/mail.ts";
import { examineSmtp, type Overheard } from "./examine.ts";
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
  const tls = { rejectUnauthorized: server.strict, ...(ca !== undefined && { ca }) };
  const options = { ...transportOptions(server, waits, () => {}), tls };

  /** Somebody waits for the end of this, so it comes, whatever the server does. */
  async function converse({ connected, logger }: Overheard, envelope: Envelope | null): Promise<void> {
    const { createTransport } = await import("nodemailer");
    const late = Promise.withResolvers<never>();
    let open: Socket | undefined;
    const onOpen = (connection: Socket) => {
      open = connection;
      connected();
    };
    const aloud = { ...transportOptions(server, waits, onOpen), tls, logger, transactionLog: true };
    const timer = setTimeout(() => {
      late.reject(Object.assign(new Error("it took too long"), { code: "EABORT" }));
      open?.destroy();
    }, waits.whole);
    try {
      const transport = createTransport(aloud as never);
      const talk = envelope ? transport.sendMail(messageOf(envelope, sender)) : transport.verify();
      await Promise.race([talk, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    examine: (envelope) =>
      examineSmtp({
        server,
        envelope,
        from: sender.address,
        wait: waits.connect,
        converse: (overheard) => converse(overheard, envelope),
      }),

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

function transportOptions(server: MailServer, waits: SmtpWaits, connected: (connection: Socket) => void) {
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
        (connection) => {
          connected(connection);
          done(null, { connection });
        },
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
