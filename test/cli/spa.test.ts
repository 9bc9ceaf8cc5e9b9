/** The SPA story on the executable, with a real mail server, and tokens judged by libraries that did not sign them. */
import { beforeAll, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SMTPServer } from "smtp-server";
import { bootstrap, emptyFolder, type House, requireBinary, run, speak, startHouse } from "../binary.ts";
import { codeIn } from "../mail/code.ts";
import { certificate, startSmtp, temporary } from "../mail/smtp-server.ts";

beforeAll(requireBinary);

const api = "/api/v1/auth";
const email = "ada@example.org";
const password = "analytical engine";
const env = {
  HOUSEKEY_REGISTRATION: "open",
  HOUSEKEY_LIMIT_SIGNIN: "off",
  HOUSEKEY_LIMIT_REGISTER: "off",
  HOUSEKEY_LIMIT_REFRESH: "off",
};

/** A mail server on loopback that keeps what it is given. */
async function mailServer() {
  const letters: string[] = [];
  const arrivals: (() => void)[] = [];
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    onData(stream, _session, done) {
      let raw = "";
      stream.on("data", (chunk) => {
        raw += chunk;
      });
      stream.on("end", () => {
        letters.push(raw);
        for (const arrived of arrivals.splice(0)) arrived();
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `smtp://127.0.0.1:${port}`,
    /** The code in the `nth` letter that has one. */
    async code(nth: number): Promise<string> {
      for (;;) {
        const codes = letters.flatMap((raw) => codeIn(raw) ?? []);
        const code = codes[nth - 1];
        if (code !== undefined) return code;
        await new Promise<void>((resolve) => arrivals.push(resolve));
      }
    },
    letters,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

const post = (house: House, path: string, body: object, token?: string) =>
  speak(house, "POST", `${api}${path}`, { body, ...(token !== undefined && { token }) });
const me = async (house: House, token: string) => (await speak(house, "GET", `${api}/me`, { token })).status;

test("register, the code from the mail, tokens, refresh, a retry, theft, reset: a person's life with a dashboard", async () => {
  using folder = emptyFolder();
  await using smtp = await mailServer();
  let house = await startHouse({ cwd: folder.path, env: { ...env, HOUSEKEY_SMTP_URL: smtp.url } });
  const asked = await post(house, "/register", { email, password, tenant_name: "Analytical" });
  expect(asked.status).toBe(202);
  const made = await post(house, "/register/verify", { email, code: await smtp.code(1) });
  expect(made.status).toBe(200);
  expect((await speak(house, "GET", `${api}/me`, { token: made.body.access_token })).body.tenant.name).toBe(
    "Analytical",
  );

  const first: string = made.body.refresh_token;
  const next = await post(house, "/refresh", { refresh_token: first });
  const retried = await post(house, "/refresh", { refresh_token: first });
  expect(retried.body.refresh_token).toBe(next.body.refresh_token);

  // The same after a kill -9: the successor is the same, and the signing key too.
  await house.kill();
  house = await startHouse({ cwd: folder.path, env: { ...env, HOUSEKEY_SMTP_URL: smtp.url } });
  const moved = { token: next.body.access_token };
  expect((await post(house, "/refresh", { refresh_token: first })).body.refresh_token).toBe(
    next.body.refresh_token,
  );
  const last = await post(house, "/refresh", { refresh_token: next.body.refresh_token });
  expect(last.status).toBe(200);
  // Both its successor and its own successor are spent: whoever shows the first now has stolen it.
  expect((await post(house, "/refresh", { refresh_token: first })).status).toBe(401);
  expect((await post(house, "/refresh", { refresh_token: last.body.refresh_token })).status).toBe(401);
  expect(moved.token.split(".")).toHaveLength(3);

  const again = await post(house, "/login", { email, password });
  expect((await post(house, "/otp/send", { email, purpose: "reset" })).status).toBe(202);
  const code = await smtp.code(2);
  const reset = await post(house, "/reset-password", { email, code, new_password: "difference engine" });
  expect(reset.status).toBe(204);
  expect(await me(house, again.body.access_token)).toBe(401);
  expect((await post(house, "/login", { email, password })).status).toBe(401);
  expect((await post(house, "/login", { email, password: "difference engine" })).status).toBe(200);
  await house.stop();
  const kept = readdirSync(house.data).map((name) => readFileSync(join(house.data, name)).toString("latin1"));
  for (const secret of [password, first, next.body.refresh_token, again.body.access_token, code])
    for (const text of [...kept, house.output()]) expect(text.includes(secret)).toBe(false);
}, 60_000);

test("without a mail server letters are files, and the log names them without what is in them", async () => {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path, env });
  await post(house, "/register", { email, password });
  const outbox = join(house.data, "outbox");
  const letters = () => {
    try {
      return readdirSync(outbox).filter((name) => name.endsWith(".eml"));
    } catch {
      return [];
    }
  };
  for (let waited = 0; letters().length === 0 && waited < 200; waited++) await Bun.sleep(50);
  const [name = ""] = letters();
  const code = codeIn(readFileSync(join(outbox, name), "utf8")) ?? "";
  expect((await post(house, "/register/verify", { email, code })).status).toBe(200);
  await house.stop();
  expect(house.output()).toContain(name);
  expect(house.output()).not.toContain(code);
}, 30_000);

test("tokens verify through the key set in another process and another language, and a rotation fails nobody", async () => {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path, env });
  await bootstrap(house);
  const login = async (): Promise<string> =>
    (await post(house, "/login", { email: "ada", password })).body.access_token;
  const token = await login();
  const issuer = `http://localhost:${new URL(house.url).port}`;
  const script = `
    import { createRemoteJWKSet, jwtVerify } from "jose";
    const keys = createRemoteJWKSet(new URL("${house.url}/.well-known/jwks.json"));
    const { payload } = await jwtVerify("${token}", keys, { issuer: "${issuer}", audience: "${issuer}", typ: "at+jwt" });
    console.log(payload.sid);`;
  const judged = Bun.spawnSync([process.execPath, "-e", script], { cwd: join(import.meta.dir, "..") });
  expect(judged.stdout.toString()).toStartWith("ses_");

  const python = `
import json, urllib.request, jwt
keys = json.load(urllib.request.urlopen("${house.url}/.well-known/jwks.json"))["keys"]
key = jwt.algorithms.RSAAlgorithm.from_jwk(json.dumps(keys[0]))
print(jwt.decode("${token}", key, algorithms=["RS256"], audience="${issuer}", issuer="${issuer}")["sid"])`;
  const other = Bun.spawnSync(["/usr/bin/python3", "-c", python]);
  expect([other.stderr.toString(), other.stdout.toString()]).toEqual(["", expect.stringMatching(/^ses_/)]);

  let asking = true;
  const failures: number[] = [];
  const load = Array.from({ length: 4 }, async () => {
    for (let mine = await login(); asking; ) {
      const status = await me(house, mine);
      if (status !== 200) failures.push(status);
      mine = await login();
    }
  });
  const kids: string[] = [];
  for (let n = 0; n < 3; n++) {
    const { stdout, exitCode } = await run(["keys", "rotate", "--json"], { cwd: folder.path });
    expect(exitCode).toBe(0);
    kids.push(JSON.parse(stdout).kid);
  }
  asking = false;
  await Promise.all(load);
  expect(failures).toEqual([]);
  const { kid } = JSON.parse(Buffer.from((await login()).split(".")[0] ?? "", "base64url").toString());
  expect(kid).toBe(kids.at(-1));
  expect(await me(house, token)).toBe(200);
  await house.stop();
}, 60_000);

test("a megabyte of dots and a header of dots are refused quickly over the socket", async () => {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path, env });
  await bootstrap(house);
  const started = performance.now();
  expect(await me(house, ".".repeat(12 * 1024))).toBe(401);
  expect([401, 431]).toContain(await me(house, `a.${"b".repeat(20_000)}.c`));
  expect(performance.now() - started).toBeLessThan(2000);
  await house.stop();
});

test("over STARTTLS, with a name and a password: the certificate must be the server's own", async () => {
  using folder = emptyFolder();
  using keys = temporary();
  const { key, cert, certPath } = certificate(keys.path, "IP:127.0.0.1");
  await using smtp = await startSmtp({ key, cert, authOptional: false });
  const url = `smtp://letters:open%20sesame@127.0.0.1:${smtp.port}`;
  const strict = await startHouse({ cwd: folder.path, env: { ...env, HOUSEKEY_SMTP_URL: url } });
  await post(strict, "/register", { email, password });
  while (!strict.output().includes("a mail could not be sent")) await Bun.sleep(20);
  expect(smtp.received).toHaveLength(0);
  expect(strict.output()).not.toMatch(/open(%20| )sesame/);
  await strict.stop();

  // The letter waited; with an authority that vouches for the server it goes.
  const trusting = { ...env, HOUSEKEY_SMTP_URL: url, NODE_EXTRA_CA_CERTS: certPath };
  const house = await startHouse({ cwd: folder.path, env: trusting });
  while (smtp.received.length === 0) await Bun.sleep(20);
  const [letter] = smtp.received;
  expect([letter?.secure, letter?.user, letter?.to]).toEqual([true, "letters", [email]]);
  const code = codeIn(letter?.source ?? "") ?? "";
  expect((await post(house, "/register/verify", { email, code })).status).toBe(200);
  await house.stop();
}, 60_000);
