/** Real mail servers on loopback: a whole one, and one that says exactly what a test wants said. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import type { Envelope } from "../../src/identity/mail.ts";

export interface Certificate {
  readonly key: string;
  readonly cert: string;
  readonly certPath: string;
  readonly keyPath: string;
}

/** A certificate that is its own authority, for these names (`DNS:localhost`), made by openssl. */
export function certificate(folder: string, names: string): Certificate {
  const file = names.replace(/\W+/g, "-");
  const [keyPath, certPath] = [join(folder, `${file}.key`), join(folder, `${file}.crt`)];
  const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const subject = ["-days", "2", "-subj", "/CN=Test", "-addext", `subjectAltName=${names}`];
  const made = Bun.spawnSync(["openssl", ...request, ...subject, "-keyout", keyPath, "-out", certPath]);
  if (made.exitCode !== 0) throw new Error(`openssl: ${made.stderr}`);
  return { key: readFileSync(keyPath, "utf8"), cert: readFileSync(certPath, "utf8"), keyPath, certPath };
}

export function temporary(): { path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), "housekey-mail-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly secure: boolean;

  /** Whoever signed in. */
  readonly user: string | undefined;

  /** The message as it came, without what SMTP adds. */
  readonly source: string;
}

/** Takes `letters` / `open sesame` for a sign-in, and mail for everybody. */
export async function startSmtp(options: SMTPServerOptions = {}) {
  const received: Received[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    closeTimeout: 50,
    onAuth({ username, password }, _session, done) {
      if (username === "letters" && password === "open sesame") done(null, { user: username });
      else done(new Error("Authentication credentials invalid"));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom ? mailFrom.address : "",
          to: rcptTo.map(({ address }) => address),
          secure: session.secure,
          user: session.user as string | undefined,
          source: Buffer.concat(chunks).toString(),
        });
        done();
      });
    },
    ...options,
  });
  // A client that does not like the certificate hangs up, which is what is tested.
  server.on("error", () => {});
  const { promise, resolve } = Promise.withResolvers<void>();
  const listening = server.listen(0, "127.0.0.1", resolve);
  await promise;
  return {
    port: (listening.address() as AddressInfo).port,
    received,
    [Symbol.asyncDispose]: () => new Promise<void>((closed) => server.close(() => closed())),
  };
}

type Says = (line: string, socket: Socket) => string | null;

/** Says `greeting`, then whatever `says` answers to each line; null is silence. Keeps all it was told. */
export async function startScript({
  greeting = "220 ready",
  says,
}: {
  greeting?: string | null;
  says: Says;
}) {
  const told: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    const say = (line: string | null) => line !== null && socket.write(`${line}\r\n`);
    let rest = "";
    socket.on("data", (chunk) => {
      const lines = (rest + chunk.toString("latin1")).split("\r\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        told.push(line);
        say(says(line, socket));
      }
    });
    say(greeting);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  return {
    port: (server.address() as AddressInfo).port,
    told,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      const { promise: closed, resolve: done } = Promise.withResolvers<void>();
      server.close(() => done());
      await closed;
    },
  };
}

/** What a server without extensions answers until it has the whole letter, which it takes. */
export function plain(line: string): string | null {
  if (/^(EHLO|MAIL|RCPT|QUIT)/.test(line)) return "250 fine";
  if (line === "DATA") return "354 go on";
  return line === "." ? "250 taken" : null;
}

export const letter: Envelope = {
  to: "ada@example.org",
  subject: "A code",
  text: "Here is the code:\n\n493817\n\nIt works once.\n",
  html: "<p>Here is the code:</p>\n<p>493817</p>\n",
};

export interface Part {
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Headers by lower-case name, unfolded; throws when one appears twice. The body is as it came. */
export function parse(source: string): Part {
  const end = source.indexOf("\r\n\r\n");
  const headers = new Map<string, string>();
  for (const line of source
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, " ")
    .split("\r\n")) {
    const [, name = "", value = ""] = /^([!-9;-~]+): ?(.*)$/.exec(line) ?? [];
    if (name === "" || headers.has(name.toLowerCase())) throw new Error(`a header that cannot be: ${line}`);
    headers.set(name.toLowerCase(), value);
  }
  return { headers, body: source.slice(end + 4) };
}

/** The parts of a multipart, decoded, with lines that end in LF and none that are empty around them. */
export function partsOf({ headers, body }: Part): Part[] {
  const [, boundary] = /boundary="([^"]+)"/.exec(headers.get("content-type") ?? "") ?? [];
  const parts = body.split(`--${boundary}`).slice(1, -1);
  return parts.map((part) => decoded(parse(part.replace(/^\r\n/, ""))));
}

function decoded({ headers, body }: Part): Part {
  const encoding = headers.get("content-transfer-encoding");
  const bytes = encoding === "quoted-printable" ? unquoted(body) : encoding === "base64" ? atob(body) : null;
  const text = bytes === null ? body : Buffer.from(bytes, "latin1").toString();
  return { headers, body: text.replaceAll("\r\n", "\n").trim() };
}

const unquoted = (body: string): string =>
  body
    .replace(/=\r\n/g, "")
    .replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
