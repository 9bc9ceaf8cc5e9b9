import { afterAll, beforeAll, expect, test } from "bun:test";
import { TOTP } from "otpauth";
import type { Browser, Page } from "playwright-core";
import { admin, bootstrap, requireBinary } from "../binary.ts";
import { launch, newPage, photograph, traces } from "./chromium.ts";
import { button, fill, focused, heading, newHouse, signIn } from "./house.ts";

let browser: Browser;

beforeAll(async () => {
  requireBinary();
  browser = await launch();
});

afterAll(() => browser?.close());

/** The app on the phone: the code of now, or of the step after it, for one step is spent once. */
const codeOf = (secret: string, later = 0): string =>
  new TOTP({ secret: secret.replaceAll(" ", "") }).generate({ timestamp: Date.now() + later * 1000 });

/** Turns two-factor on, by hand as a person would; answers the key and the backup codes. */
async function enrol(page: Page): Promise<{ secret: string; codes: string[] }> {
  await button(page, "Turn on").click();
  await page.getByRole("img", { name: "QR code for the authenticator app" }).locator(".qr-ink").waitFor();
  const secret = (await page.locator("#two-factor .lines pre").textContent()) ?? "";
  await page.getByLabel("Then enter the code").fill(codeOf(secret));
  await button(page, "Turn on two-factor sign-in").click();
  await page.getByText("Your backup codes").waitFor();
  return { secret, codes: await page.locator(".codes li").allInnerTexts() };
}

test("two-factor is turned on, asked for, got past with a backup code, and turned off", async () => {
  await using at = await newHouse({ env: { HOUSEKEY_LIMIT_SIGNIN: "off" } });
  await bootstrap(at.house);
  const { page, problems } = await newPage(browser, at.origin);
  await signIn(page, at.origin);
  await page.waitForURL(`${at.origin}/account`);

  await button(page, "Turn on").click();
  await page.getByLabel("Then enter the code").waitFor();
  await photograph(page, "account-two-factor-enrol");
  await page.getByLabel("Then enter the code").fill("000000");
  await page.keyboard.press("Enter");
  await page.getByText("This code is not right.").first().waitFor();
  expect(await focused(page)).toBe("code");
  await page.locator("#two-factor").getByRole("button", { name: "Cancel" }).click();
  const { secret, codes } = await enrol(page);
  expect(codes).toHaveLength(10);
  await photograph(page, "account-backup-codes");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    button(page, "Save as a file").click(),
  ]);
  const saved = await new Response((await download.createReadStream()) as unknown as ReadableStream).text();
  for (const code of codes) expect(saved).toContain(code);
  await button(page, "I have kept them").click();
  await page.getByText("10 backup codes left.").waitFor();
  const left = await traces(page);
  expect([secret, secret.replaceAll(" ", ""), ...codes].filter((one) => left.includes(one))).toEqual([]);

  await button(page, "Sign out").click();
  await page.waitForURL(/\/login/);
  await fill(page, admin);
  await page.keyboard.press("Enter");
  await heading(page, "One more step").waitFor();
  expect(await focused(page)).toBe("code");
  await photograph(page, "login-second-factor");
  await page.keyboard.press("Enter");
  await page.getByText("Enter the six digits that the app shows.").waitFor();
  await fill(page, { code: "123456" });
  await page.keyboard.press("Enter");
  await page.getByText("This code is not right.").waitFor();
  await fill(page, { code: codeOf(secret, 30) });
  await page.keyboard.press("Enter");
  await page.waitForURL(`${at.origin}/account`);
  await page.getByText("by password + authenticator app").waitFor();

  await button(page, "Sign out").click();
  await page.waitForURL(/\/login/);
  await fill(page, admin);
  await page.keyboard.press("Enter");
  await button(page, "Use a backup code").click();
  expect(await focused(page)).toBe("code");
  await fill(page, { code: codes[0]?.toUpperCase() ?? "" });
  await page.keyboard.press("Enter");
  await page.waitForURL(`${at.origin}/account`);
  await page.getByText("9 backup codes left.").waitFor();
  await photograph(page, "account-two-factor");

  await button(page, "New backup codes").click();
  await page.getByRole("dialog").getByRole("button", { name: "New backup codes" }).click();
  await page.getByText("Your backup codes").waitFor();
  const [fresh] = await page.locator(".codes li").allInnerTexts();
  expect(codes).not.toContain(fresh ?? "");
  await button(page, "I have kept them").click();
  await button(page, "Turn off").click();
  await page
    .getByRole("dialog")
    .getByLabel("Code from the app")
    .fill(fresh ?? "");
  await page.keyboard.press("Enter");
  await page.getByText("Two-factor sign-in is off.").waitFor();
  expect(problems).toEqual([]);
});
