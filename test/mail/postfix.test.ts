/** Letters to the mail server that most of the world runs. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { makeSmtpPost } from "../../src/mail/smtp.ts";
import { letters } from "../../src/mail/texts.ts";
import { startPostfix, whyNotPostfix } from "./postfix.ts";
import { letter, parse, partsOf } from "./smtp-server.ts";

const from = "Housekey <auth@example.org>";

if (whyNotPostfix !== null) console.log(`postfix.test.ts: not run here, ${whyNotPostfix}`);

describe.skipIf(whyNotPostfix !== null && process.env.CI !== "true")("Postfix", () => {
  let postfix: Awaited<ReturnType<typeof startPostfix>>;
  beforeAll(async () => {
    postfix = await startPostfix();
  }, 20_000);
  afterAll(() => postfix?.[Symbol.dispose]());

  test("it takes a letter by STARTTLS with its certificate checked, and delivers what was written", async () => {
    const notice = { kind: "new_device", device: "Télé <b>", ip: "10.0.0.1", at: new Date(0) } as const;
    const written = letters(notice, "https://auth.example.org");
    // 0.0.0.0 is this machine, but not known to be: without credentials this is as strict as with.
    const house = makeSmtpPost({ url: `smtp://0.0.0.0:${postfix.port}`, from, ca: postfix.ca });
    await house.deliver({ to: "ada@example.org", ...written });
    const [source = ""] = await postfix.mailbox(1);
    expect(source).toContain("Delivered-To: ada@example.org\n");
    expect(source).toMatch(/\(using TLSv1\.3 with cipher/);
    expect(source).toMatch(/\tby mail\.example\.org \(Postfix\) with ESMTPS id /);
    const message = parse(source.replaceAll("\n", "\r\n"));
    expect(message.headers.get("from")).toBe(from);
    expect(message.headers.get("subject")).toBe("New sign-in to your Housekey account");
    expect(partsOf(message).map(({ body }) => body)).toEqual([written.text.trim(), written.html.trim()]);
  });

  test("it takes one by TLS from the first byte, and from this machine without a check", async () => {
    const before = (await postfix.mailbox(0)).length;
    const implicit = makeSmtpPost({ url: `smtps://localhost:${postfix.tlsPort}`, from, ca: postfix.ca });
    await implicit.deliver({ ...letter, subject: "from the first byte" });
    await makeSmtpPost({ url: `smtp://localhost:${postfix.port}`, from }).deliver(letter);
    expect(await postfix.mailbox(before + 2)).toHaveLength(before + 2);
  });

  test("its certificate is refused where nobody vouches for it, and nothing is sent", async () => {
    const refused = (url: string, ca?: string) =>
      expect(makeSmtpPost({ url, from, ...(ca && { ca }) }).deliver(letter)).rejects.toThrow(
        "has a certificate that is not trusted",
      );
    const before = postfix.log();
    await refused(`smtp://0.0.0.0:${postfix.port}`);
    await refused(`smtps://localhost:${postfix.tlsPort}`);
    await refused(`smtps://127.0.0.1:${postfix.tlsPort}`, postfix.ca);
    expect(postfix.log().slice(before.length)).not.toContain("client=");
  });

  test("its refusal of a recipient is quoted", async () => {
    const house = makeSmtpPost({ url: `smtp://localhost:${postfix.port}`, from });
    const to = (address: string) => expect(house.deliver({ ...letter, to: address })).rejects;
    await to("nobody@example.org").toThrow(/ refused the recipient: 550 5\.1\.1 .*User unknown/);
    await to("ada@example.com").toThrow(/ refused the recipient: \d{3} \d\.7\.1 .*Relay access denied/);
  });
});
