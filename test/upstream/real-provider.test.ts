/** Signing in through a certified provider, on the binary, in Chromium. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, BrowserContext } from "playwright-core";
import { admin, requireBinary } from "../binary.ts";
import { launch, traces } from "../browser/chromium.ts";
import { asked, consent, serve, settings, startReal } from "./real.ts";

let browser: Browser;

beforeAll(async () => {
  requireBinary();
  browser = await launch();
});

afterAll(() => browser?.close());

async function newPage(context: BrowserContext) {
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  return page;
}

/** Agrees on the page at `url` without the browser; answers where the provider would send it. */
async function agreeByHand(context: BrowserContext, url: string): Promise<string> {
  const { origin } = new URL(url);
  const ask = async (address: string, init: RequestInit = {}) => {
    const cookie = (await context.cookies(address)).map(({ name, value }) => `${name}=${value}`).join("; ");
    const answer = await fetch(address, {
      ...init,
      redirect: "manual",
      headers: { ...init.headers, cookie },
    });
    return new URL(answer.headers.get("location") ?? "about:blank", origin).href;
  };
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  let next = await ask(url, { method: "POST", headers, body: "prompt=consent" });
  while (next.startsWith(origin)) next = await ask(next);
  return next;
}

test("a newcomer signs in with the provider, and later again, and the token is nowhere to be read", async () => {
  await using served = await serve();
  const provider = await startReal(served);
  try {
    expect((await served.ask("PUT", "/auth/provider/oidc", settings(provider.issuer))).status).toBe(204);
    const { body: tried } = await served.ask("POST", "/auth/provider/oidc/test");
    expect(tried.steps.map(({ name, ok }: { name: string; ok: boolean }) => `${name} ${ok}`)).toEqual([
      "settings true",
      "discovery true",
      "keys true",
      "clock true",
      "client true",
    ]);
    expect(tried.ok).toBe(true);
    const context = await browser.newContext();
    const page = await newPage(context);
    await page.goto(`${served.origin}/auth/oidc/login?return_to=/%3Fwelcome=1`);
    expect(new URL(page.url()).origin).toBe(provider.issuer);
    await consent(page, "grace");
    await page.waitForURL(`${served.origin}/?welcome=1`);
    const { status, body } = await asked(page, "/auth/sessions/current");
    expect([status, body.user.username, body.user.email, body.user.email_verified, body.user.name]).toEqual([
      200,
      "grace",
      "grace@example.com",
      true,
      "The one and only grace",
    ]);
    expect(body.session).toMatchObject({ methods: ["oidc"], kind: "web" });
    const token = (await context.cookies()).find(({ name }) => name === "housekey")?.value ?? "no cookie";
    expect(token).toMatch(/^[0-9a-f]{96}$/);
    expect(await traces(page)).not.toContain(token);
    expect(served.house.output()).not.toContain(token);

    await asked(page, "/auth/sessions/current", "DELETE");
    await page.goto(`${served.origin}/auth/oidc/login`);
    await page.waitForURL(`${served.origin}/`);
    expect((await asked(page, "/auth/sessions/current")).body.user.id).toBe(body.user.id);
    await context.close();
  } finally {
    await provider.stop();
  }
});

test("somebody with a password links an identity, signs in with it, and unlinks it", async () => {
  await using served = await serve();
  const provider = await startReal(served);
  try {
    await served.ask("PUT", "/auth/provider/oidc", settings(provider.issuer, { auto_provision: false }));
    const context = await browser.newContext();
    const page = await newPage(context);
    await page.goto(`${served.origin}/login`);
    expect((await asked(page, "/auth/local/login", "POST", admin)).status).toBe(201);
    const { url } = (await asked(page, "/auth/oidc/link", "POST", { return_to: "/?linked=1" })).body;
    await page.goto(url);
    await consent(page, "ada-elsewhere");
    await page.waitForURL(`${served.origin}/?linked=1`);
    const { body: list } = await asked(page, "/auth/identities");
    expect(list).toMatchObject([{ issuer: provider.issuer, subject: "ada-elsewhere" }]);

    await asked(page, "/auth/sessions/current", "DELETE");
    await page.goto(`${served.origin}/auth/oidc/login`);
    await page.waitForURL(`${served.origin}/`);
    const { user, session } = (await asked(page, "/auth/sessions/current")).body;
    expect([user.username, session.methods]).toEqual([admin.username, ["oidc"]]);

    expect((await asked(page, `/auth/identities/${list[0].id}`, "DELETE")).status).toBe(204);
    await asked(page, "/auth/sessions/current", "DELETE");
    await page.goto(`${served.origin}/auth/oidc/login`);
    await page.waitForURL(`${served.origin}/login?error=REGISTRATION_CLOSED`);
    await page.getByText("New accounts are by invitation only.").waitFor();
    await context.close();
  } finally {
    await provider.stop();
  }
});

test("a person who says no comes back to the sign-in page", async () => {
  await using served = await serve();
  const provider = await startReal(served);
  try {
    await served.ask("PUT", "/auth/provider/oidc", settings(provider.issuer));
    const context = await browser.newContext();
    const page = await newPage(context);
    await page.goto(`${served.origin}/auth/oidc/login`);
    await page.getByRole("link", { name: /cancel/i }).click();
    await page.waitForURL(`${served.origin}/login?error=UPSTREAM_DENIED`);
    const { events } = (await served.ask("GET", "/auth/audit?event=signin.failed")).body;
    expect(events[0].reason).toContain("access_denied");
    await context.close();
  } finally {
    await provider.stop();
  }
});

test("a provider that is down or hangs is told on the sign-in page in time, and passwords work as ever", async () => {
  await using served = await serve();
  const provider = await startReal(served);
  try {
    await served.ask("PUT", "/auth/provider/oidc", settings(provider.issuer));
    const context = await browser.newContext();
    const page = await newPage(context);
    await page.goto(`${served.origin}/auth/oidc/login`);
    await page.locator("[name=login]").fill("grace");
    await page.locator("[name=password]").fill("any will do");
    await page.locator("[type=submit]").click();
    await page.getByRole("button", { name: /continue/i }).waitFor();
    // It has answered the browser, and stops before the house asks.
    const back = await agreeByHand(context, page.url());
    provider.child.kill("SIGSTOP");
    const begun = performance.now();
    await page.goto(back);
    await page.waitForURL(`${served.origin}/login?error=UPSTREAM_UNAVAILABLE`);
    expect(performance.now() - begun).toBeLessThan(12_000);
    await page.getByText("The sign-in provider cannot be reached.").waitFor();
    const reason = async () =>
      (await served.ask("GET", "/auth/audit?event=signin.failed&limit=1")).body.events[0].reason;
    expect(await reason()).toMatch(/did not answer in time/);

    await provider.stop();
    const { status, body } = await served.ask("PUT", "/auth/provider/oidc", settings(provider.issuer));
    expect([status, body.error.code]).toEqual([400, "INVALID_PROVIDER"]);
    expect(body.error.message).toMatch(/refuses the connection/);
    await page.goto(`${served.origin}/auth/oidc/login`);
    await page.waitForURL(`${served.origin}/login?error=UPSTREAM_UNAVAILABLE`);
    expect((await asked(page, "/auth/local/login", "POST", admin)).status).toBe(201);
    await context.close();
  } finally {
    await provider.stop();
  }
});
