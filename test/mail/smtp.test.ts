/** Letters to real servers. `refusals.test.ts` has what can go wrong. */
import { afterAll, expect, test } from "bun:test";
import { makeSmtpPost, type SmtpOptions } from "../../src/mail/smtp.ts";
import {
  certificate,
  letter,
  parse,
  partsOf,
  plain,
  startScript,
  startSmtp,
  temporary,
} from "./smtp-server.ts";

const folder = temporary();
afterAll(() => folder[Symbol.dispose]());
const localhost = certificate(folder.path, "DNS:localhost");
const elsewhere = certificate(folder.path, "DNS:mail.example.org");
const trusted = { ca: localhost.cert + elsewhere.cert };

const from = "Housekey <auth@example.org>";
const credentials = "letters:open%20sesame";

const post = (url: string, options: Partial<SmtpOptions> = {}) => makeSmtpPost({ url, from, ...options });

test("a letter arrives as it was written, in text and HTML", async () => {
  await using server = await startSmtp(localhost);
  await post(`smtp://localhost:${server.port}`).deliver(letter);
  expect(server.received).toHaveLength(1);
  const [received] = server.received;
  expect(received).toMatchObject({ from: "auth@example.org", to: ["ada@example.org"] });
  const message = parse(received?.source ?? "");
  expect(Object.fromEntries(message.headers)).toEqual({
    from: from,
    to: "ada@example.org",
    subject: "A code",
    "auto-submitted": "auto-generated",
    "message-id": expect.stringMatching(/^<[\w.-]+@example\.org>$/),
    date: expect.stringMatching(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000$/),
    "mime-version": "1.0",
    "content-type": expect.stringMatching(/^multipart\/alternative; boundary="[^"]+"$/),
  });
  const [text, html, ...more] = partsOf(message);
  expect(more).toEqual([]);
  expect(text?.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect(text?.headers.get("content-transfer-encoding")).toBe("7bit");
  expect(text?.body).toBe(letter.text.trim());
  expect(html?.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(html?.body).toBe(letter.html.trim());
});

test("words from anywhere in the world arrive as they are", async () => {
  await using server = await startSmtp(localhost);
  const words = { subject: "Grüße 😀", text: "Gerät: 電話 😀\n", html: "<p>Gerät: 電話 😀</p>\n" };
  const post = makeSmtpPost({ url: `smtp://localhost:${server.port}`, from: "Häuschen <a@example.org>" });
  await post.deliver({ ...letter, ...words });
  const message = parse(server.received[0]?.source ?? "");
  expect(message.headers.get("subject")).toMatch(/^=\?UTF-8\?[BQ]\?[!-~]+\?=$/i);
  expect(message.headers.get("from")).toMatch(/^=\?UTF-8\?[BQ]\?[!-~]+\?= <a@example\.org>$/i);
  expect(partsOf(message).map(({ body }) => body)).toEqual([words.text.trim(), words.html.trim()]);
});

test("nothing in a letter becomes a header, a recipient or a second letter", async () => {
  await using server = await startSmtp(localhost);
  const end = "\r\n.\r\nMAIL FROM:<x@y.example>\r\nRCPT TO:<z@y.example>\r\nDATA\r\nhello\r\n.\r\n";
  await post(`smtp://localhost:${server.port}`).deliver({
    ...letter,
    subject: "Hello\r\nBcc: eve@example.net\nX-Evil: yes\r\n\r\n<script>",
    text: `one${end}\n.\n\r.\rtwo`,
    html: `<p>one${end}\n.\n\r.\rtwo</p>`,
  });
  expect(server.received).toHaveLength(1);
  const [received] = server.received;
  expect(received?.to).toEqual(["ada@example.org"]);
  const message = parse(received?.source ?? "");
  expect([...message.headers.keys()]).not.toContain("bcc");
  expect([...message.headers.keys()]).not.toContain("x-evil");
  expect(message.headers.get("subject")).toContain("Bcc: eve@example.net");
  const [text] = partsOf(message);
  expect(text?.body).toContain("MAIL FROM:<x@y.example>");
  expect(text?.body).toContain("two");
});

test("an address that is none is refused before anything is connected", async () => {
  await using server = await startSmtp(localhost);
  const house = post(`smtp://localhost:${server.port}`);
  for (const to of ["ada@example.org,eve@example.net", "ada@example.org>\r\nRCPT TO:<eve@example.net", "ada"])
    await expect(house.deliver({ ...letter, to })).rejects.toThrow("the recipient's address");
  expect(server.received).toEqual([]);
});

test("a house signs in where it has a password, after it saw the certificate", async () => {
  await using server = await startSmtp(localhost);
  await post(`smtp://${credentials}@localhost:${server.port}`, trusted).deliver(letter);
  expect(server.received).toMatchObject([{ secure: true, user: "letters" }]);
});

test("a server that speaks TLS from the first byte is as good", async () => {
  await using server = await startSmtp({ ...localhost, secure: true });
  await post(`smtps://${credentials}@localhost:${server.port}`, trusted).deliver(letter);
  expect(server.received).toMatchObject([{ secure: true, user: "letters" }]);
});

test("a server may be named by its address, when its certificate is too", async () => {
  const numbered = certificate(folder.path, "IP:127.0.0.1");
  await using server = await startSmtp(numbered);
  const url = `smtp://${credentials}@127.0.0.1:${server.port}`;
  await post(url, { ca: numbered.cert }).deliver(letter);
  await expect(post(url, trusted).deliver(letter)).rejects.toThrow("certificate");
  expect(server.received).toMatchObject([{ secure: true, user: "letters" }]);
});

test("without a password, a server on this machine may encrypt as it likes", async () => {
  await using own = await startSmtp(elsewhere);
  await using none = await startSmtp({ ...localhost, disabledCommands: ["STARTTLS"] });
  await using broken = await startScript({
    says: (line) =>
      ({ EHLO: "250-fine\r\n250 STARTTLS", STAR: "454 not now" })[line.slice(0, 4)] ?? plain(line),
  });
  for (const { port } of [own, none, broken]) await post(`smtp://localhost:${port}`).deliver(letter);
  expect(own.received).toMatchObject([{ secure: true }]);
  expect(none.received).toMatchObject([{ secure: false }]);
  expect(broken.told).toContain("RCPT TO:<ada@example.org>");
});

test("the certificate has to be trusted, and for the name that was asked for", async () => {
  for (const secure of [false, true]) {
    const url = (port: number, host = "localhost") =>
      `${secure ? "smtps" : "smtp"}://${credentials}@${host}:${port}`;
    await using stranger = await startSmtp({ ...elsewhere, secure });
    await using own = await startSmtp({ ...localhost, secure });
    const refused = (port: number, host: string, options: Partial<SmtpOptions>) =>
      expect(post(url(port, host), options).deliver(letter)).rejects.toThrow(
        `${host}:${port} has a certificate that is not trusted: `,
      );
    await refused(own.port, "localhost", {});
    await refused(own.port, "127.0.0.1", trusted);
    await refused(stranger.port, "localhost", trusted);
    await refused(stranger.port, "localhost", {});
    expect([...own.received, ...stranger.received]).toEqual([]);
    await post(url(own.port), trusted).deliver(letter);
    expect(own.received).toHaveLength(1);
  }
});

test("a house with an authority of its own names it in NODE_EXTRA_CA_CERTS", async () => {
  await using server = await startSmtp(localhost);
  const url = `smtp://${credentials}@localhost:${server.port}`;
  const code = `
    const { makeSmtpPost } = await import(${JSON.stringify(`${import.meta.dir}/../../src/mail/smtp.ts`)});
    await makeSmtpPost(${JSON.stringify({ url, from })}).deliver(${JSON.stringify(letter)}).then(
      () => console.log("delivered"),
      (error) => console.log(error.message),
    );`;
  const run = async (env: Record<string, string>) => {
    const child = Bun.spawn([process.execPath, "-e", code], { env, stdout: "pipe", stderr: "inherit" });
    return new Response(child.stdout).text();
  };
  expect(await run({})).toContain("has a certificate that is not trusted");
  expect(await run({ NODE_EXTRA_CA_CERTS: localhost.certPath })).toBe("delivered\n");
  expect(server.received).toHaveLength(1);
});

test("letters written at the same moment all arrive, each over its own connection", async () => {
  await using server = await startSmtp(localhost);
  const house = post(`smtp://${credentials}@localhost:${server.port}`, trusted);
  const to = Array.from({ length: 10 }, (_, index) => `person${index}@example.org`);
  await Promise.all(to.map((address) => house.deliver({ ...letter, to: address })));
  expect(server.received.flatMap((one) => one.to).sort()).toEqual(to);
});
