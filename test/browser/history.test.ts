import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { bootstrap, requireBinary, speak } from "../binary.ts";
import { makeKey } from "../passkey/authenticator.ts";
import { launch, newPage, overflows, photograph } from "./chromium.ts";
import { button, fill, heading, newHouse } from "./house.ts";

let browser: Browser;

beforeAll(async () => {
  requireBinary();
  browser = await launch();
});

afterAll(() => browser?.close());

const grace = { username: "grace", password: "difference engine" };

test("a member sees what happened to their account, and nothing of others, in words", async () => {
  await using at = await newHouse({ env: { HOUSEKEY_LIMIT_SIGNIN: "off" } });
  const { house } = at;
  const { token } = (await bootstrap(house)).body;
  const made = await speak(house, "POST", "/auth/users", { token, body: { ...grace, role: "member" } });
  const { id } = made.body.user;
  for (const disabled of [true, false])
    await speak(house, "PATCH", `/auth/users/${id}`, { token, body: { disabled } });
  await speak(house, "POST", "/auth/local/login", { body: { ...grace, password: "a wrong guess" } });
  for (let time = 0; time < 10; time++) await speak(house, "POST", "/auth/local/login", { body: grace });
  const own = (await speak(house, "POST", "/auth/local/login", { body: grace })).body;
  await speak(house, "POST", "/v1/auth/api-keys", { token: own.token, body: { name: "a script" } });
  const key = makeKey({ origin: at.origin });
  const options = await speak(house, "POST", "/auth/passkeys/register/options", {
    token: own.token,
    body: {},
  });
  const passkey = { name: "Phone <b>", ...key.create(options.body) };
  await speak(house, "POST", "/auth/passkeys/register/verify", { token: own.token, body: passkey });

  const { page, problems } = await newPage(browser, at.origin);
  await page.goto(`${at.origin}/login`);
  await fill(page, grace);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${at.origin}/account`);
  await heading(page, "What happened to your account").waitFor();
  const lines = page.locator("#history li");
  await lines.first().waitFor();
  expect(await lines.count()).toBe(10);
  expect(await lines.nth(1).textContent()).toMatch(/^A passkey was added.*127\.0\.0\.1.*Phone <b>$/);
  expect(await lines.nth(2).textContent()).toMatch(/^An API key was made.*this machine/);
  expect(await lines.nth(0).textContent()).toMatch(/^Somebody signed in.*password$/);
  await photograph(page, "account-history");
  await button(page, "Older").click();
  await page.getByText("An account was made").waitFor();
  const all = await page.locator("#history").textContent();
  expect(all).toMatch(/A sign-in failed\s*refused/);
  expect(all).toMatch(/An account was disabled.*by an admin/);
  expect(all).not.toContain("An admin was set up");
  expect(await button(page, "Older").count()).toBe(0);
  expect(await overflows(page, 320)).toBe(false);
  expect(problems).toEqual([]);
});

test("an admin's own page has what happened to them, not what they did to others; the same in German", async () => {
  await using at = await newHouse();
  const { house } = at;
  const { token } = (await bootstrap(house)).body;
  await speak(house, "POST", "/auth/users", { token, body: { ...grace, role: "member" } });
  const context = await browser.newContext({ locale: "de-DE" });
  const { page, problems } = await newPage(context, at.origin);
  await page.goto(`${at.origin}/login`);
  await fill(page, { username: "ada", password: "analytical engine" });
  await page.keyboard.press("Enter");
  await heading(page, "Was mit deinem Konto geschah").waitFor();
  await page.getByText("Ein Admin wurde eingerichtet").waitFor();
  const shown = await page.locator("#history").textContent();
  expect(shown).toContain("Jemand hat sich angemeldet");
  expect(shown).not.toContain("Ein Konto wurde angelegt");
  await photograph(page, "account-history-de");
  expect(problems).toEqual([]);
  await context.close();
});
