/**
 * Makes a house with a released executable and keeps it: every later version must be able to take it over.
 *
 *     bun test/releases/make.ts dist/housekey 0.1.0
 *
 * It holds what that version could do: an admin with a passkey and an API key, members, a tenant, sessions of every
 * kind, an invitation, a recovery link, a second factor with backup codes, a device that waits and one that was let
 * in, another provider to sign in with, and letters that wait for a mail server. What has to work afterwards is in
 * its `facts.json`; `test/cli/releases.test.ts` upgrades each.
 */
import { copyFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { TOTP } from "otpauth";
import { admin, emptyFolder, type House, speak } from "../binary.ts";
import { codeIn } from "../mail/code.ts";
import { makeKey } from "../passkey/authenticator.ts";
import { client, startProvider } from "../upstream/provider.ts";
import type { Facts } from "./facts.ts";

const [executable = "", name = ""] = process.argv.slice(2);
if (!existsSync(executable) || !/^[\w.-]+$/.test(name)) {
  console.error("usage: bun test/releases/make.ts EXECUTABLE NAME");
  process.exit(2);
}

using folder = emptyFolder();
const cwd = folder.path;
const data = join(cwd, "housekey-data");
const env = { PATH: process.env.PATH ?? "", HOUSEKEY_LIMIT_SIGNIN: "off", HOUSEKEY_LIMIT_REGISTER: "off" };
const facts: { -readonly [Fact in keyof Facts]: Facts[Fact] } = { secret: null };
let house: Pick<House, "url">;

/** Serves the house with settings of its own while `work` is done. */
async function serving(more: Record<string, string>, work: () => Promise<void>): Promise<void> {
  const child = Bun.spawn([resolve(executable), "serve", "--port", "0"], {
    cwd,
    env: { ...env, ...more },
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    house = { url: await listening(child.stdout) };
    await work();
  } finally {
    child.kill("SIGTERM");
    await child.exited;
  }
}

async function listening(output: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of output) {
    text += new TextDecoder().decode(chunk);
    const [, port] = /listening on http:\/\/localhost:(\d+)/.exec(text) ?? [];
    if (port) return `http://127.0.0.1:${port}`;
  }
  throw new Error(`it does not start: ${text}`);
}

/** What this version does not know yet is left out. */
async function ask(method: string, path: string, asked: Parameters<typeof speak>[3] = {}) {
  const { status, body } = await speak(house, method, path, asked);
  console.log(`${method} ${path}: ${status}`);
  return status < 300 ? body : null;
}

async function command(args: string[], input = ""): Promise<void> {
  const run = Bun.spawn([resolve(executable), ...args], {
    cwd,
    env,
    stdin: Buffer.from(input),
    stdout: "ignore",
    stderr: "ignore",
  });
  console.log(`${args.join(" ")}: exit ${await run.exited}`);
}

/** The newest code that was mailed to a file. */
async function mailedCode(): Promise<string | null> {
  const outbox = join(data, "outbox");
  for (let tries = 0; tries < 100; tries++) {
    const [name] = existsSync(outbox) ? readdirSync(outbox).sort().reverse() : [];
    const code = name?.endsWith(".eml") ? codeIn(readFileSync(join(outbox, name), "utf8")) : null;
    if (code) return code;
    await Bun.sleep(50);
  }
  return null;
}

async function enrolPasskey(token: string): Promise<void> {
  const options = await ask("POST", "/auth/passkeys/register/options", { token, body: {} });
  if (!options) return;
  const key = makeKey({ origin: house.url.replace("127.0.0.1", "localhost") });
  const body = { name: "Key", ...key.create(options) };
  if (await ask("POST", "/auth/passkeys/register/verify", { token, body }))
    facts.passkey = {
      id: key.id,
      userHandle: key.userHandle,
      jwk: key.privateKey.export({ format: "jwk" }),
    };
  // A ceremony that nobody finished.
  await ask("POST", "/auth/passkeys/register/options", { token, body: {} });
}

async function registerMember(): Promise<void> {
  const register = { email: "linus@example.org", password: "penguins in the cold", tenant_name: "Cold" };
  await command(["settings", "registration", "open"]);
  if (!(await ask("POST", "/api/v1/auth/register", { body: register }))) return;
  const code = await mailedCode();
  await ask("POST", "/api/v1/auth/register/verify", { body: { email: register.email, code } });
}

async function enrolApp(token: string): Promise<void> {
  const setup = await ask("POST", "/api/v1/auth/2fa/setup", { token, body: {} });
  if (!setup) return;
  facts.secret = setup.secret;
  const code = new TOTP({ secret: setup.secret }).generate();
  const enabled = await ask("POST", "/api/v1/auth/2fa/enable", { token, body: { code } });
  const [backupCode] = enabled?.backup_codes ?? [];
  if (backupCode) facts.backupCode = backupCode;
}

async function nameProvider(token: string): Promise<void> {
  const provider = await startProvider({ now: () => new Date() });
  const body = { issuer: provider.issuer, client_id: client.id, client_secret: client.secret, name: "Work" };
  const { status } = await speak(house, "PUT", "/auth/provider/oidc", { token, body });
  console.log(`PUT /auth/provider/oidc: ${status}`);
  if (status === 204)
    facts.provider = { issuer: provider.issuer, clientId: client.id, clientSecret: client.secret };
  await provider.stop();
}

await serving({}, async () => {
  const bootstrapToken = readFileSync(join(data, "bootstrap-token"), "utf8").trim();
  const { token } = await ask("POST", "/auth/bootstrap/complete", {
    body: { token: bootstrapToken, ...admin },
  });
  await ask("POST", "/auth/local/login", { body: { ...admin, password: "wrong" } });
  await command(
    ["user", "add", "grace", "--email", "grace@example.org", "--password-stdin"],
    "difference engine",
  );
  await command(["user", "add", "bob"]);
  await registerMember();
  await command(["settings", "registration", "invite"]);
  await command(["settings", "forward_bypass", "app.example.org/public"]);
  await ask("POST", "/auth/invites", { token, body: {} });
  await ask("POST", "/auth/bootstrap/tokens", { token, body: {} });
  const grace = { email: "grace", password: "difference engine" };
  const spa = await ask("POST", "/api/v1/auth/login", { body: grace });
  await ask("POST", "/api/auth/login", { body: { username: "grace", password: grace.password } });
  for (const decide of [null, "authorize"]) {
    const device = await ask("POST", "/api/auth/device/create", { body: { clientType: "mobile" } });
    if (device && decide)
      await ask("POST", `/api/auth/device/${decide}`, { token, body: { code: device.code } });
  }
  await ask("POST", "/v1/auth/device-code", { body: {} });
  const made = await ask("POST", "/v1/auth/api-keys", { token, body: { name: "a script" } });
  if (made) facts.apiKey = made.data.key;
  await enrolPasskey(token);
  await nameProvider(token);
  if (spa) await enrolApp(spa.access_token);
});

// Port 1 answers nobody: what is mailed now waits.
await serving(
  { HOUSEKEY_SMTP_URL: "smtp://127.0.0.1:1", HOUSEKEY_MAIL_FROM: "house@example.org" },
  async () => {
    await ask("POST", "/api/v1/auth/otp/send", { body: { email: "grace@example.org", purpose: "login" } });
  },
);

await Bun.write(join(data, "facts.json"), JSON.stringify(facts));
for (const file of readdirSync(data))
  if (!["housekey.db", "master.key", "bootstrapped", "facts.json"].includes(file))
    await Bun.file(join(data, file))
      .delete()
      .catch(() => {});
const kept = join(cwd, "kept.tar.gz");
const packed = Bun.spawnSync([
  "tar",
  "czf",
  kept,
  "-C",
  data,
  "--exclude=outbox",
  "--owner=0",
  "--group=0",
  ".",
]);
if (packed.exitCode !== 0) throw new Error(packed.stderr.toString());
copyFileSync(kept, join(import.meta.dir, `${name}.tar.gz`));
