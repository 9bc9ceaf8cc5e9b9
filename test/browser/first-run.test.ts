import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { admin, bootstrap, type House, requireBinary, run } from "../binary.ts";
import { launch, newPage, overflows, photograph, printedLink, traces } from "./chromium.ts";
import { button, fill, focused, heading, newHouse, signIn } from "./house.ts";

let browser: Browser;

beforeAll(async () => {
  requireBinary();
  browser = await launch();
});

afterAll(() => browser?.close());

const sessions = (page: Page) => page.locator("#sessions li");

const settingsOf = (house: House, token: string) =>
  fetch(`${house.url}/auth/settings`, { headers: { authorization: `Bearer ${token}` } });

test("the printed link makes the admin, saves the address, signs in, and leaves no token anywhere", async () => {
  await using at = await newHouse();
  const { page, problems } = await newPage(browser, at.origin);
  const link = printedLink(at.house.output());
  const secrets = [new URL(link).hash.slice("#token=".length)];
  const clean = async () => {
    const left = await traces(page);
    expect(secrets.filter((secret) => left.includes(secret))).toEqual([]);
  };

  await page.goto(link);
  await heading(page, "Create the admin account").waitFor();
  expect(page.url()).toBe(`${at.origin}/setup`);
  expect(await page.locator("[name=token]").isVisible()).toBe(false);
  expect(await focused(page)).toBe("username");
  await page.getByText(/^At least 8 characters/).waitFor();
  await clean();
  await photograph(page, "setup");

  await fill(page, { ...admin, name: "Ada <b>Lovelace</b>", email: "ada@example.com" });
  await clean();
  await page.keyboard.press("Enter");
  await heading(page, "Your account is ready").waitFor();
  await page.getByText(`This house answers at ${at.origin}. Save it as its public address?`).waitFor();
  const cookies = await page.context().cookies();
  const session = cookies.find(({ name }) => name === "housekey");
  expect(session).toMatchObject({ httpOnly: true, sameSite: "Lax", path: "/" });
  expect(await page.evaluate(() => document.cookie)).toBe("");
  secrets.push(...cookies.map(({ value }) => value));
  await clean();
  await photograph(page, "setup-offer");

  await page.getByRole("button", { name: "Save" }).click();
  await page.waitForURL(`${at.origin}/account`);
  await heading(page, "Ada <b>Lovelace</b>").waitFor();
  await page.getByText("Chrome on Linux").waitFor();
  expect(await sessions(page).count()).toBe(1);
  expect(await page.getByRole("button", { name: /^End/ }).count()).toBe(0);
  const settings = await settingsOf(at.house, session?.value ?? "");
  expect(await settings.json()).toMatchObject({ url: at.origin, url_is_set: true });
  await clean();
  await photograph(page, "home");

  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(`${at.origin}/login`);
  expect((await settingsOf(at.house, session?.value ?? "")).status).toBe(401);
  await clean();
  await photograph(page, "login");

  await signIn(page, at.origin, "wrong");
  await page.getByRole("alert").getByText("Wrong name or password.").waitFor();
  expect(await focused(page)).toBe("password");
  await photograph(page, "login-wrong");
  await page.getByLabel("Password", { exact: true }).fill(admin.password);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${at.origin}/account`);
  await heading(page, "Ada <b>Lovelace</b>").waitFor();
  await clean();
  expect(problems).toEqual([]);
});

test("a session that another browser ended leads to the sign-in page", async () => {
  await using at = await newHouse();
  await bootstrap(at.house);
  const [first, second] = [await newPage(browser, at.origin), await newPage(browser, at.origin)];
  await signIn(first.page, at.origin);
  await first.page.waitForURL(`${at.origin}/account`);
  await signIn(second.page, at.origin);
  await second.page.waitForURL(`${at.origin}/account`);
  await sessions(second.page).nth(2).waitFor();

  await first.page.reload();
  await sessions(first.page).nth(2).waitFor();
  await photograph(first.page, "home-sessions");
  await first.page.getByRole("button", { name: "End the session Chrome on Linux, 127.0.0.1" }).click();
  await first.page.getByText("Session ended.").waitFor();
  expect(await sessions(first.page).count()).toBe(2);

  await second.page
    .getByRole("button", { name: /^End the session/ })
    .first()
    .click();
  await second.page.waitForURL(/\/login/);
  await second.page.getByText("Your session has ended. Sign in again.").waitFor();
  await signIn(second.page, at.origin);
  await second.page.waitForURL(`${at.origin}/account`);
  await button(second.page, "End all others").click();
  await second.page.getByRole("dialog").getByRole("button", { name: "End all others" }).click();
  await second.page.getByText("2 sessions ended.").waitFor();
  expect(await sessions(second.page).count()).toBe(1);
  await first.page.getByRole("button", { name: "Sign out" }).click();
  await first.page.waitForURL(/\/login/);
  expect([...first.problems, ...second.problems]).toEqual([]);
});

test("what is wrong is said beside its field, and nothing is lost", async () => {
  await using at = await newHouse();
  const { page, problems } = await newPage(browser, at.origin);
  await page.goto(`${at.origin}/setup`);
  const submit = page.getByRole("button", { name: "Create account" });
  await submit.click();
  await page.getByText("Paste the set-up token, or open the set-up link again.").waitFor();
  await page.getByText("Choose a username.").waitFor();
  expect(await focused(page)).toBe("token");

  await fill(page, { token: "no such token", username: "ada lovelace", password: "short" });
  await submit.click();
  await page.getByText("Use at least 8 characters.").waitFor();
  expect(await focused(page)).toBe("password");
  await fill(page, { password: "password1" });
  await submit.click();
  await page.getByText("This set-up token is wrong, used or expired.").waitFor();
  await fill(page, { token: printedLink(at.house.output()) });
  await submit.click();
  await page.getByText("1 to 64 of the letters a to z, digits, dot, dash and underscore.").waitFor();
  expect(await page.locator("[name=username]").getAttribute("aria-invalid")).toBe("true");
  await fill(page, { username: "ada" });
  expect(await page.locator("[name=username]").getAttribute("aria-invalid")).toBe(null);
  await submit.click();
  await page.getByText("This is one of the most used passwords. Choose another.").waitFor();
  await photograph(page, "setup-wrong");

  await fill(page, { password: admin.password });
  await page.getByRole("button", { name: "Show the password" }).click();
  expect(await page.locator("[name=password]").getAttribute("type")).toBe("text");
  await page.keyboard.press("Enter");
  await heading(page, "Your account is ready").waitFor();
  expect(await page.locator("[name=password]").count()).toBe(0);
  await page.getByRole("button", { name: "Later" }).click();
  await page.waitForURL(`${at.origin}/account`);
  await heading(page, "ada").waitFor();
  expect(problems).toEqual([]);
});

test("a house without an admin says where the link is, one with an admin takes further links", async () => {
  await using at = await newHouse();
  const { page, problems } = await newPage(browser, at.origin);
  await page.goto(`${at.origin}/`);
  await page.waitForURL(/\/login/);
  await heading(page, "This house has no admin yet").waitFor();
  await photograph(page, "login-empty");
  await bootstrap(at.house);

  await page.goto(`${at.origin}/setup`);
  await heading(page, "This house already has an admin").waitFor();
  await photograph(page, "setup-closed");
  await page.getByRole("button", { name: "I have a token" }).click();
  expect(await focused(page)).toBe("token");
  await page.goto(printedLink(at.house.output()));
  await fill(page, { ...admin });
  await page.getByRole("button", { name: "Create account" }).click();
  await heading(page, "This house already has an admin").waitFor();
  const minted = await run(["bootstrap-token"], { cwd: at.folder.path });
  const { hash } = new URL(printedLink(minted.stdout));
  await page.goto(`${at.origin}/setup${hash}`);
  await heading(page, "Create the admin account").waitFor();
  expect(page.url()).toBe(`${at.origin}/setup`);
  await fill(page, { ...admin });
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByText("This username is taken.").waitFor();
  await fill(page, { username: "grace" });
  let sent = 0;
  page.on("request", (request) => {
    if (request.method() === "POST") sent++;
  });
  await page.getByRole("button", { name: "Create account" }).dblclick();
  await heading(page, "Your account is ready").waitFor();
  expect(sent).toBe(1);
  expect(problems).toEqual([]);
});

test("signing in leads back to an own path, and never out of the house", async () => {
  await using at = await newHouse();
  await bootstrap(at.house);
  const { page, problems } = await newPage(browser, at.origin);
  await page.goto(`${at.origin}/login?error=UPSTREAM_DENIED&return_to=/healthz?a=1`);
  await page.getByText("The sign-in provider said no.").waitFor();
  await fill(page, admin);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${at.origin}/healthz?a=1`);
  for (const foreign of ["//evil.example", "/\\evil.example", "https://evil.example", "/%09/evil.example"]) {
    await page.goto(`${at.origin}/login?return_to=${foreign}`);
    await page.waitForURL(`${at.origin}/account`);
  }
  expect(problems).toEqual([]);
});

test("no page scrolls sideways on a narrow phone, whatever people are called", async () => {
  await using at = await newHouse();
  const { page, problems } = await newPage(browser, at.origin);
  await page.goto(printedLink(at.house.output()));
  await heading(page, "Create the admin account").waitFor();
  expect(await overflows(page, 360)).toBe(false);
  await fill(page, { username: "a".repeat(64), password: admin.password, name: "W".repeat(200) });
  await page.getByRole("button", { name: "Create account" }).click();
  await heading(page, "Your account is ready").waitFor();
  expect(await overflows(page, 360)).toBe(false);
  await page.getByRole("button", { name: "Later" }).click();
  await page.getByText("Chrome on Linux").waitFor();
  expect(await overflows(page, 360)).toBe(false);
  await photograph(page, "home-long");
  await page.getByRole("button", { name: "Sign out" }).click();
  await heading(page, "Sign in").waitFor();
  expect(await overflows(page, 360)).toBe(false);
  expect(problems).toEqual([]);
});

test("the watch on the pages sees a broken policy, an uncaught error and a request that leaves", async () => {
  await using at = await newHouse();
  const { page, problems } = await newPage(browser, at.origin);
  await page.goto(`${at.origin}/login`);
  await page.evaluate(async () => {
    const script = document.createElement("script");
    script.textContent = "window.ran = true";
    document.body.append(script);
    setTimeout(() => {
      throw new Error("nobody catches this");
    });
  });
  expect(await page.evaluate(() => "ran" in window)).toBe(false);
  expect(problems.join("\n")).toMatch(/Content Security Policy/);
  expect(problems.join("\n")).toMatch(/nobody catches this/);
  await page.goto(`${at.house.url}/healthz`);
  expect(problems.join("\n")).toMatch(/left the house/);
});
