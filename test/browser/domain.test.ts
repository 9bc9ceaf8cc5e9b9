/** A passkey made before the house moved, in a real browser afterwards (WebAuthn Level 3 §5.11). */
import { beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { admin, emptyFolder, requireBinary, run, startHouse } from "../binary.ts";
import { launch } from "./chromium.ts";

beforeAll(requireBinary);

const oldHost = "auth.old-house.example";
const newHost = "id.new-house.example";

/** A certificate for both names, made by OpenSSL. */
function certificate(folder: string) {
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const names = ["-subj", `/CN=${oldHost}`, "-addext", `subjectAltName=DNS:${oldHost},DNS:${newHost}`];
  const made = Bun.spawnSync([
    ...["openssl", "req", "-x509", ...curve, "-days", "2"],
    ...[...names, "-keyout", key, "-out", cert],
  ]);
  if (made.exitCode !== 0) throw new Error(`no certificate: ${made.stderr}`);
  return { cert, key };
}

/** Sends JSON as a page of the house does; answers what came back. */
const ask = (page: Page, path: string, body: unknown, token?: string) =>
  page.evaluate(
    async ([to, sent, bearer]) => {
      const answer = await fetch(to as string, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
        },
        body: JSON.stringify(sent),
      });
      return { status: answer.status, body: await answer.json() };
    },
    [path, body, token] as const,
  );

const create = (page: Page, options: unknown) =>
  page.evaluate(async (json) => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(json as never);
    return ((await navigator.credentials.create({ publicKey })) as PublicKeyCredential).toJSON();
  }, options);

/** What the authenticator answers, or the name of what the browser threw. */
const get = (page: Page, options: unknown) =>
  page.evaluate(async (json) => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(json as never);
    try {
      return ((await navigator.credentials.get({ publicKey })) as PublicKeyCredential).toJSON();
    } catch (error) {
      return (error as Error).name;
    }
  }, options);

test("a passkey made at the old name signs in at the new one, because the old one says that it may", async () => {
  using folder = emptyFolder();
  const { cert, key } = certificate(folder.path);
  const env = { HOUSEKEY_TLS_CERT: cert, HOUSEKEY_TLS_KEY: key, HOUSEKEY_LIMIT_SIGNIN: "off" };
  const house = await startHouse({ cwd: folder.path, env });
  const { port } = new URL(house.url);
  const rules = [oldHost, newHost].map((host) => `MAP ${host}:443 127.0.0.1:${port}`).join(", ");
  await using browser = await launch([`--host-resolver-rules=${rules}`, "--ignore-certificate-errors"]);
  try {
    const operate = async (...args: string[]) => {
      const { exitCode, stdout, stderr } = await run(args, { cwd: folder.path, env });
      expect([args, exitCode, stderr]).toEqual([args, 0, ""]);
      return stdout;
    };
    await operate("settings", "url", `https://${oldHost}`);
    const page = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage();
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("WebAuthn.enable");
    await devtools.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });

    await page.goto(`https://${oldHost}/login`);
    const token = readFileSync(join(house.data, "bootstrap-token"), "utf8").trim();
    const { body: signedIn } = await ask(page, "/auth/bootstrap/complete", { token, ...admin });
    const options = (await ask(page, "/auth/passkeys/register/options", {}, signedIn.token)).body;
    expect(options.rp.id).toBe(oldHost);
    const made = await create(page, options);
    const kept = await ask(page, "/auth/passkeys/register/verify", { name: "Here", ...made }, signedIn.token);
    expect(kept.status).toBe(201);

    await operate("domain", "move", oldHost, newHost);
    await page.goto(`https://${newHost}/login`);
    const use = async (rpId?: string) => {
      const { body } = await ask(page, "/auth/passkeys/authenticate/options", {});
      const answer = await get(page, { ...body, ...(rpId !== undefined && { rpId }) });
      if (typeof answer === "string") return answer;
      return (await ask(page, "/auth/passkeys/authenticate/verify", answer)).status;
    };
    const { former_rp_id: former } = await page.evaluate(async () => (await fetch("/auth/options")).json());
    expect(former).toBe(oldHost);
    expect(await use(former)).toBe(200);
    // The present name finds no passkey, and a name that nobody vouches for is not even asked about.
    expect(await use()).toBe("NotAllowedError");
    expect(await use("elsewhere.example")).toBe("SecurityError");

    const named = (await ask(page, "/api/v1/auth/passkey/login/options", { email: admin.username })).body;
    expect(named.rpId).toBe(oldHost);
    const answer = await get(page, named);
    expect((await ask(page, "/api/v1/auth/passkey/login/verify", answer)).status).toBe(200);

    // A person is offered the same by a button, for as long as the move lasts.
    await page.goto(`https://${newHost}/login`);
    const button = page.getByRole("button", { name: `Use a passkey made at ${oldHost}` });
    await button.click();
    await page.waitForURL(`https://${newHost}/account`);

    await operate("domain", "end");
    await page.context().clearCookies();
    await page.goto(`https://${newHost}/login`);
    await page.getByRole("button", { name: "Sign in with a passkey" }).waitFor();
    expect(await button.count()).toBe(0);
    expect(await use(former)).toBe(401);
  } finally {
    await house.stop();
  }
}, 120_000);
