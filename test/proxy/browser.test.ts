/** A person with a real browser, and real proxies between them and their apps. */
import { beforeAll, expect, test } from "bun:test";
import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { admin, requireBinary } from "../binary.ts";
import { plugIn } from "../browser/authenticator.ts";
import { launch } from "../browser/chromium.ts";
import { button, fill } from "../browser/house.ts";
import { appNames, domain } from "./domain.ts";
import { kinds } from "./front.ts";
import { newScene, type Scene } from "./scene.ts";

beforeAll(requireBinary);

/** Knows the names of the scene, and trusts its certificate alone. */
function launchFor({ certificates }: Scene): Promise<Browser> {
  const { publicKey } = new X509Certificate(readFileSync(certificates.cert));
  const pin = createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("base64");
  const names = `--host-resolver-rules=MAP *.${domain} 127.0.0.1`;
  return launch([names, `--ignore-certificate-errors-spki-list=${pin}`]);
}

test.each(kinds)(
  "behind %s: one sign-in for all apps by password and by passkey, and one sign-out",
  async (kind) => {
    await using scene = await newScene(kind);
    // Gone before the proxy, which would wait for its connections.
    await using browser = await launchFor(scene);
    const page = await (await browser.newContext()).newPage();
    page.setDefaultTimeout(10_000);
    const phone = await plugIn(page);
    const [one, two] = appNames.map((name) => `https://${name}:${scene.port}`);
    const atApp = async () => JSON.parse((await page.textContent("pre")) ?? "");
    const whom = async () =>
      (await atApp()).headers.find(([name]: [string]) => name.toLowerCase() === "remote-user")?.[1];
    const signInPage = `${scene.url}/login?return_to=`;
    const fetched = () => page.evaluate(() => fetch("/api/photos").then(({ status }) => status));

    await page.goto(`${one}/photos?album=a%20b&sort=+name`);
    expect(page.url()).toStartWith(signInPage);
    await fill(page, admin);
    await page.keyboard.press("Enter");
    await page.waitForURL(`${one}/photos?album=a%20b&sort=+name`);
    expect([await whom(), (await atApp()).target]).toEqual(["ada", "/photos?album=a%20b&sort=+name"]);

    await page.goto(`${two}/`);
    expect([page.url(), (await atApp()).app, await whom()]).toEqual([`${two}/`, appNames[1], "ada"]);
    expect(await fetched()).toBe(200);

    await page.goto(`${scene.url}/account`);
    await button(page, "Add a passkey").click();
    await page.getByLabel("Name of the passkey").fill("Phone");
    await page.keyboard.press("Enter");
    await page.locator("#passkeys li").waitFor();
    const open = await page.context().newPage();
    await open.goto(`${one}/`);
    // Else it would sign in by itself, where the form offers it.
    await phone.present(false);
    await button(page, "Sign out").click();
    await page.waitForURL(/\/login/);
    expect(await open.evaluate(() => fetch("/api/photos").then(({ status }) => status))).toBe(401);
    scene.reached();
    for (const app of [one, two]) {
      await open.goto(`${app}/again`);
      expect(open.url()).toStartWith(signInPage);
    }
    expect(scene.reached()).toBe(0);

    // The browser offers it in the name field, and the person takes it.
    await phone.present(true);
    await page.goto(`${two}/by-passkey`);
    await page.waitForURL(`${two}/by-passkey`);
    expect(await whom()).toBe("ada");
    await page.goto(`${one}/`);
    expect([page.url(), await whom()]).toEqual([`${one}/`, "ada"]);
  },
  60_000,
);
