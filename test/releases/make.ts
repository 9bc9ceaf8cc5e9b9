/**
 * Makes a house with a released executable and keeps it: every later version must be able to take it over.
 *
 *     bun test/releases/make.ts dist/housekey 0.1.0
 *
 * It holds what that version could do: an admin, members, sessions of every kind, an invitation, a recovery
 * link, a second factor, a device that waits. `test/cli/releases.test.ts` upgrades each.
 */
import { copyFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { TOTP } from "otpauth";
import { admin, emptyFolder, type House, speak } from "../binary.ts";

const [executable = "", name = ""] = process.argv.slice(2);
if (!existsSync(executable) || !/^[\w.-]+$/.test(name)) {
  console.error("usage: bun test/releases/make.ts EXECUTABLE NAME");
  process.exit(2);
}

using folder = emptyFolder();
const cwd = folder.path;
const data = join(cwd, "housekey-data");
const env = { PATH: process.env.PATH ?? "", HOUSEKEY_LIMIT_SIGNIN: "off", HOUSEKEY_LIMIT_REGISTER: "off" };
const child = Bun.spawn([resolve(executable), "serve", "--port", "0"], {
  cwd,
  env,
  stdio: ["ignore", "pipe", "ignore"],
});
const house: Pick<House, "url"> = { url: await listening(child.stdout) };

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
await command(["settings", "registration", "invite"]);
await command(["settings", "forward_bypass", "app.example.org/public"]);
await ask("POST", "/auth/invites", { token, body: {} });
await ask("POST", "/auth/bootstrap/tokens", { token, body: {} });
await ask("POST", "/api/v1/auth/otp/send", { body: { email: "grace@example.org", purpose: "login" } });
const grace = { email: "grace", password: "difference engine" };
const spa = await ask("POST", "/api/v1/auth/login", { body: grace });
await ask("POST", "/api/auth/login", { body: { username: "grace", password: grace.password } });
const device = await ask("POST", "/api/auth/device/create", { body: { clientType: "mobile" } });
if (device) await ask("POST", "/api/auth/device/authorize", { token, body: { code: device.code } });
await ask("POST", "/v1/auth/api-keys", { token, body: { name: "a script" } });
await ask("POST", "/auth/passkeys/register/options", { token, body: {} });
let secret: string | null = null;
if (spa) {
  const setup = await ask("POST", "/api/v1/auth/2fa/setup", { token: spa.access_token, body: {} });
  if (setup) {
    secret = setup.secret;
    const code = new TOTP({ secret: setup.secret }).generate();
    await ask("POST", "/api/v1/auth/2fa/enable", { token: spa.access_token, body: { code } });
  }
}
child.kill("SIGTERM");
await child.exited;

await Bun.write(join(data, "facts.json"), JSON.stringify({ secret }));
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
