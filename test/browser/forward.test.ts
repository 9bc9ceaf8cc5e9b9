/** Somebody opens an application that a proxy guards by the house, in a real browser. */
import { beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { admin, bootstrap, emptyFolder, type House, requireBinary, speak, startHouse } from "../binary.ts";
import { launch, photograph } from "./chromium.ts";
import { button, fill, heading } from "./house.ts";

beforeAll(requireBinary);

const authHost = "auth.house.example";
const appHost = "app.house.example";

function certificate(folder: string) {
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const names = ["-subj", `/CN=${authHost}`, "-addext", `subjectAltName=DNS:${authHost},DNS:${appHost}`];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const { exitCode } = Bun.spawnSync([
    "openssl",
    "req",
    "-x509",
    ...curve,
    ...names,
    "-keyout",
    key,
    "-out",
    cert,
  ]);
  if (exitCode !== 0) throw new Error("no certificate");
  return { cert: Bun.file(cert), key: Bun.file(key) };
}

/** Both hosts at one port: the house's passed on, the application's guarded. `deaf`: the cookie is lost on the way. */
function proxyTo(house: House, tls: ReturnType<typeof certificate>) {
  const state = { deaf: false };
  const listener = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    tls,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const host = request.headers.get("host") ?? "";
      const headers = new Headers(request.headers);
      headers.set("x-forwarded-for", "203.0.113.9");
      headers.set("x-forwarded-proto", "https");
      if (host === authHost) {
        const body = request.method === "GET" ? {} : { body: await request.arrayBuffer() };
        const passed = { method: request.method, headers, redirect: "manual", ...body } as const;
        return fetch(house.url + pathname + search, { ...passed, decompress: false });
      }
      headers.set("x-forwarded-method", request.method);
      headers.set("x-forwarded-host", host);
      headers.set("x-forwarded-uri", pathname + search);
      if (state.deaf) headers.delete("cookie");
      const answer = await fetch(`${house.url}/auth/forward`, { headers, redirect: "manual" });
      if (answer.status !== 200) return answer;
      const who = answer.headers.get("remote-user");
      return new Response(
        `<title>app</title><h1>${["Hello", who].filter(Boolean).join(" ")} at ${pathname}${search.replace("&", "&amp;")}</h1>`,
        {
          headers: { "content-type": "text/html" },
        },
      );
    },
  });
  return Object.assign(state, {
    port: listener.port,
    [Symbol.asyncDispose]: () => listener.stop(true),
  });
}

test("they sign in, are back at the very page, stay in, and are told when the cookie does not get there", async () => {
  using folder = emptyFolder();
  const env = {
    HOUSEKEY_URL: `https://${authHost}`,
    HOUSEKEY_COOKIE_DOMAIN: "house.example",
    HOUSEKEY_TRUSTED_PROXIES: "127.0.0.1",
  };
  const house = await startHouse({ cwd: folder.path, env });
  await bootstrap(house);
  await using proxy = proxyTo(house, certificate(folder.path));
  const rules = [authHost, appHost].map((host) => `MAP ${host}:443 127.0.0.1:${proxy.port}`).join(", ");
  await using browser = await launch([`--host-resolver-rules=${rules}`, "--ignore-certificate-errors"]);
  try {
    const page = await (await browser.newContext({ ignoreHTTPSErrors: true, locale: "en" })).newPage();
    page.setDefaultTimeout(10_000);
    const app = `https://${appHost}/reports?page=2&x=%2F`;

    await page.goto(app);
    expect(page.url()).toBe(`https://${authHost}/login?return_to=${encodeURIComponent(app)}`);
    await fill(page, admin);
    await page.keyboard.press("Enter");
    await heading(page, "Hello ada at /reports?page=2&x=%2F").waitFor();
    expect(page.url()).toBe(app);

    // Whoever is signed in already and opens the sign-in page goes straight on.
    await page.goto(`https://${authHost}/login?return_to=${encodeURIComponent(`https://${appHost}/other`)}`);
    await heading(page, "Hello ada at /other").waitFor();

    // Nobody is led to a stranger.
    for (const evil of ["https://evil.example/", `https://${appHost}.evil.example/`, `//${appHost}/`]) {
      await page.goto(`https://${authHost}/login?return_to=${encodeURIComponent(evil)}`);
      await page.waitForURL(`https://${authHost}/account`);
    }

    proxy.deaf = true;
    await page.goto(`https://${appHost}/lost`);
    await heading(page, "You are signed in").waitFor();
    await page.getByText(`But ${appHost} does not see it`).waitFor();
    proxy.deaf = false;
    await page.getByRole("link", { name: "Try again" }).click();
    await heading(page, "Hello ada at /lost").waitFor();

    // An admin sees it, and opens a path of it to everybody, until they close it.
    await page.goto(`https://${authHost}/admin`);
    const guarded = page.locator("#guarded");
    await guarded.getByText("Nothing is open.").waitFor();
    expect(await guarded.locator("li").textContent()).toContain(appHost);
    await fill(page, { host: `https://${appHost}/`, path_prefix: "public" });
    await button(page, "Open this path").click();
    await guarded.getByText("Like app.example.org").waitFor();
    await fill(page, { host: appHost.toUpperCase(), path_prefix: "/public" });
    await page.keyboard.press("Enter");
    await guarded.getByText("Open to everybody:").waitFor();
    await photograph(page, "admin-guarded");
    const stranger = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage();
    await stranger.goto(`https://${appHost}/public/logo`);
    await heading(stranger, "Hello at /public/logo").waitFor();
    await button(page, `Close /public of ${appHost}`).click();
    await guarded.getByText("Nothing is open.").waitFor();
    await stranger.goto(`https://${appHost}/public/logo`);
    await heading(stranger, "Sign in").waitFor();

    // Ended elsewhere, they are out here at once.
    const { body } = await speak(house, "POST", "/auth/local/login", { body: admin });
    await speak(house, "POST", "/auth/sessions/revoke-all", { token: body.token, body: {} });
    await page.goto(app);
    await heading(page, "Sign in").waitFor();
  } finally {
    // Before the house goes: a page that is open asks on.
    await browser.close();
    await house.stop();
  }
}, 60_000);
