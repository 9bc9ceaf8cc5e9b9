/** Mail servers that refuse, hang, lie or are not there: one line each, in time, with nothing given away. */
import { afterAll, expect, test } from "bun:test";
import { makeSmtpPost, type SmtpOptions } from "../../src/mail/smtp.ts";
import { certificate, letter, plain, startScript, startSmtp, temporary } from "./smtp-server.ts";

const folder = temporary();
afterAll(() => folder[Symbol.dispose]());
const localhost = certificate(folder.path, "DNS:localhost");

const from = "Housekey <auth@example.org>";
const credentials = "letters:open%20sesame";
const quick = { connect: 300, greeting: 300, idle: 300, whole: 900 };

/** Why it was not delivered, and after how many milliseconds. */
async function failure(url: string, options: Partial<SmtpOptions> = {}) {
  const started = performance.now();
  const reason = await makeSmtpPost({ url, from, ca: localhost.cert, ...options })
    .deliver(letter)
    .then(
      () => "delivered",
      (error: Error) => `${error.message}${error.cause ? " (with a cause)" : ""}`,
    );
  // Whatever went wrong.
  expect(reason).toMatch(/^[ -~]{1,300}$/);
  for (const secret of ["open sesame", "493817", btoa("open sesame"), btoa("\0letters\0open sesame")])
    expect(reason).not.toContain(secret);
  return { reason, milliseconds: performance.now() - started };
}

test("a wrong password is said so, with the server's words", async () => {
  await using server = await startSmtp(localhost);
  const { reason } = await failure(`smtp://letters:wrong@localhost:${server.port}`);
  expect(reason).toBe(
    `localhost:${server.port} did not accept the user name and password: ` +
      "535 Authentication credentials invalid",
  );
  expect(server.received).toEqual([]);
});

test("a server that does not ask for a password gets no letter when there is one", async () => {
  await using server = await startSmtp({ ...localhost, disabledCommands: ["AUTH"] });
  const { reason } = await failure(`smtp://${credentials}@localhost:${server.port}`);
  expect(reason).toContain("did not accept the user name and password: 5");
  expect(server.received).toEqual([]);
});

test("where encryption is required, a server without it hears neither password nor letter", async () => {
  const refused = (line: string) =>
    line === "STARTTLS" ? "454 not now" : `250-fine\r\n250 AUTH PLAIN LOGIN`;
  const unknown = (line: string) => (line.startsWith("EHLO") ? "500 what" : "250 fine");
  // 0.0.0.0 is this machine too, but by no name that is known to be.
  for (const says of [refused, unknown])
    for (const host of [`${credentials}@localhost`, "0.0.0.0"]) {
      await using server = await startScript({ says });
      const { reason } = await failure(`smtp://${host}:${server.port}`);
      expect(reason).toMatch(/\(STARTTLS\)|: 500 what$/);
      expect(server.told.filter((line) => !/^(EHLO \S+|STARTTLS)$/.test(line))).toEqual([]);
    }
});

test("what was said before encryption does not count after it", async () => {
  // A man in the middle lets the server's capabilities and a reply slip in before the handshake.
  await using server = await startScript({
    says: (line) =>
      line === "STARTTLS" ? "220 go\r\n250-fine\r\n250 AUTH PLAIN" : "250-fine\r\n250 STARTTLS",
  });
  const { reason } = await failure(`smtp://${credentials}@localhost:${server.port}`, { waits: quick });
  expect(reason).not.toBe("delivered");
  expect(server.told.filter((line) => /AUTH|MAIL/.test(line))).toEqual([]);
});

test("a server that refuses the sender, the recipient or the letter is quoted", async () => {
  const [mail, rcpt, data, end] = [/^MAIL/, /^RCPT/, /^DATA$/, /^\.$/];
  const said = "550 5.1.1 not here";
  const cases = [
    [mail, "refused the sender"],
    [rcpt, "refused the recipient"],
    [data, "refused the letter"],
    [end, "refused the letter"],
  ] as const;
  for (const [refuses, words] of cases) {
    await using server = await startScript({ says: (line) => (refuses.test(line) ? said : plain(line)) });
    const { reason } = await failure(`smtp://localhost:${server.port}`);
    expect(reason).toBe(`localhost:${server.port} ${words}: ${said}`);
  }
});

test("a reply that repeats the letter or the password is cut down to its number", async () => {
  const echoes = ["550 spam: 493817", "550-no\r\n550 Here is the code:"];
  for (const echo of echoes) {
    await using server = await startScript({ says: (line) => (line === "." ? echo : plain(line)) });
    const { reason } = await failure(`smtp://localhost:${server.port}`);
    expect(reason).toBe(`localhost:${server.port} refused the letter: 550`);
  }
  await using server = await startSmtp({
    ...localhost,
    onAuth: ({ password }, _session, done) => done(new Error(`${password} is wrong`)),
  });
  const { reason } = await failure(`smtp://${credentials}@localhost:${server.port}`);
  expect(reason).toBe(`localhost:${server.port} did not accept the user name and password: 535`);
});

test("a long reply with control characters becomes one line that ends", async () => {
  const reply = `550-\u0007\u001b[31m${"x".repeat(5000)}\r\n550 ${"y".repeat(5000)}`;
  await using server = await startScript({ says: (line) => (line === "." ? reply : plain(line)) });
  const { reason } = await failure(`smtp://localhost:${server.port}`);
  expect(reason).toMatch(/refused the letter: 550- \[31mx+$/);
});

test("a server that falls silent is left in time, wherever it does", async () => {
  for (const at of [/^EHLO/, /^RCPT/, /^DATA$/, /^\.$/]) {
    await using server = await startScript({ says: (line) => (at.test(line) ? null : plain(line)) });
    const { reason, milliseconds } = await failure(`smtp://localhost:${server.port}`, { waits: quick });
    expect(reason).toBe(`localhost:${server.port} did not answer in time: Timeout`);
    expect(milliseconds).toBeWithin(250, 700);
  }
});

test("a server that never greets, or never gets done with TLS, is left in time", async () => {
  await using silent = await startScript({ greeting: null, says: () => null });
  await using half = await startScript({
    says: (line) => ({ EHLO: "250-fine\r\n250 STARTTLS", STAR: "220 go" })[line.slice(0, 4)] ?? null,
  });
  const waits = { ...quick, connect: 2000, idle: 5000, whole: 5000 };
  const urls = [`smtp://localhost:${silent.port}`, `smtps://localhost:${silent.port}`];
  for (const url of [...urls, `smtp://${credentials}@localhost:${half.port}`]) {
    const { reason, milliseconds } = await failure(url, { waits });
    expect(reason).toContain(" did not answer in time: ");
    expect(milliseconds).toBeWithin(250, 700);
  }
});

test("a server that talks on and on is left when the whole takes too long", async () => {
  await using server = await startScript({
    says(line, socket) {
      if (line !== ".") return plain(line);
      const timer = setInterval(() => socket.write("250-a moment more\r\n"), 50);
      socket.once("close", () => clearInterval(timer));
      return null;
    },
  });
  const { reason, milliseconds } = await failure(`smtp://localhost:${server.port}`, { waits: quick });
  expect(reason).toStartWith(`localhost:${server.port} took too long: `);
  expect(milliseconds).toBeWithin(850, 1400);
});

test("a server that hangs up is said so, wherever it does", async () => {
  for (const at of [/^EHLO/, /^MAIL/, /^DATA$/, /^\.$/]) {
    await using server = await startScript({
      says(line, socket) {
        if (at.test(line)) socket.destroy();
        return plain(line);
      },
    });
    const { reason, milliseconds } = await failure(`smtp://localhost:${server.port}`);
    expect(reason).toStartWith(`localhost:${server.port} did not take the letter: `);
    expect(milliseconds).toBeLessThan(500);
  }
});

test("a server that is down, or has no such name, is said so", async () => {
  const gone = await startScript({ says: plain });
  await gone[Symbol.asyncDispose]();
  expect((await failure(`smtp://localhost:${gone.port}`)).reason).toStartWith(
    `localhost:${gone.port} refused the connection: `,
  );
  expect((await failure("smtp://mail.invalid")).reason).toStartWith(
    "mail.invalid:587 is not a name that can be found: ",
  );
});

test("something that is no mail server is not talked to", async () => {
  await using server = await startScript({ greeting: "HTTP/1.1 400 Bad Request", says: () => null });
  expect((await failure(`smtp://localhost:${server.port}`)).reason).toContain("did not take the letter");
  expect(server.told).toEqual([]);
});

test("after a failure the next letter goes out", async () => {
  await using server = await startScript({
    says: (line) => (line === "RCPT TO:<ada@example.org>" ? "450 later" : plain(line)),
  });
  const house = makeSmtpPost({ url: `smtp://localhost:${server.port}`, from });
  await expect(house.deliver(letter)).rejects.toThrow("refused the recipient: 450 later");
  await house.deliver({ ...letter, to: "bob@example.org" });
  expect(server.told).toContain("RCPT TO:<bob@example.org>");
});
