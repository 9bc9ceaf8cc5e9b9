/** What everybody needs to use the pages: names, roles, contrast, the keyboard, their own language. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { admin, bootstrap, requireBinary, speak } from "../binary.ts";
import { launch, newPage, overflows, photograph, printedLink } from "./chromium.ts";
import { button, fill, heading, newHouse, signIn } from "./house.ts";

let browser: Browser;
let axe: string;

beforeAll(async () => {
  requireBinary();
  browser = await launch();
  axe = await Bun.file(require.resolve("axe-core/axe.min.js")).text();
});

afterAll(() => browser?.close());

/** What axe finds serious or worse, in either theme, in words; from outside the page, whose policy lets no script in. */
async function barriers(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.evaluate(axe);
    const violations = await page.evaluate(async () => {
      const { axe: judge } = window as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
      return (await judge.run()).violations;
    });
    for (const { id, impact, nodes } of violations)
      if (impact === "serious" || impact === "critical")
        found.push(`${colorScheme} ${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
  return found;
}

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** Opens `path`, waits for `title`, and looks at it: axe, a narrow phone, pictures. */
async function look(page: Page, url: string, title: string, name: string): Promise<void> {
  await page.goto(url);
  await heading(page, title).first().waitFor();
  await page.waitForLoadState("networkidle");
  expect([name, await barriers(page)]).toEqual([name, []]);
  expect([name, await overflows(page, 360)]).toEqual([name, false]);
  await photograph(page, name);
}

for (const [locale, words] of [
  [
    "en-GB",
    {
      setup: "Create the admin account",
      empty: "This house has no admin yet",
      login: "Sign in",
      closed: "This house already has an admin",
      profile: "Profile",
      house: "The house",
      device: "Let a device in",
      register: "No new accounts here",
      reset: "Reset your password",
      dead: "This link does not work",
      recover: "Welcome back, ada",
      password: "Confirm",
    },
  ],
  [
    "de-DE",
    {
      setup: "Leg das Admin-Konto an",
      empty: "Dieses Haus hat noch keinen Admin",
      login: "Anmelden",
      closed: "Dieses Haus hat schon einen Admin",
      profile: "Profil",
      house: "Das Haus",
      device: "Ein Gerät hereinlassen",
      register: "Hier gibt es keine neuen Konten",
      reset: "Setz dein Passwort zurück",
      dead: "Dieser Link geht nicht",
      recover: "Willkommen zurück, ada",
      password: "Bestätigen",
    },
  ],
] as const)
  test(`no page has a barrier, in either theme: ${locale}`, async () => {
    await using at = await newHouse();
    const context = await browser.newContext({ locale });
    const { page, problems } = await newPage(context, at.origin);
    const seen = (path: string, title: string, name: string) =>
      look(page, at.origin + path, title, `${name}-${locale.slice(0, 2)}`);
    await seen("/login", words.empty, "login-empty");
    await seen(new URL(printedLink(at.house.output())).href.slice(at.origin.length), words.setup, "setup");
    const { token, user } = (await bootstrap(at.house)).body;
    await seen("/login?error=UPSTREAM_DENIED", words.login, "login-error");
    await seen("/setup", words.closed, "setup-closed");
    await seen("/register", words.register, "register-closed");
    await seen("/reset", words.reset, "reset");
    await seen("/invite", words.dead, "invite-dead");
    const made = await speak(at.house, "POST", `/auth/users/${user.id}/recovery`, { token });
    await seen(`/recover${new URL(made.body.url).hash}`, words.recover, "recover");
    await page.goto(`${at.origin}/login`);
    await fill(page, admin);
    await page.keyboard.press("Enter");
    await page.waitForURL(`${at.origin}/account`);
    await seen("/account", words.profile, "account");
    await seen("/admin", words.house, "admin");
    await seen("/device", words.device, "device");
    expect(await page.locator("html").getAttribute("lang")).toBe(locale.slice(0, 2));
    expect(problems).toEqual([]);
    await context.close();
  }, 120_000);

test("dialogs and steps have no barrier either", async () => {
  await using at = await newHouse();
  await bootstrap(at.house);
  const { page, problems } = await newPage(browser, at.origin);
  await signIn(page, at.origin);
  await page.waitForURL(`${at.origin}/account`);
  await button(page, "Turn on").click();
  await page.locator(".qr-ink").waitFor();
  expect(await barriers(page)).toEqual([]);
  await button(page, "Add a passkey").click();
  await page.locator("[name=name]:focus").waitFor();
  expect(await barriers(page)).toEqual([]);
  await button(page, "Go on").click();
  await page.getByText("Give it a name.").waitFor();
  expect(await barriers(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await button(page, "Delete the account …").click();
  expect(await barriers(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await page.goto(`${at.origin}/docs`);
  await page.getByText("Sign in with a password").waitFor();
  expect(await barriers(page)).toEqual([]);
  expect(problems).toEqual([]);
}, 120_000);

test("everything is reached by the keyboard, the focus is seen, and a dialog gives it back", async () => {
  await using at = await newHouse();
  await bootstrap(at.house);
  const { page, problems } = await newPage(browser, at.origin);
  await page.goto(`${at.origin}/login`);
  await heading(page, "Sign in").waitFor();
  await page.keyboard.type(admin.username);
  await page.keyboard.press("Tab");
  await page.keyboard.type(admin.password);
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe(
    "Show the password",
  );
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await page.waitForURL(`${at.origin}/account`);
  await heading(page, "Delete the account").waitFor();
  await page.waitForLoadState("networkidle");

  const wanted = await page.evaluate(
    () =>
      [...document.querySelectorAll("button, input, a[href]")].filter((one) => one.checkVisibility()).length,
  );
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  const reached = new Set<string>();
  for (let tabs = 0; tabs < wanted + 5; tabs++) {
    await page.keyboard.press("Tab");
    const { id, ring } = await page.evaluate(() => {
      const one = document.activeElement as HTMLElement;
      // Past the last one the focus is with the browser itself.
      if (one === document.body) return { id: "", ring: "auto" };
      one.dataset.reached ??= crypto.randomUUID();
      return { id: one.dataset.reached, ring: getComputedStyle(one).outlineStyle };
    });
    reached.add(id);
    expect(["solid", "auto"]).toContain(ring);
  }
  // One of the inputs is there for password managers alone.
  expect(reached.size).toBeGreaterThanOrEqual(wanted - 1);

  await button(page, "Add a passkey").focus();
  await page.keyboard.press("Enter");
  await page.getByLabel("Name of the passkey").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("button:focus", { hasText: "Add a passkey" }).waitFor();
  expect(problems).toEqual([]);
}, 120_000);

test("the language follows the browser, is switched without losing what was typed, and is remembered", async () => {
  await using at = await newHouse();
  await bootstrap(at.house);
  const context = await browser.newContext({ locale: "de-AT" });
  const { page, problems } = await newPage(context, at.origin);
  await page.goto(`${at.origin}/login`);
  await heading(page, "Anmelden").waitFor();
  expect(await page.title()).toBe("Anmelden – Housekey");
  await fill(page, { username: "ada", password: "falsch" });
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("Name oder Passwort ist falsch.").waitFor();
  await button(page, "English").click();
  await page.getByRole("alert").getByText("Wrong name or password.").waitFor();
  expect(await page.locator("[name=username]").inputValue()).toBe("ada");
  expect(await page.evaluate(() => JSON.stringify({ ...localStorage }))).toBe('{"language":"en"}');
  await page.reload();
  await heading(page, "Sign in").waitFor();
  expect(problems).toEqual([]);
  await context.close();
});
