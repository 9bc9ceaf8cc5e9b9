import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { bootstrap, requireBinary } from "../binary.ts";
import { plugIn } from "./authenticator.ts";
import { launch, newPage, photograph } from "./chromium.ts";
import { button, newHouse, signIn } from "./house.ts";

let browser: Browser;

beforeAll(async () => {
  requireBinary();
  browser = await launch();
});

afterAll(() => browser?.close());

const passkeys = (page: Page) => page.locator("#passkeys li");

async function addPasskey(page: Page, name: string): Promise<void> {
  await button(page, "Add a passkey").click();
  await page.getByLabel("Name of the passkey").fill(name);
  await page.keyboard.press("Enter");
  await passkeys(page).filter({ hasText: name }).waitFor();
}

async function signOut(page: Page, origin: string): Promise<void> {
  await button(page, "Sign out").click();
  await page.waitForURL(`${origin}/login`);
}

test("passkeys are added, sign in by autofill and by button, are renamed and removed", async () => {
  await using at = await newHouse({ env: { HOUSEKEY_LIMIT_SIGNIN: "off" } });
  await bootstrap(at.house);
  const { page, problems } = await newPage(browser, at.origin);
  const phone = await plugIn(page);
  await signIn(page, at.origin);
  await page.waitForURL(`${at.origin}/account`);
  await page.getByText("No passkeys yet.").waitFor();
  await addPasskey(page, "Phone");
  expect(await phone.count()).toBe(1);
  const plugPhone = await phone.unplug();

  const keyRing = await plugIn(page, "usb");
  await addPasskey(page, "<img src=x> Key ring 🔑");
  expect(await keyRing.count()).toBe(1);
  expect(await passkeys(page).count()).toBe(2);
  await passkeys(page).filter({ hasText: "Phone" }).getByText("never used").waitFor();
  await photograph(page, "account-passkeys");

  await keyRing.present(false);
  await signOut(page, at.origin);
  await button(page, "Sign in with a passkey").waitFor();
  await keyRing.present(true);
  await button(page, "Sign in with a passkey").click();
  await page.waitForURL(`${at.origin}/account`);
  await passkeys(page).filter({ hasText: "Key ring" }).getByText("last used just now").waitFor();
  await page.getByText("by passkey").first().waitFor();
  const plugKeyRing = await keyRing.unplug();

  // The browser offers it in the name field, and the person takes it: no button is pressed.
  const phoneAgain = await plugPhone();
  await button(page, "Sign out").click();
  await passkeys(page).filter({ hasText: "Phone" }).getByText("last used just now").waitFor();

  await button(page, "Rename the passkey Phone").click();
  await page.getByLabel("Name of the passkey").fill("Old phone");
  await button(page, "Save").last().click();
  await page.getByText("Renamed.").waitFor();
  await button(page, "Remove the passkey Old phone").click();
  await photograph(page, "account-passkey-remove");
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByText("Passkey removed.").waitFor();
  expect(await passkeys(page).count()).toBe(1);

  await signOut(page, at.origin);
  await page.getByText("This passkey is not known here").waitFor();
  await phoneAgain.unplug();
  await plugKeyRing();
  await button(page, "Sign in with a passkey").click();
  await page.waitForURL(`${at.origin}/account`);
  expect(problems).toEqual([]);
});
