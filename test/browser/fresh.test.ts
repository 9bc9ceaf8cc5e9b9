import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { admin, bootstrap, requireBinary } from "../binary.ts";
import { plugIn } from "./authenticator.ts";
import { launch, newPage, photograph } from "./chromium.ts";
import { button, fill, focused, heading, newHouse, signIn } from "./house.ts";

let browser: Browser;

beforeAll(async () => {
  requireBinary();
  browser = await launch();
});

afterAll(() => browser?.close());

test("what needs a fresh sign-in asks for it in place, and goes on afterwards", async () => {
  await using at = await newHouse({ env: { HOUSEKEY_LIMIT_SIGNIN: "off" } });
  await bootstrap(at.house);
  const context = await browser.newContext();
  const early = await newPage(context, at.origin);
  await signIn(early.page, at.origin);
  await early.page.waitForURL(`${at.origin}/account`);
  expect(early.problems).toEqual([]);
  await early.page.close();

  // The cookie is the host's, whatever the port.
  await at.later(20);
  const { page, problems } = await newPage(context, at.origin);
  await page.goto(`${at.origin}/account`);
  await button(page, "Turn on").click();
  await heading(page, "Is it you?").waitFor();
  await page.getByRole("dialog").locator("[name=password]").waitFor();
  expect(await focused(page)).toBe("password");
  await photograph(page, "account-confirm");
  await page.keyboard.press("Escape");
  await page.getByText("Nothing was changed, because you did not confirm that it is you.").waitFor();
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Turn on");

  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.locator("[name=password]").fill("not it");
  await page.keyboard.press("Enter");
  await dialog.getByText("Wrong name or password.").waitFor();
  await dialog.locator("[name=password]").fill(admin.password);
  await page.keyboard.press("Enter");
  await page.getByText("Scan this with your authenticator app").waitFor();
  expect(await dialog.count()).toBe(0);

  // Fresh now, so a passkey is added without a question; later it is the passkey that confirms.
  const phone = await plugIn(page);
  await button(page, "Add a passkey").click();
  await page.getByLabel("Name of the passkey").fill("Phone");
  await page.keyboard.press("Enter");
  await page.locator("#passkeys li").waitFor();
  expect(await phone.count()).toBe(1);
  await at.later(40);
  expect(problems).toEqual([]);
  await page.goto(`${at.origin}/account`);
  await fill(page.locator("#address"), { email: "ada@example.com" });
  await page.keyboard.press("Enter");
  await button(page, "Confirm with a passkey").click();
  await page.getByText("Six digits are on their way to ada@example.com.").waitFor();
  expect(problems.filter((problem) => !problem.startsWith("left the house"))).toEqual([]);
  await context.close();
});

test("a session that ended elsewhere leads to the sign-in page, and from there back", async () => {
  await using at = await newHouse();
  const { token } = (await bootstrap(at.house)).body;
  const { page, problems } = await newPage(browser, at.origin);
  await signIn(page, at.origin);
  await page.waitForURL(`${at.origin}/account`);
  await page.goto(`${at.origin}/account?from=a-link`);
  await heading(page, "Profile").waitFor();
  // Whatever part of the page still asks when the session ends would lead away before anything is typed.
  await page.waitForLoadState("networkidle");
  await fetch(`${at.house.url}/api/v1/auth/sessions`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${token}` },
  });
  await page.locator("[name=name]").fill("Ada");
  await page.keyboard.press("Enter");
  await page.getByText("Your session has ended. Sign in again.").waitFor();
  expect(new URL(page.url()).searchParams.get("return_to")).toBe("/account?from=a-link");
  await fill(page, admin);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${at.origin}/account?from=a-link`);
  expect(problems).toEqual([]);
});
