import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { admin, bootstrap, requireBinary } from "../binary.ts";
import { launch, newPage, overflows, photograph, printedLink, traces } from "./chromium.ts";
import { button, fill, heading, newHouse, signIn } from "./house.ts";

let browser: Browser;

beforeAll(async () => {
  requireBinary();
  browser = await launch();
});

afterAll(() => browser?.close());

test("a browser at another address than the house's is told both, and what to change", async () => {
  await using at = await newHouse({ env: { HOUSEKEY_URL: "https://auth.example.org" } });
  const { page, problems } = await newPage(browser, at.origin);
  const { hash } = new URL(printedLink(at.house.output()));
  await page.goto(`${at.origin}/setup${hash}`);
  await heading(page, "The address needs a look first").waitFor();
  await page.getByText("This is not the address of the house").waitFor();
  expect(await page.locator(".facts dd").allTextContents()).toEqual([at.origin, "https://auth.example.org"]);
  await page.getByText(`HOUSEKEY_URL=${at.origin}`).waitFor();
  expect(await page.getByRole("link", { name: "Open https://auth.example.org" }).getAttribute("href")).toBe(
    "https://auth.example.org/setup",
  );
  expect(await traces(page)).not.toContain(hash.replace("#token=", ""));
  expect(await overflows(page, 360)).toBe(false);
  await photograph(page, "setup-elsewhere");
  await button(page, "Go on anyway").click();
  await fill(page, admin);
  await page.keyboard.press("Enter");
  await page.getByText(/the house is at https:\/\/auth\.example\.org/).waitFor();
  expect(problems).toEqual([]);
});

test("a browser at an IP address is told what that costs, and with which lines to do better", async () => {
  await using at = await newHouse();
  const { page, problems } = await newPage(browser, at.house.url);
  const { hash } = new URL(printedLink(at.house.output()));
  await page.goto(`${at.house.url}/setup${hash}`);
  await heading(page, "Create the admin account").waitFor();
  await page.getByText("An IP address cannot have passkeys").waitFor();
  for (const proxy of ["Caddy", "nginx", "Traefik"]) await page.getByText(proxy, { exact: true }).waitFor();
  await photograph(page, "setup-number");
  await fill(page, admin);
  await page.keyboard.press("Enter");
  await heading(page, "Your account is ready").waitFor();
  await button(page, "Later").click();
  await page.getByText("Passkeys need a name with https, or localhost.").waitFor();
  expect(await button(page, "Add a passkey").count()).toBe(0);
  expect(problems).toEqual([]);
});

test("signing out in one tab signs out the other, and the Back button shows nothing of the account", async () => {
  await using at = await newHouse();
  await bootstrap(at.house);
  const context = await browser.newContext();
  const [one, other] = [await newPage(context, at.origin), await newPage(context, at.origin)];
  await signIn(one.page, at.origin);
  await one.page.waitForURL(`${at.origin}/account`);
  await other.page.goto(`${at.origin}/account`);
  await heading(other.page, "Profile").waitFor();
  await one.page.goto(`${at.origin}/account?again`);
  await heading(one.page, "Profile").waitFor();
  await button(one.page, "Sign out").click();
  await one.page.waitForURL(`${at.origin}/login`);
  await one.page.goBack();
  await one.page.waitForURL(/\/login/);
  await heading(one.page, "Sign in").waitFor();
  await other.page.locator("[name=name]").fill("Ada");
  await other.page.keyboard.press("Enter");
  await other.page.getByText("Your session has ended. Sign in again.").waitFor();
  await other.page.reload();
  await heading(other.page, "Sign in").waitFor();
  expect([...one.problems, ...other.problems]).toEqual([]);
  await context.close();
});
