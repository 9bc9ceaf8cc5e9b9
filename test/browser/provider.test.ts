/** The pages about a sign-in provider, with a certified one beside the house. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { TOTP } from "otpauth";
import type { Browser } from "playwright-core";
import { admin, requireBinary, speak } from "../binary.ts";
import { consent, secret, serve, startReal } from "../upstream/real.ts";
import { launch, photograph } from "./chromium.ts";
import { button, fill, heading, signIn } from "./house.ts";

let browser: Browser;

beforeAll(async () => {
  requireBinary();
  browser = await launch();
});

afterAll(() => browser?.close());

test("a provider is set up, tested, linked, signs in with a second factor, and is unlinked", async () => {
  await using served = await serve();
  const provider = await startReal(served);
  try {
    const { origin } = served;
    const page = await (await browser.newContext()).newPage();
    page.setDefaultTimeout(15_000);
    await signIn(page, origin);
    await page.waitForURL(`${origin}/account`);
    await page.goto(`${origin}/admin`);
    const section = page.locator("#provider");
    await section.getByText(served.redirectUri).waitFor();
    await fill(section, { issuer: "https://127.0.0.1:1", client_id: "housekey", client_password: secret });
    await section.locator("[name=name]").fill("Example ID <b>");
    await page.keyboard.press("Enter");
    await section.locator(".error:not(:empty)").waitFor();
    await photograph(page, "admin-provider-wrong");
    await fill(section, { issuer: provider.issuer });
    await page.keyboard.press("Enter");
    await page.getByText("Saved.").waitFor();
    await section.getByRole("button", { name: "Test" }).click();
    await section.getByText("Everything worked.").waitFor();
    await photograph(page, "admin-provider");

    await page.goto(`${origin}/account`);
    await button(page, "Link Example ID <b>").click();
    await consent(page, "ada");
    await page.waitForURL(/\/account/);
    await page.locator("#identities li", { hasText: "ada@example.com" }).waitFor();
    await photograph(page, "account-identities");

    // Linking has ended the session that was open elsewhere.
    const { token } = (await speak(served.house, "POST", "/auth/local/login", { body: admin })).body;
    const { body: pending } = await speak(served.house, "POST", "/api/v1/auth/2fa/setup", {
      token,
      body: {},
    });
    const app = new TOTP({ secret: pending.secret });
    await speak(served.house, "POST", "/api/v1/auth/2fa/enable", { token, body: { code: app.generate() } });
    await page.context().clearCookies();
    await page.goto(`${origin}/login?return_to=/account`);
    await photograph(page, "login-provider");
    await page.getByRole("link", { name: "Sign in with Example ID <b>" }).click();
    await consent(page, "ada");
    await heading(page, "One more step").waitFor();
    await fill(page, { code: "000000" });
    await page.keyboard.press("Enter");
    await page.getByText("This code is not right.").waitFor();
    await fill(page, { code: app.generate({ timestamp: Date.now() + 30_000 }) });
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/account/);
    await button(page, /^Unlink/).click();
    await page.getByRole("dialog").getByRole("button", { name: "Unlink" }).click();
    await page.getByText("Unlinked.").waitFor();
    expect(await page.locator("#identities li").count()).toBe(0);
  } finally {
    await provider.stop();
  }
});
