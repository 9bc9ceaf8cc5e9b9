import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { bootstrap, type House, requireBinary, speak } from "../binary.ts";
import { launch, newPage, photograph, traces } from "./chromium.ts";
import { button, fill, heading, newHouse, signIn } from "./house.ts";

let browser: Browser;

beforeAll(async () => {
  requireBinary();
  browser = await launch();
});

afterAll(() => browser?.close());

/** A device that asks to come in. */
async function asking(house: House, agent = "housekey/0.1.0 (linux)") {
  const made = await speak(house, "POST", "/api/auth/device/create", {
    body: { clientType: "connector" },
    headers: { "user-agent": agent },
  });
  const { code, token } = made.body as { code: string; token: string };
  return {
    code,
    status: async () =>
      (await speak(house, "POST", "/api/auth/device/poll", { body: { token } })).body.status,
  };
}

test("whoever opens the link of a device signs in, sees who asks, and approves by a button", async () => {
  await using at = await newHouse({ env: { HOUSEKEY_LIMIT_POLL: "off" } });
  await bootstrap(at.house);
  const { page, problems } = await newPage(browser, at.origin);
  const { code, status } = await asking(at.house, "<script>alert(1)</script>");
  await page.goto(`${at.origin}/device?code=${code}`);
  await page.waitForURL(/\/login\?return_to=/);
  await fill(page, { username: "ada", password: "analytical engine" });
  await page.keyboard.press("Enter");
  await heading(page, "Is this you?").waitFor();
  await page.getByText("A connector").waitFor();
  await page.getByText("127.0.0.1 (this machine)").waitFor();
  await page.getByText("<script>alert(1)</script>").waitFor();
  expect(await status()).toBe("pending");
  await photograph(page, "device-asking");
  await button(page, "Approve").dblclick();
  await heading(page, "The device is in").waitFor();
  expect(page.url()).toBe(`${at.origin}/device`);
  expect(await status()).toBe("authorized");
  await photograph(page, "device-approved");
  await page.getByRole("link", { name: "To your account" }).click();
  await page.locator("#sessions li", { hasText: "connector" }).waitFor();
  expect(problems).toEqual([]);
});

test("a code is typed as it comes, denied, and answered once", async () => {
  await using at = await newHouse({ env: { HOUSEKEY_LIMIT_POLL: "off" } });
  await bootstrap(at.house);
  const { page, problems } = await newPage(browser, at.origin);
  await signIn(page, at.origin);
  await page.waitForURL(`${at.origin}/account`);
  const { code, status } = await asking(at.house);
  await page.goto(`${at.origin}/device`);
  await heading(page, "Let a device in").waitFor();
  await photograph(page, "device");
  await page.keyboard.press("Enter");
  await page.getByText("Enter the code that the device shows.").waitFor();
  await fill(page, { code: "ZZZZ-9999" });
  await page.keyboard.press("Enter");
  await page.getByText("No device waits under this code.").waitFor();
  await fill(page, { code: code.toLowerCase().replace("-", "") });
  await page.keyboard.press("Enter");
  await heading(page, "Is this you?").waitFor();
  await button(page, "Deny").click();
  await heading(page, "Turned away").waitFor();
  expect(await status()).toBe("invalid");
  await button(page, "Another code").click();
  await fill(page, { code });
  await page.keyboard.press("Enter");
  await page.getByText("This code was already answered").waitFor();
  expect(problems).toEqual([]);
});

test("a phone is linked by a code that is drawn and written nowhere", async () => {
  await using at = await newHouse();
  await bootstrap(at.house);
  const { page, problems } = await newPage(browser, at.origin);
  await signIn(page, at.origin);
  await page.waitForURL(`${at.origin}/account`);
  const created = page.waitForResponse((response) => response.url().endsWith("/device/create"));
  await button(page, "Show the code").click();
  const { token } = await (await created).json();
  await page.getByRole("img", { name: "QR code that signs a phone in as you" }).locator(".qr-ink").waitFor();
  await page.getByText("Waiting for the phone …").waitFor();
  expect(await traces(page)).not.toContain(token);
  await photograph(page, "account-phone");
  const polled = await speak(at.house, "POST", "/api/auth/device/poll", { body: { token } });
  expect(polled.body.status).toBe("authorized");
  await page.getByText("The phone is linked.").waitFor();
  await page.locator("#sessions li", { hasText: "phone" }).waitFor();
  expect(problems).toEqual([]);
});
