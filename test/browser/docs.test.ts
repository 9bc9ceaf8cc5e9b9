import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { emptyFolder, requireBinary, startHouse } from "../binary.ts";
import { launch, newPage, overflows, photograph } from "./chromium.ts";

let browser: Browser;

beforeAll(async () => {
  requireBinary();
  browser = await launch();
});

afterAll(() => browser?.close());

/** The page, in a house that serves it. */
async function openDocs(path = "/docs") {
  const folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path });
  const origin = house.url.replace("127.0.0.1", "localhost");
  const watched = await newPage(browser, origin);
  const response = await watched.page.goto(origin + path);
  await watched.page.getByText("Sign in with a password").waitFor();
  return {
    ...watched,
    origin,
    policy: (await response?.allHeaders())?.["content-security-policy"] ?? "",
    async [Symbol.asyncDispose]() {
      await house.stop();
      folder[Symbol.dispose]();
    },
  };
}

test("the description is a page of the house's own, and nothing on it breaks the policy or leaves the house", async () => {
  await using at = await openDocs();
  const { page, problems } = at;
  expect(at.policy).toContain("default-src 'none'");
  expect(at.policy).not.toContain("unsafe");
  const document = await (await fetch(`${at.origin}/docs/json`)).json();
  const operations = Object.values<object>(document.paths).flatMap((path) => Object.keys(path));
  expect(await page.locator(".operation").count()).toBe(operations.length);
  expect(await page.getByRole("heading", { level: 2 }).allTextContents()).toEqual(
    document.tags.map(({ name }: { name: string }) => name),
  );
  await page.getByText(`${operations.length} endpoints`).waitFor();
  await photograph(page, "docs");
  for (const panel of await page.locator(".operation > summary").all()) await panel.click();
  expect(await page.locator(".operation[open] > .inside").count()).toBe(operations.length);
  expect(await overflows(page, 360)).toBe(false);
  expect(problems).toEqual([]);
});

test("an endpoint opens on who may ask, what it takes, what it answers, and every code", async () => {
  await using at = await openDocs();
  const { page, problems } = at;
  const panel = page.locator(".operation", { hasText: "Make an account" }).filter({ hasText: "/auth/users" });
  await panel.locator("summary").click();
  const inside = panel.locator(".inside");
  await inside.getByText("Needs the permission users:write. Needs a fresh sign-in.").waitFor();
  await inside.getByText('"username": "grace"').waitFor();
  await inside.getByText("one of admin, member").first().waitFor();
  for (const status of ["201", "400", "401", "403", "409", "413", "415", "429", "500", "503"])
    await inside.getByText(`Answer ${status}`).waitFor();
  for (const code of ["EMAIL_TAKEN", "USERNAME_TAKEN", "WEAK_PASSWORD", "FRESH_LOGIN_REQUIRED"])
    await inside.getByText(code, { exact: true }).waitFor();
  await photograph(page, "docs-open");
  expect(problems).toEqual([]);
});

test("a search keeps what has every word, by path, by meaning or by code", async () => {
  await using at = await openDocs();
  const { page, problems } = at;
  const shown = () => page.locator(".operation:visible > summary code").allTextContents();
  const search = page.getByLabel("Search");
  await search.fill("post local/login");
  await page.getByText("1 endpoint", { exact: true }).waitFor();
  expect(await shown()).toEqual(["/auth/local/login"]);
  await search.fill("setting_fixed");
  expect(await shown()).toEqual(["/auth/settings"]);
  expect(await page.getByRole("heading", { level: 2 }).allTextContents()).toEqual(["House"]);
  await search.fill("no such thing");
  await page.getByText("0 endpoints").waitFor();
  await search.fill("");
  expect((await shown()).length).toBeGreaterThan(30);
  expect(problems).toEqual([]);
});

test("a link to an endpoint opens it", async () => {
  await using at = await openDocs("/docs#postAuthLocalLogin");
  await at.page.locator("#postAuthLocalLogin .inside").getByText("INVALID_CREDENTIALS").first().waitFor();
  expect(await at.page.locator(".operation[open]").count()).toBe(1);
  expect(at.problems).toEqual([]);
});
