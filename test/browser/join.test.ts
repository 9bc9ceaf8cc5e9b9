import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { bootstrap, type House, requireBinary, speak } from "../binary.ts";
import { plugIn } from "./authenticator.ts";
import { launch, newPage, photograph, traces } from "./chromium.ts";
import { button, fill, heading, newHouse } from "./house.ts";

let browser: Browser;

beforeAll(async () => {
  requireBinary();
  browser = await launch();
});

afterAll(() => browser?.close());

/** The code in the newest letter; without a mail server letters are files. */
async function lastCode({ data }: House): Promise<string> {
  const outbox = join(data, "outbox");
  for (let tries = 0; tries < 100; tries++) {
    const letters = existsSync(outbox) ? readdirSync(outbox).filter((name) => name.endsWith(".eml")) : [];
    const newest = letters.sort().at(-1);
    const [code] = (newest && /^\d{6}(?=\r?$)/m.exec(readFileSync(join(outbox, newest), "utf8"))) || [];
    if (code !== undefined) return code;
    await Bun.sleep(50);
  }
  throw new Error("no letter with a code");
}

test("an invitation makes an account that is signed in, and leaves no token anywhere", async () => {
  await using at = await newHouse();
  const { token } = (await bootstrap(at.house)).body;
  const made = await speak(at.house, "POST", "/auth/invites", {
    token,
    body: { email: "grace@example.com" },
  });
  const { page, problems } = await newPage(browser, at.origin);
  await page.goto(`${at.origin}/invite#token=${made.body.token}`);
  await heading(page, "You are invited").waitFor();
  expect(await traces(page)).not.toContain(made.body.token);
  expect(await page.getByLabel("E-mail").inputValue()).toBe("grace@example.com");
  await photograph(page, "invite");
  await fill(page, { username: "ada", password: "compiler", name: "Grace" });
  await page.keyboard.press("Enter");
  await page.getByText("This username is taken.").waitFor();
  await fill(page, { username: "grace" });
  await button(page, "Make the account").dblclick();
  await page.waitForURL(`${at.origin}/account`);
  await heading(page, "Grace").waitFor();

  await page.goto(`${at.origin}/invite#token=${made.body.token}`);
  await heading(page, "This link does not work").waitFor();
  await page.getByText("This link is wrong, used up or expired. Ask for a new one.").waitFor();
  await page.goto("about:blank");
  await page.goto(`${at.origin}/invite`);
  await page.getByText("The link is not whole").waitFor();
  await photograph(page, "invite-dead");
  expect(problems).toEqual([]);
});

test("a recovery link leads back in, by a password or by a passkey", async () => {
  await using at = await newHouse();
  const { token, user } = (await bootstrap(at.house)).body;
  const link = async () => {
    const made = await speak(at.house, "POST", `/auth/users/${user.id}/recovery`, { token });
    return `${at.origin}/recover${new URL(made.body.url).hash}`;
  };
  const { page, problems } = await newPage(browser, at.origin);
  const phone = await plugIn(page);
  await page.goto(await link());
  await heading(page, "Welcome back, ada").waitFor();
  await photograph(page, "recover");
  await fill(page, { password: "ada" });
  await page.keyboard.press("Enter");
  await page.getByText("Use at least 8 characters.").waitFor();
  await fill(page, { password: "difference engine" });
  await page.keyboard.press("Enter");
  await page.waitForURL(`${at.origin}/account`);

  const signedIn = await speak(at.house, "POST", "/auth/local/login", {
    body: { username: "ada", password: "difference engine" },
  });
  const again = await speak(at.house, "POST", `/auth/users/${user.id}/recovery`, {
    token: signedIn.body.token,
  });
  await page.goto(`${at.origin}/recover${new URL(again.body.url).hash}`);
  await button(page, "With a passkey").click();
  await page.waitForURL(`${at.origin}/account`);
  expect(await phone.count()).toBe(1);
  await page.locator("#passkeys li").waitFor();
  expect(problems).toEqual([]);
});

test("an open house makes an account for whoever reads the mail, and signs them in", async () => {
  await using at = await newHouse({ env: { HOUSEKEY_REGISTRATION: "open" } });
  await bootstrap(at.house);
  const { page, problems } = await newPage(browser, at.origin);
  await page.goto(`${at.origin}/login`);
  await page.getByRole("link", { name: "Make an account" }).click();
  await heading(page, "Make an account").waitFor();
  await photograph(page, "register");
  await fill(page, { email: "grace@example.com", password: "compiler", name: "\u202eGrace" });
  await page.keyboard.press("Enter");
  await heading(page, "Look into your mail").waitFor();
  await fill(page, { code: "000000" });
  await page.keyboard.press("Enter");
  await page.getByText("This code is not right.").waitFor();
  await photograph(page, "register-verify");
  await fill(page, { code: await lastCode(at.house) });
  await page.keyboard.press("Enter");
  await page.waitForURL(`${at.origin}/account`);
  await page.getByText("verified", { exact: true }).waitFor();
  await page.locator("#sessions li").waitFor();
  expect(await page.locator("#sessions li").count()).toBe(1);
  expect(await traces(page)).not.toContain("compiler");
  expect(problems).toEqual([]);
});

test("a forgotten password is set anew by a mailed code", async () => {
  await using at = await newHouse();
  await bootstrap(at.house);
  const { page, problems } = await newPage(browser, at.origin);
  await page.goto(`${at.origin}/reset`);
  await heading(page, "Reset your password").waitFor();
  await page.getByText("This house sends no mail").waitFor();
  await photograph(page, "reset");
  await fill(page, { email: "ada" });
  await page.keyboard.press("Enter");
  await heading(page, "Look into your mail").waitFor();
  await fill(page, { code: "123456", new_password: "difference engine" });
  await page.keyboard.press("Enter");
  await page.getByText("This code is not right.").waitFor();
  await photograph(page, "reset-code");
  expect(problems).toEqual([]);
});

test("a closed house says so, and to whom to turn", async () => {
  await using at = await newHouse();
  await bootstrap(at.house);
  const { page, problems } = await newPage(browser, at.origin);
  await page.goto(`${at.origin}/register`);
  await heading(page, "No new accounts here").waitFor();
  await photograph(page, "register-closed");
  expect(problems).toEqual([]);
});
