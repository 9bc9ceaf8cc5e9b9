/** What an admin is told who tries out the mail server: each step, what was said, and how to mend it. */
import { afterAll, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Examination } from "../../src/identity/mail.ts";
import { makeOutboxPost } from "../../src/mail/outbox.ts";
import { makeSmtpPost, type SmtpOptions } from "../../src/mail/smtp.ts";
import { certificate, letter, plain, startScript, startSmtp, temporary } from "./smtp-server.ts";

const folder = temporary();
afterAll(() => folder[Symbol.dispose]());
const localhost = certificate(folder.path, "DNS:localhost");
const elsewhere = certificate(folder.path, "DNS:mail.example.org");
const ca = localhost.cert + elsewhere.cert;
const from = "Housekey <auth@example.org>";
const credentials = "letters:open%20sesame";

const examine = (url: string, options: Partial<SmtpOptions> = {}): Promise<Examination> =>
  makeSmtpPost({ url, from, ca, ...options }).examine(letter);

/** Every step before the last went well; the last did not, and says what to do. */
function expectFailure({ steps }: Examination, name: string, message: RegExp, fix: RegExp): void {
  expect(steps.slice(0, -1).filter(({ ok }) => !ok)).toEqual([]);
  expect(steps.at(-1)).toEqual({
    name,
    ok: false,
    message: expect.stringMatching(message),
    fix: expect.stringMatching(fix),
  });
}

const names = ({ steps }: Examination): string[] => steps.map(({ name }) => name);

test("a server that takes the letter: every step is named, and every line that was said", async () => {
  await using server = await startSmtp(localhost);
  const told = await examine(`smtp://${credentials}@localhost:${server.port}`);
  expect(names(told)).toEqual([
    "name",
    "connection",
    "greeting",
    "encryption",
    "certificate",
    "authentication",
    "sender",
    "recipient",
    "letter",
  ]);
  expect(told.steps.every(({ ok, fix }) => ok && fix === undefined)).toBe(true);
  expect(told.steps[3]?.message).toBe("encrypted with STARTTLS");
  expect(server.received).toHaveLength(1);
  expect(server.received[0]).toMatchObject({ to: [letter.to], secure: true, user: "letters" });
  for (const line of [
    /^S: 220 /,
    /^C: EHLO /,
    /^C: STARTTLS$/,
    /^C: MAIL FROM:</,
    /^C: RCPT TO:</,
    /^C: DATA$/,
  ])
    expect(told.transcript.filter((one) => line.test(one)).length).toBeGreaterThan(0);
  expect(told.transcript.every((line) => /^[CS]: [^\n]+$/.test(line))).toBe(true);
});

test("with TLS from the first byte as well", async () => {
  await using server = await startSmtp({ ...localhost, secure: true });
  const told = await examine(`smtps://${credentials}@localhost:${server.port}`);
  expect(told.steps.every(({ ok }) => ok)).toBe(true);
  expect(told.steps[3]?.message).toBe("encrypted with TLS from the first byte");
});

test("without a letter it goes as far as the sign-in, and nothing arrives", async () => {
  await using server = await startSmtp(localhost);
  const told = await makeSmtpPost({
    url: `smtp://${credentials}@localhost:${server.port}`,
    from,
    ca,
  }).examine(null);
  expect(names(told).at(-1)).toBe("authentication");
  expect(told.steps.every(({ ok }) => ok)).toBe(true);
  expect(server.received).toEqual([]);
});

test("a wrong password is told from everything else, and is not shown", async () => {
  await using server = await startSmtp(localhost);
  const told = await examine(`smtp://letters:open%20says-me@localhost:${server.port}`);
  expectFailure(told, "authentication", /did not accept the user name and password/, /HOUSEKEY_SMTP_URL/);
  const all = JSON.stringify(told);
  for (const secret of ["open says-me", Buffer.from("open says-me"), Buffer.from("\0letters\0open says-me")])
    expect(all).not.toContain(typeof secret === "string" ? secret : secret.toString("base64"));
});

test("a server that repeats the password in what it says does not get it shown", async () => {
  const encoded = Buffer.from("\0letters\0open sesame").toString("base64");
  await using server = await startScript({
    says: (line) => {
      if (line.startsWith("EHLO")) return "250-here\r\n250 AUTH PLAIN LOGIN";
      return line.startsWith("AUTH") ? `535 no such user: open sesame ${encoded}` : plain(line);
    },
  });
  // Nothing is said in the clear to a server with a password to lose: this one is asked by a test alone.
  const { examineSmtp } = await import("../../src/mail/examine.ts");
  const told = await examineSmtp({
    server: {
      host: "localhost",
      port: server.port,
      implicit: false,
      strict: false,
      auth: { user: "letters", pass: "open sesame" },
    },
    envelope: null,
    from: "auth@example.org",
    wait: 1000,
    async converse({ connected, logger }) {
      connected();
      const { createTransport } = await import("nodemailer");
      await createTransport({
        host: "127.0.0.1",
        port: server.port,
        ignoreTLS: true,
        auth: { user: "letters", pass: "open sesame" },
        logger,
        transactionLog: true,
      } as never).verify();
    },
  });
  expectFailure(told, "authentication", /did not accept/, /app password/);
  expect(told.transcript.some((line) => line.startsWith("S: 535"))).toBe(true);
  for (const secret of ["open sesame", encoded]) expect(JSON.stringify(told)).not.toContain(secret);
});

test("a name that is nobody's, and a port where nobody listens", async () => {
  const nobody = await examine("smtp://nobody.invalid:587");
  expectFailure(nobody, "name", /^nobody\.invalid:587 /, /Correct the host in HOUSEKEY_SMTP_URL/);
  expect(nobody.transcript).toEqual([]);
  const server = await startScript({ says: plain });
  await server[Symbol.asyncDispose]();
  const refusing = await examine(`smtp://localhost:${server.port}`);
  expectFailure(refusing, "connection", /refused the connection/, /587 for smtp:\/\/ and 465/);
});

test("a certificate for another name, and one that nobody vouches for", async () => {
  await using other = await startSmtp(elsewhere);
  const told = await examine(`smtp://${credentials}@localhost:${other.port}`);
  expectFailure(
    told,
    "certificate",
    /not trusted.*mail\.example\.org/,
    /the name that is in the server's cert/,
  );
  await using own = await startSmtp(localhost);
  const stranger = await examine(`smtp://${credentials}@localhost:${own.port}`, { ca: elsewhere.cert });
  expectFailure(stranger, "certificate", /not trusted/, /NODE_EXTRA_CA_CERTS/);
  expect([...other.received, ...own.received]).toEqual([]);
});

test("a server that does not encrypt, where it must", async () => {
  await using server = await startScript({
    says: (line) => (line === "STARTTLS" ? "502 what" : plain(line)),
  });
  const told = await examine(`smtp://${credentials}@localhost:${server.port}`);
  expectFailure(told, "encryption", /does not encrypt/, /Switch STARTTLS on/);
  expect(server.told.some((line) => line.startsWith("AUTH"))).toBe(false);
});

test("a server that refuses the recipient, the sender, the letter", async () => {
  const refusing = (command: string) =>
    startScript({ says: (line) => (line.startsWith(command) ? "550 not from you" : plain(line)) });
  const cases = { "MAIL FROM": "sender", "RCPT TO": "recipient", DATA: "letter" };
  for (const [command, step] of Object.entries(cases)) {
    await using server = await refusing(command);
    const told = await examine(`smtp://localhost:${server.port}`);
    expectFailure(told, step, /550 not from you$/, /./);
    expect(told.transcript).toContain("S: 550 not from you");
  }
});

test("a server that hangs, at whatever point, is given up in time", async () => {
  const waits = { connect: 200, greeting: 200, idle: 300, whole: 500 };
  const hanging = {
    greeting: null,
    encryption: "EHLO",
    sender: "MAIL",
    recipient: "RCPT",
    letter: "DATA",
  };
  for (const [step, command] of Object.entries(hanging)) {
    await using server = await startScript({
      greeting: command === null ? null : "220 ready",
      says: (line) => (command !== null && line.startsWith(command) ? null : plain(line)),
    });
    const started = performance.now();
    const told = await examine(`smtp://localhost:${server.port}`, { waits });
    expectFailure(told, step, /did not answer in time|took too long|did not take/, /./);
    expect(performance.now() - started).toBeLessThan(3000);
  }
});

test("one that talks on and on is given up as well", async () => {
  await using server = await startScript({
    says(line, socket) {
      if (!line.startsWith("EHLO")) return plain(line);
      const timer = setInterval(() => socket.write("250-and\r\n"), 20);
      socket.on("close", () => clearInterval(timer));
      return null;
    },
  });
  const waits = { connect: 200, greeting: 200, idle: 300, whole: 600 };
  const told = await examine(`smtp://localhost:${server.port}`, { waits });
  expectFailure(told, "encryption", /took too long/, /./);
});

test("without a mail server the letter is a file, and the answer says where", async () => {
  using own = temporary();
  const lines: string[] = [];
  const log = {
    writes: () => true,
    debug() {},
    info: (line: string) => void lines.push(line),
    warn() {},
    error() {},
  };
  const path = join(own.path, "outbox");
  const post = makeOutboxPost({ folder: path, from, clock: () => new Date("2026-01-01T00:00:00Z"), log });
  const { steps, transcript } = await post.examine(letter);
  const [name = ""] = readdirSync(path);
  expect(steps).toEqual([
    {
      name: "outbox",
      ok: true,
      message: `no mail server is set up: letters become files, ${join(path, name)}`,
      fix: expect.stringContaining("HOUSEKEY_SMTP_URL"),
    },
  ]);
  expect(transcript).toEqual([]);
  expect(readFileSync(join(path, name), "utf8")).toContain("493817");
});
