/** The commonest complaints about a house, on the executable: what people are told, and that doing it helps. */
import { beforeAll, expect, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import {
  admin,
  bootstrap,
  clockOff,
  emptyFolder,
  type House,
  requireBinary,
  run,
  speak,
  startHouse,
} from "../binary.ts";
import { smallDisk } from "../faults/small-disk.ts";
import { codeAt } from "../two-factor/app.ts";
import { done } from "./backups.ts";
import { findings } from "./findings.ts";
import { complete, tokenIn } from "./operator.ts";

beforeAll(requireBinary);

const api = "/api/v1/auth";

const login = (house: House, code?: string, headers: Record<string, string> = {}) =>
  speak(house, "POST", "/auth/local/login", {
    headers,
    body: { ...admin, ...(code !== undefined && { code }) },
  });

/** Switches two-factor on for the admin; answers the app's secret. */
async function enrol(house: House): Promise<string> {
  const { token } = (await bootstrap(house)).body;
  const { secret } = (await speak(house, "POST", `${api}/2fa/setup`, { token })).body;
  const body = { code: codeAt(secret, new Date(), -1) };
  expect((await speak(house, "POST", `${api}/2fa/enable`, { token, body })).status).toBe(200);
  return secret;
}

test("the phone with the app is gone: a link from the host lets the owner in, and the app is asked no more", async () => {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path });
  await enrol(house);
  const refused = await login(house);
  expect([refused.status, refused.body.error.code]).toEqual([401, "TOTP_REQUIRED"]);
  const { exitCode, stdout } = await run(["recover", admin.username], { cwd: folder.path });
  expect(exitCode).toBe(0);
  expect((await complete(house, tokenIn(stdout), "difference engine")).status).toBe(201);
  const asked = { body: { ...admin, password: "difference engine" } };
  expect((await speak(house, "POST", "/auth/local/login", asked)).status).toBe(201);
  await house.stop();
}, 30_000);

test("the clock is 90 s off: codes are refused, the doctor says by how much, and with the right time they work", async () => {
  using folder = emptyFolder();
  const env = { HOUSEKEY_LIMIT_SIGNIN: "off", HOUSEKEY_URL: "https://auth.example.org" };
  let house = await startHouse({ cwd: folder.path, env });
  const secret = await enrol(house);
  await house.stop();
  house = await startHouse({ cwd: folder.path, env: { ...env, ...clockOff("-90s") } });
  for (const _ of [1, 2]) {
    const { status, body } = await login(house, codeAt(secret, new Date()));
    expect([status, body.error.code]).toEqual([401, "INVALID_CODE"]);
  }
  const [told] = (await findings(folder.path)).of("clock");
  expect(told?.message).toMatch(
    /^codes of authenticator apps were refused that were right for 90 s later: this clock /,
  );
  expect(told?.fix).toContain("timedatectl set-ntp true");
  await house.stop();
  house = await startHouse({ cwd: folder.path, env });
  expect((await login(house, codeAt(secret, new Date()))).status).toBe(201);
  expect((await findings(folder.path)).of("clock")).toEqual([]);
  await house.stop();
}, 30_000);

test("the clock went back while the house was off: the doctor says so before anybody types a code", async () => {
  using folder = emptyFolder();
  const env = { HOUSEKEY_URL: "https://auth.example.org" };
  const house = await startHouse({ cwd: folder.path, env });
  await bootstrap(house);
  await house.stop();
  const back = clockOff("-90s");
  const alone = (await findings(folder.path, { env: { ...env, ...back } })).of("clock");
  expect(alone[0]?.message).toMatch(
    /^what the house had written last was of (8\d|9\d) s later than this clock/,
  );
  const slow = await startHouse({ cwd: folder.path, env: { ...env, ...back } });
  const [told] = (await findings(folder.path)).of("clock");
  expect(told?.message).toMatch(/^what the house had written last was of (8\d|9\d) s later than this clock/);
  expect(told?.fix).toContain("timedatectl set-ntp true");
  await slow.stop();
  const right = await startHouse({ cwd: folder.path, env });
  expect((await findings(folder.path)).of("clock")).toEqual([]);
  await right.stop();
}, 30_000);

test("the master key is lost for good: an encrypted backup brings it back, and everybody in", async () => {
  using folder = emptyFolder();
  using stick = emptyFolder();
  const house = await startHouse({ cwd: folder.path });
  await bootstrap(house);
  const [file, secret] = [`${stick.path}/house.tar.gz.age`, `${stick.path}/secret`];
  writeFileSync(secret, "correct horse battery staple");
  await done(folder.path, "backup", file, "--passphrase-file", secret);
  await house.stop();
  rmSync(`${house.data}/master.key`);
  const [told] = (await findings(folder.path)).of("master key");
  expect(told?.message).toContain("is missing, and the house does not start without it");
  expect(told?.fix).toContain("housekey restore FILE");
  await done(folder.path, "restore", file, "--passphrase-file", secret);
  expect((await findings(folder.path)).of("master key")).toEqual([]);
  const again = await startHouse({ cwd: folder.path });
  expect((await login(again)).status).toBe(201);
  await again.stop();
}, 30_000);

test("one mistyped code is no clock that is wrong, and neither are two of no time at all", async () => {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path, env: { HOUSEKEY_LIMIT_SIGNIN: "off" } });
  const secret = await enrol(house);
  await login(house, codeAt(secret, new Date(), -6));
  await login(house, codeAt(secret, new Date(), -100));
  await login(house, codeAt(secret, new Date(), -200));
  expect((await findings(folder.path)).of("clock")).toEqual([]);
  await house.stop();
}, 30_000);

test("the disk is full: who is signed in stays so, the doctor says what to do, and with room it goes on", async () => {
  using disk = smallDisk(8);
  const house = await startHouse({ cwd: disk.path, env: { HOUSEKEY_LIMIT_SIGNIN: "off" } });
  const { token } = (await bootstrap(house)).body;
  disk.fill();
  const refused = await login(house);
  expect([refused.status, refused.body.error.code]).toEqual([503, "STORE_UNAVAILABLE"]);
  expect((await speak(house, "GET", "/auth/sessions/current", { token })).status).toBe(200);
  const check = await run(["healthcheck"], { cwd: disk.path });
  expect([check.exitCode, check.stderr]).toEqual([1, expect.stringContaining("it answers 503 to /readyz")]);
  const [told] = (await findings(disk.path)).of("disk");
  expect(told?.message).toStartWith("0 MiB are free where ");
  expect(told?.fix).toContain("Make room");
  disk.free();
  expect((await login(house)).status).toBe(201);
  expect((await run(["healthcheck"], { cwd: disk.path })).exitCode).toBe(0);
  await house.stop();
}, 30_000);

test("a stranger hammers the owner's name: the stranger is made to wait, and the owner gets in", async () => {
  using folder = emptyFolder();
  const env = { HOUSEKEY_URL: "https://auth.example.org", HOUSEKEY_TRUSTED_PROXIES: "127.0.0.1" };
  const house = await startHouse({ cwd: folder.path, env });
  await bootstrap(house);
  const from = (address: string) => ({ "x-forwarded-for": address, "x-forwarded-proto": "https" });
  expect((await login(house, undefined, from("198.51.100.7"))).status).toBe(201);
  const guess = (address: string) =>
    speak(house, "POST", "/auth/local/login", {
      headers: from(address),
      body: { ...admin, password: "a wrong guess" },
    });
  const answers = [];
  for (let time = 0; time < 30; time++) answers.push(await guess(`203.0.113.${time}`));
  const last = answers.at(-1);
  expect([last?.status, last?.body.error]).toEqual([
    429,
    { code: "RATE_LIMITED", message: expect.stringMatching(/[Ww]ait/) },
  ]);
  expect(Number(last?.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await login(house, undefined, from("198.51.100.7"))).status).toBe(201);
  await house.stop();
}, 30_000);
