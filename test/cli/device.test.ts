/** Devices on the executable: over sockets, through a crash, and never written down. */
import { beforeAll, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bootstrap, emptyFolder, type House, requireBinary, speak, startHouse } from "../binary.ts";

beforeAll(requireBinary);

const env = { HOUSEKEY_LOG_LEVEL: "debug" };
const devices = "/api/auth/device";

const post = (house: House, path: string, body: object, token?: string) =>
  speak(house, "POST", path, { body, ...(token !== undefined && { token }) });
const poll = async (house: House, token: string) => (await post(house, `${devices}/poll`, { token })).body;
const pollShort = async (house: House, code: string) =>
  (await speak(house, "GET", `/v1/auth/device-code/${code}`)).body;
const me = (house: House, token: string) => speak(house, "GET", "/auth/sessions/current", { token });

/** Everything in the data folder, and everything that was printed. */
const kept = (house: House): string =>
  readdirSync(house.data, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)).toString("latin1"))
    .join("\n") + house.output();

test("a box without a screen is let in over HTTP, and what it was let in with lies nowhere", async () => {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path, env });
  const { token: admin } = (await bootstrap(house)).body;
  const made = await speak(house, "POST", `${devices}/create`, {
    body: { clientType: "connector" },
    headers: { "user-agent": "box/1.0" },
  });
  const { code, token, verificationUrl } = made.body;
  expect(verificationUrl).toBe(`http://localhost:${new URL(house.url).port}/device?code=${code}`);
  expect(await poll(house, token)).toEqual({ status: "pending" });
  expect((await post(house, `${devices}/info`, { code }, admin)).body).toMatchObject({
    userAgent: "box/1.0",
  });
  const typed = code.toLowerCase().replace("-", "");
  expect((await post(house, `${devices}/authorize`, { code: typed }, admin)).status).toBe(200);
  const given = await poll(house, token);
  expect((await me(house, given.token)).body).toMatchObject({
    user: { username: "ada" },
    session: { kind: "connector", ip: "127.0.0.1", user_agent: "box/1.0", methods: ["device"] },
  });
  expect(await poll(house, token)).toEqual({ status: "invalid" });
  expect((await post(house, "/api/auth/logout", { token: given.token })).status).toBe(200);
  expect((await me(house, given.token)).status).toBe(401);
  await house.stop();
  const text = kept(house);
  for (const secret of [code, typed.toUpperCase(), token, given.token]) expect(text).not.toContain(secret);
}, 30_000);

test("what a device waits for outlives a crash, and what it was given is given once", async () => {
  using folder = emptyFolder();
  let house = await startHouse({ cwd: folder.path, env });
  const { token: admin } = (await bootstrap(house)).body;
  const crash = async () => {
    await house.kill();
    house = await startHouse({ cwd: folder.path, env });
  };
  const { code, token } = (await post(house, `${devices}/create`, { clientType: "mobile" })).body;
  const { code: short } = (await post(house, "/v1/auth/device-code", {})).body;
  await crash();
  expect([(await poll(house, token)).status, (await pollShort(house, short)).status]).toEqual([
    "pending",
    "pending",
  ]);
  for (const one of [code, short])
    expect((await post(house, `${devices}/authorize`, { code: one }, admin)).status).toBe(200);
  await crash();
  const given = [await poll(house, token), await pollShort(house, short)];
  expect(given.map(({ status }) => status)).toEqual(["authorized", "authorized"]);
  await crash();
  expect(await poll(house, token)).toEqual({ status: "invalid" });
  expect(await pollShort(house, short)).toEqual({ status: "claimed" });
  expect((await post(house, `${devices}/authorize`, { code }, admin)).status).toBe(409);
  for (const one of given) expect((await me(house, one.token)).status).toBe(200);
  await house.stop();
}, 60_000);

test("a command line: HEAD takes nothing, and its code is not in the log", async () => {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path, env });
  const { token: admin } = (await bootstrap(house)).body;
  const { code, expires_at } = (await post(house, "/v1/auth/device-code", { intent: "login" })).body;
  expect(Math.abs(expires_at - Date.now() / 1000 - 600)).toBeLessThan(30);
  expect((await post(house, `${devices}/authorize`, { code }, admin)).status).toBe(200);
  for (let n = 0; n < 3; n++)
    expect((await speak(house, "HEAD", `/v1/auth/device-code/${code}`)).status).toBe(200);
  const given = await pollShort(house, code);
  expect(given.status).toBe("authorized");
  expect((await me(house, given.token)).body.session.kind).toBe("cli");
  await house.stop();
  expect(house.output()).toContain("/v1/auth/device-code/…");
  for (const secret of [code, given.token]) expect(kept(house)).not.toContain(secret);
}, 30_000);

test("a phone is linked by QR code while the page watches", async () => {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path, env });
  const { token: admin } = (await bootstrap(house)).body;
  const { code, token } = (await post(house, `${devices}/create`, { clientType: "mobile" }, admin)).body;
  const watch = async () => (await post(house, `${devices}/link/status`, { code }, admin)).body.status;
  const seen = [await watch()];
  await post(house, `${devices}/authorize`, { code }, admin);
  seen.push(await watch());
  const answers = await Promise.all(Array.from({ length: 20 }, () => poll(house, token)));
  expect(answers.filter(({ status }) => status === "authorized")).toHaveLength(1);
  seen.push(await watch());
  expect(seen).toEqual(["pending", "authorized", "claimed"]);
  const listed = await speak(house, "GET", "/api/session/list", { token: admin });
  expect(listed.body).toMatchObject([{ ip: "127.0.0.1" }]);
  await house.stop();
}, 30_000);

test("by default ten codes an hour, and thirty polls a minute", async () => {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path, env });
  await bootstrap(house);
  const { token } = (await post(house, `${devices}/create`, { clientType: "mobile" })).body;
  const polled = await Promise.all(
    Array.from({ length: 40 }, () => post(house, `${devices}/poll`, { token })),
  );
  expect(polled.filter(({ status }) => status === 429)).toHaveLength(10);
  for (let n = 0; n < 9; n++) expect((await post(house, "/v1/auth/device-code", {})).status).toBe(200);
  const refused = await post(house, `${devices}/create`, { clientType: "mobile" });
  expect([refused.status, refused.headers.get("ratelimit-limit")]).toEqual([429, "10"]);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(3000);
  const { status, headers } = await speak(house, "GET", "/link?code=ABCD-2345");
  expect([status, headers.get("location")]).toEqual([302, "/device?code=ABCD-2345"]);
  await house.stop();
}, 30_000);
