/** The same house at a provider that other people wrote, in another language. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { admin, emptyFolder, requireBinary } from "../binary.ts";
import { launch } from "../browser/chromium.ts";
import { asked, serve, settings } from "../upstream/real.ts";
import { startLemonldap } from "./provider.ts";

let browser: Browser;

beforeAll(async () => {
  requireBinary();
  browser = await launch();
});

afterAll(() => browser?.close());

/** The demonstration people have their name for a password. */
async function signInThere(page: Page, name: string): Promise<void> {
  await page.locator("[name=user]").fill(name);
  await page.locator("[name=password]").fill(name);
  await page.locator("[type=submit]").first().click();
}

test("people of LemonLDAP::NG sign in, link and unlink; every step of trying it out is fine", async () => {
  using folder = emptyFolder();
  await using served = await serve();
  const provider = await startLemonldap(folder.path, served.redirectUri);
  try {
    const bare = await served.ask("PUT", "/auth/provider/oidc", settings(provider.issuer.slice(0, -1)));
    expect(bare.body.error.message).toMatch(/with or without the slash at its end/);
    expect((await served.ask("PUT", "/auth/provider/oidc", settings(provider.issuer))).status).toBe(204);
    const tried = (await served.ask("POST", "/auth/provider/oidc/test")).body;
    expect(tried.steps.filter(({ ok }: { ok: boolean }) => !ok)).toEqual([]);

    const context = await browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    await page.goto(`${served.origin}/auth/oidc/login?return_to=/%3Fwelcome=1`);
    await signInThere(page, "rtyler");
    await page.waitForURL(`${served.origin}/?welcome=1`);
    const { user, session } = (await asked(page, "/auth/sessions/current")).body;
    // It says nothing of whether it verified the address, so the house does not keep it.
    expect([user.username, user.name, user.email, session.methods]).toEqual([
      "rtyler",
      "Rose Tyler",
      null,
      ["oidc"],
    ]);
    await context.close();

    const other = await (await browser.newContext()).newPage();
    await other.goto(`${served.origin}/login`);
    await asked(other, "/auth/local/login", "POST", admin);
    await other.goto((await asked(other, "/auth/oidc/link", "POST", {})).body.url);
    await signInThere(other, "dwho");
    await other.waitForURL(`${served.origin}/`);
    const { body: list } = await asked(other, "/auth/identities");
    expect(list).toMatchObject([{ issuer: provider.issuer, subject: "dwho", email: null }]);
    expect((await asked(other, `/auth/identities/${list[0].id}`, "DELETE")).status).toBe(204);
    await other.context().close();
  } finally {
    await provider.stop();
  }
});
