/** The second factor on the executable: what is spent stays spent, whatever happens to the process. */
import { beforeAll, expect, test } from "bun:test";
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
import { codeAt } from "../two-factor/app.ts";

beforeAll(requireBinary);

const unlimited = { HOUSEKEY_LIMIT_SIGNIN: "off" };
const api = "/api/v1/auth";

const login = (house: House, code?: string) =>
  speak(house, "POST", "/auth/local/login", { body: { ...admin, ...(code !== undefined && { code }) } });

/** What `oathtool`, which is nobody's of ours, shows; `steps` of thirty seconds from now. */
function shown(secret: string, steps = 0): string {
  const at = Math.floor(Date.now() / 1000) + 30 * steps;
  const args = ["--totp=sha1", "--base32", `--now=@${at}`, secret];
  return Bun.spawnSync(["oathtool", ...args])
    .stdout.toString()
    .trim();
}

async function enrol(house: House): Promise<{ secret: string; token: string; backupCodes: string[] }> {
  const { token } = (await bootstrap(house)).body;
  const { secret } = (await speak(house, "POST", `${api}/2fa/setup`, { token })).body;
  const { body } = await speak(house, "POST", `${api}/2fa/enable`, {
    token,
    body: { code: shown(secret, -1) },
  });
  return { secret, token, backupCodes: body.backup_codes };
}

test("enrol, sign in with the app and with a backup code, switch off", async () => {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path, env: unlimited });
  const { secret, token, backupCodes } = await enrol(house);
  expect((await login(house)).body.error.code).toBe("TOTP_REQUIRED");
  expect((await login(house, shown(secret))).status).toBe(201);
  const challenge = await speak(house, "POST", `${api}/login`, {
    body: { email: admin.username, password: admin.password },
  });
  const answer = { challenge_token: challenge.body.challenge_token, code: backupCodes[0] };
  expect((await speak(house, "POST", `${api}/2fa/verify`, { body: answer })).status).toBe(200);
  expect((await speak(house, "GET", `${api}/2fa/status`, { token })).body.backup_codes_left).toBe(9);
  const off = await speak(house, "POST", `${api}/2fa/disable`, { token, body: { code: backupCodes[1] } });
  expect([off.status, (await login(house)).status]).toEqual([204, 201]);
  expect(house.output()).not.toContain(secret);
  expect(await house.stop()).toBe(0);
}, 60_000);

test("a spent code and a spent backup code stay spent after kill -9, and after the clock is set back", async () => {
  using folder = emptyFolder();
  let house = await startHouse({ cwd: folder.path, env: unlimited });
  const { secret, backupCodes } = await enrol(house);
  const [first, second] = backupCodes;
  // The step after this one: it is good for the whole of the test.
  const spent = shown(secret, 1);
  expect((await login(house, spent)).status).toBe(201);
  expect((await login(house, first)).status).toBe(201);
  await house.kill();
  house = await startHouse({ cwd: folder.path, env: unlimited });
  for (const code of [spent, shown(secret), first]) expect((await login(house, code)).status).toBe(401);
  expect((await login(house, second)).status).toBe(201);
  expect(await house.stop()).toBe(0);

  house = await startHouse({ cwd: folder.path, env: { ...unlimited, ...clockOff("-1h") } });
  const hourAgo = new Date(Date.now() - 3_600_000);
  expect((await login(house, codeAt(secret, hourAgo))).status).toBe(401);
  expect((await login(house, backupCodes[2])).status).toBe(201);
  await house.kill();
}, 60_000);

test("fifty uses of one code over the socket: one; of one backup code: one", async () => {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path, env: unlimited });
  const { secret, backupCodes } = await enrol(house);
  for (const code of [shown(secret, 1), backupCodes[5]]) {
    const answers = await Promise.all(Array.from({ length: 50 }, () => login(house, code)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  }
  expect(await house.stop()).toBe(0);
}, 60_000);

test("the host's recovery lets in somebody who lost the app", async () => {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path, env: unlimited });
  await enrol(house);
  const { stdout } = await run(["recover", admin.username], { cwd: folder.path });
  const [, token = ""] = /#token=(\w+)/.exec(stdout) ?? [];
  const body = { token, password: "difference engine" };
  const back = await speak(house, "POST", "/auth/recovery/complete", { body });
  expect([back.status, back.body.user.two_factor_enabled]).toEqual([201, false]);
  expect(await house.stop()).toBe(0);
}, 60_000);
