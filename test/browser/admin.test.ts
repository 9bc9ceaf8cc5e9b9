import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { admin, bootstrap, requireBinary, speak } from "../binary.ts";
import { launch, newPage, overflows, photograph, traces } from "./chromium.ts";
import { button, fill, heading, newHouse, signIn } from "./house.ts";

let browser: Browser;

beforeAll(async () => {
  requireBinary();
  browser = await launch();
});

afterAll(() => browser?.close());

const section = (page: Page, id: string) => page.locator(`#${id}`);

/** The admin, on the page of the house. */
async function open() {
  const at = await newHouse();
  await bootstrap(at.house);
  const watched = await newPage(browser, at.origin);
  await signIn(watched.page, at.origin);
  await watched.page.waitForURL(`${at.origin}/account`);
  await watched.page.getByRole("link", { name: "The house", exact: true }).click();
  await heading(watched.page, "The house").waitFor();
  return {
    ...watched,
    ...at,
    origin: at.origin,
    house: at.house,
    [Symbol.asyncDispose]: at[Symbol.asyncDispose],
  };
}

test("people are added, found, recovered, disabled and deleted", async () => {
  await using at = await open();
  const { page, problems } = at;
  const people = section(page, "users");
  await button(page, "Add a person").click();
  const hostile = `<img src=x onerror=alert(1)>\u202e${"W".repeat(150)}`;
  await fill(page.getByRole("dialog"), { username: "grace", name: hostile, email: "grace@example.com" });
  await page.keyboard.press("Enter");
  await people.getByText("Link for grace").waitFor();
  const link = (await people.locator(".lines pre").textContent()) ?? "";
  expect(link).toStartWith(`${at.origin}/recover#token=`);
  expect(await overflows(page, 360)).toBe(false);
  await photograph(page, "admin");
  await people.getByRole("button", { name: "Close" }).click();
  expect(await traces(page)).not.toContain(link.split("=")[1] ?? "");

  await page.getByLabel("Search by name or address").fill("GRACE");
  await page.keyboard.press("Enter");
  await people.locator("li").nth(1).waitFor({ state: "detached" });
  await button(page, "Manage grace").click();
  await photograph(page, "admin-manage");
  await button(page, "Disable").click();
  await people.getByText("disabled", { exact: true }).waitFor();
  await button(page, "Manage grace").click();
  await button(page, "Delete …").click();
  await page.getByRole("dialog").last().getByRole("button", { name: "Delete", exact: true }).click();
  await people.getByText("Nothing yet.").waitFor();

  await page.getByLabel("Search by name or address").fill("");
  await page.keyboard.press("Enter");
  await button(page, "Manage ada").click();
  await button(page, "Make a member").click();
  await page.getByText("The house needs at least one admin.").waitFor();
  expect(problems).toEqual([]);
});

test("invitations and set-up tokens are made, shown once and withdrawn", async () => {
  await using at = await open();
  const { page, problems } = at;
  const invites = section(page, "invites");
  await button(page, "Invite somebody").click();
  await fill(page.getByRole("dialog"), { email: "grace@example.com", uses: "0" });
  await page.keyboard.press("Enter");
  await page.getByText("A whole number from 1 to 1000.").waitFor();
  await fill(page.getByRole("dialog"), { uses: "2" });
  await page.keyboard.press("Enter");
  await invites.getByText("2 of 2 left").waitFor();
  const link = (await invites.locator(".lines pre").textContent()) ?? "";
  const info = await speak(at.house, "POST", "/auth/invites/info", {
    body: { token: new URL(link).hash.replace("#token=", "") },
  });
  expect(info.body.email).toBe("grace@example.com");
  await button(page, "Withdraw the invitation for grace@example.com").click();
  await invites.getByText("No open invitations.").waitFor();

  const tokens = section(page, "tokens");
  await tokens.locator("[name=note]").fill("for Grace");
  await page.keyboard.press("Enter");
  await tokens.getByText("for Grace").waitFor();
  expect(await tokens.locator(".lines pre").textContent()).toStartWith(`${at.origin}/setup#token=`);
  await tokens.getByRole("button", { name: "Withdraw" }).click();
  await tokens.getByText("None open.").waitFor();
  expect(problems).toEqual([]);
});

test("settings are changed, and what the environment decides is shown as that", async () => {
  await using at = await newHouse({ env: { HOUSEKEY_REGISTRATION: "invite" } });
  await bootstrap(at.house);
  const { page, problems } = await newPage(browser, at.origin);
  await signIn(page, at.origin);
  await page.waitForURL(`${at.origin}/account`);
  await page.goto(`${at.origin}/admin`);
  const registration = page.getByLabel("New accounts (decided by the environment)");
  await registration.waitFor();
  expect([await registration.isDisabled(), await registration.inputValue()]).toEqual([true, "invite"]);
  await page.getByLabel("Days that the log is kept").fill("0");
  await page.keyboard.press("Enter");
  await page.getByText("A whole number from 1 to 3650.").waitFor();
  await page.getByLabel("Days that the log is kept").fill("30");
  await page.getByLabel("Mailed codes sign in").uncheck();
  await page.getByLabel("A sign-in counts as fresh").fill("20m");
  await page.getByLabel("Days that the log is kept").press("Enter");
  await page.getByText("Saved.").waitFor();
  await page.reload();
  await registration.waitFor();
  expect(await page.getByLabel("Days that the log is kept").inputValue()).toBe("30");
  expect(await page.getByLabel("Mailed codes sign in").isChecked()).toBe(false);
  expect(await page.getByLabel("A sign-in counts as fresh").inputValue()).toBe("20m");
  expect(problems).toEqual([]);
});

test("the log is filtered, and its new lines appear by themselves", async () => {
  await using at = await open();
  const { page, problems } = at;
  const log = section(page, "audit");
  await log.getByText("Somebody signed in").last().waitFor();
  await page.getByLabel("Event").selectOption("signin.failed");
  await log.getByText("Nothing of the kind.").waitFor();
  await page.getByLabel("New lines appear by themselves").check();
  await speak(at.house, "POST", "/auth/local/login", {
    body: { username: admin.username, password: "wrong" },
  });
  await log.locator("li", { hasText: "A sign-in failed" }).waitFor();
  await page.getByLabel("Person").selectOption({ label: "ada" });
  await log.locator("li", { hasText: "A sign-in failed" }).waitFor();
  expect(problems).toEqual([]);
});

test("a test letter says where it went, and the house is looked over step by step", async () => {
  await using at = await open();
  const { page, problems } = at;
  const mail = section(page, "mail");
  await mail.getByLabel("Send a test letter to").fill("ada@example.org");
  await button(page, "Send a test").click();
  await mail.getByText("Everything worked.").waitFor();
  expect(await mail.locator("li strong").allTextContents()).toEqual(["Outbox"]);
  const checkup = section(page, "checkup");
  await button(page, "Look the house over").click();
  await checkup.getByRole("status").waitFor();
  const steps = await checkup.locator("li strong").allTextContents();
  expect(steps).toEqual(expect.arrayContaining(["Address", "Passkeys", "Disk", "Files", "Database"]));
  expect(await overflows(page, 360)).toBe(false);
  await photograph(page, "admin-checkup");
  expect(problems).toEqual([]);
});

test("a member is told that the house is not theirs to look after", async () => {
  await using at = await newHouse();
  const { token } = (await bootstrap(at.house)).body;
  const body = { username: "grace", role: "member", password: admin.password };
  await speak(at.house, "POST", "/auth/users", { token, body });
  const { page, problems } = await newPage(browser, at.origin);
  await page.goto(`${at.origin}/login?return_to=/admin`);
  await fill(page, { username: "grace", password: admin.password });
  await page.keyboard.press("Enter");
  await page.getByText("Only admins look after the house.").waitFor();
  expect(problems).toEqual([]);
});
