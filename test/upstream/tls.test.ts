/** Certificates and clocks, on the binary: the same provider set up otherwise, over https. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { emptyFolder, requireBinary } from "../binary.ts";
import { launch } from "../browser/chromium.ts";
import { asked, consent, freePort, serve, settings, startReal } from "./real.ts";

let browser: Browser;
const folder = emptyFolder();

beforeAll(async () => {
  requireBinary();
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  folder[Symbol.dispose]();
});

/** A certificate for `names` (`DNS:localhost`) that is its own authority; `days` may be over. */
function certificate(file: string, names: string) {
  const [keyPath, certPath] = [join(folder.path, `${file}.key`), join(folder.path, `${file}.crt`)];
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"];
  const subject = ["-subj", "/CN=an authority", "-addext", `subjectAltName=${names}`];
  const made = Bun.spawnSync(["openssl", ...request, ...subject, "-keyout", keyPath, "-out", certPath]);
  if (made.exitCode !== 0) throw new Error(`openssl: ${made.stderr}`);
  return { certPath, tls: { cert: readFileSync(certPath, "utf8"), key: readFileSync(keyPath, "utf8") } };
}

test("a public client signs in over https, where addresses are in the ID token and keys are of another kind", async () => {
  const { certPath, tls } = certificate("right", "DNS:localhost");
  await using served = await serve({ env: { NODE_EXTRA_CA_CERTS: certPath } });
  const port = freePort();
  const issuer = `https://localhost:${port}`;
  const options = { port, issuer, tls, secret: null, alg: "ES256", claimsInIdToken: true } as const;
  const provider = await startReal({ ...served, ...options });
  try {
    const body = settings(issuer, { client_secret: null });
    expect((await served.ask("PUT", "/auth/provider/oidc", body)).status).toBe(204);
    const tried = (await served.ask("POST", "/auth/provider/oidc/test")).body;
    expect(tried.steps.filter(({ ok }: { ok: boolean }) => !ok)).toEqual([]);
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await page.goto(`${served.origin}/auth/oidc/login`);
    await consent(page, "grace");
    await page.waitForURL(`${served.origin}/`);
    const { user } = (await asked(page, "/auth/sessions/current")).body;
    expect([user.username, user.email, user.email_verified]).toEqual(["grace", "grace@example.com", true]);
    await context.close();
  } finally {
    await provider.stop();
  }
});

test("a certificate that nobody vouches for, or for another name, is refused in words that say what to mend", async () => {
  const wrong = certificate("wrong", "DNS:id.example.org");
  for (const [env, says] of [
    [{ NODE_EXTRA_CA_CERTS: wrong.certPath }, /certificate for another name.*Use the name/],
    [{}, /certificate that is not trusted.*NODE_EXTRA_CA_CERTS/],
  ] as const) {
    await using served = await serve({ env });
    const port = freePort();
    const issuer = `https://localhost:${port}`;
    const provider = await startReal({ ...served, port, issuer, tls: wrong.tls });
    try {
      const { status, body } = await served.ask("PUT", "/auth/provider/oidc", settings(issuer));
      expect([status, body.error.code]).toEqual([400, "INVALID_PROVIDER"]);
      expect(body.error.message).toMatch(says);
    } finally {
      await provider.stop();
    }
  }
});

test("what speaks no TLS, and TLS where none is expected, is told apart", async () => {
  await using served = await serve();
  const plain = await startReal(served);
  try {
    const https = plain.issuer.replace("http:", "https:");
    const { status, body } = await served.ask("PUT", "/auth/provider/oidc", settings(https));
    expect([status, body.error.code]).toEqual([400, "INVALID_PROVIDER"]);
    expect(body.error.message).toMatch(/127\.0\.0\.1:\d+ (does not speak TLS|broke the connection off)/);
  } finally {
    await plain.stop();
  }
});

/** The library itself: its command does not hand signals on. */
async function faketime(): Promise<string> {
  for await (const path of new Bun.Glob("*/faketime/libfaketimeMT.so.1").scan("/usr/lib"))
    return `/usr/lib/${path}`;
  throw new Error("libfaketime is not installed");
}

for (const [shift, says] of [
  ["-1h", /made in the future|not valid yet/],
  ["+2h", /expired|expiration/],
] as const)
  test(`a house whose clock is ${shift} off signs nobody in, and the test says that it is the clock`, async () => {
    await using served = await serve({ env: { LD_PRELOAD: await faketime(), FAKETIME: shift } });
    const provider = await startReal(served);
    try {
      await served.ask("PUT", "/auth/provider/oidc", settings(provider.issuer));
      const tried = (await served.ask("POST", "/auth/provider/oidc/test")).body;
      const clock = tried.steps.find(({ name }: { name: string }) => name === "clock");
      expect(clock).toMatchObject({ ok: false, message: expect.stringMatching(/ minutes apart/) });
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(`${served.origin}/auth/oidc/login`);
      await consent(page, "grace");
      await page.waitForURL(`${served.origin}/login?error=UPSTREAM_DENIED`);
      const { events } = (await served.ask("GET", "/auth/audit?event=signin.failed&limit=1")).body;
      expect(events[0].reason).toMatch(says);
      await context.close();
    } finally {
      await provider.stop();
    }
  });
