import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { SMTPServer } from "smtp-server";
import { bootstrap, requireBinary, speak } from "../binary.ts";
import { launch, newPage, photograph } from "./chromium.ts";
import { button, fill, heading, newHouse } from "./house.ts";

let browser: Browser;

beforeAll(async () => {
  requireBinary();
  browser = await launch();
});

afterAll(() => browser?.close());

/** A mail server on loopback; answers the code of the next letter that has one. */
async function mailServer() {
  const codes: string[] = [];
  let arrived = Promise.withResolvers<void>();
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    async onData(stream, _session, done) {
      let raw = "";
      for await (const chunk of stream) raw += chunk;
      const [code] = /^\d{6}(?=\r?$)/m.exec(raw) ?? [];
      if (code !== undefined) codes.push(code);
      arrived.resolve();
      done();
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.server.address();
  return {
    url: `smtp://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`,
    async nextCode(): Promise<string> {
      while (codes.length === 0) {
        await arrived.promise;
        arrived = Promise.withResolvers<void>();
      }
      return codes.shift() ?? "";
    },
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

test("a code from the mail signs in, and another one resets a forgotten password", async () => {
  await using smtp = await mailServer();
  await using at = await newHouse({
    env: {
      HOUSEKEY_SMTP_URL: smtp.url,
      HOUSEKEY_MAIL_FROM: "house@example.org",
      HOUSEKEY_LIMIT_REGISTER: "off",
    },
  });
  const { token } = (await bootstrap(at.house)).body;
  await speak(at.house, "POST", "/auth/email", { token, body: { email: "ada@example.org" } });
  const code = await smtp.nextCode();
  expect((await speak(at.house, "POST", "/auth/email/verify", { token, body: { code } })).status).toBe(200);

  const { page, problems } = await newPage(browser, at.origin);
  await page.goto(`${at.origin}/login`);
  await button(page, "Mail me a code").click();
  await button(page, "Sign in with a password").waitFor();
  await fill(page, { username: "Ada@Example.org" });
  await page.keyboard.press("Enter");
  await heading(page, "Look into your mail").waitFor();
  await photograph(page, "login-mail-code");
  await fill(page, { token: "000000" });
  await page.keyboard.press("Enter");
  await page.getByText("This code is not right.").waitFor();
  await fill(page, { token: await smtp.nextCode() });
  await page.keyboard.press("Enter");
  await page.waitForURL(`${at.origin}/account`);
  await page.getByText("by mailed code").waitFor();

  await button(page, "Sign out").click();
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  await fill(page, { email: "ada" });
  await page.keyboard.press("Enter");
  await heading(page, "Look into your mail").waitFor();
  await fill(page, { code: await smtp.nextCode(), new_password: "difference engine" });
  await page.keyboard.press("Enter");
  await heading(page, "The password is set").waitFor();
  await page.getByRole("link", { name: "Sign in" }).click();
  await fill(page, { username: "ada", password: "difference engine" });
  await page.keyboard.press("Enter");
  await page.waitForURL(`${at.origin}/account`);
  expect(problems).toEqual([]);
});
