import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { bootstrap, requireBinary, speak } from "../binary.ts";
import { launch, newPage, photograph, traces } from "./chromium.ts";
import { button, heading, newHouse, signIn } from "./house.ts";

let browser: Browser;

beforeAll(async () => {
  requireBinary();
  browser = await launch();
});

afterAll(() => browser?.close());

test("a key is shown once, works within what it may, and is deleted", async () => {
  await using at = await newHouse();
  await bootstrap(at.house);
  const { page, problems } = await newPage(browser, at.origin);
  await signIn(page, at.origin);
  await page.waitForURL(`${at.origin}/account`);
  await page.getByText("No keys yet.").waitFor();
  await button(page, "Make a key").click();
  await page.getByLabel("Name of the key").fill("nightly <b>backup</b>");
  await page.getByLabel("see who you are").uncheck();
  await photograph(page, "account-key-new");
  await page.keyboard.press("Enter");
  await page.getByText("Allow it at least one thing.").waitFor();
  await page.getByLabel("see who you are").check();
  await page.getByLabel("Days until it ends").fill("x");
  await page.getByRole("dialog").getByRole("button", { name: "Make a key" }).click();
  await page.getByText("A whole number from 1 to 3650, or nothing.").waitFor();
  await page.getByLabel("Days until it ends").fill("30");
  await page.keyboard.press("Enter");
  await heading(page, "Your new key").waitFor();
  const key = await page.locator("#keys .lines pre").textContent();
  expect(key).toMatch(/^hk_[0-9A-Za-z]{49}$/);
  const me = () => speak(at.house, "GET", "/v1/auth/me", { token: key ?? "" });
  expect((await me()).status).toBe(200);
  await photograph(page, "account-key-made");
  await button(page, "I have copied it").click();
  expect(await traces(page)).not.toContain(key ?? "");
  await button(page, "Delete the key nightly <b>backup</b>").click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("Key deleted.").waitFor();
  expect((await me()).status).toBe(401);
  expect(problems).toEqual([]);
});
