/** The main story, on the executable: an empty folder, the link, an admin, sessions, a restart. */
import { beforeAll, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { admin, bootstrap, emptyFolder, requireBinary, run, speak, startHouse } from "../binary.ts";

beforeAll(requireBinary);

const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);

test("a person runs it in an empty folder, becomes the admin, signs in, ends sessions, and a restart keeps the rest", async () => {
  using folder = emptyFolder();
  let house = await startHouse({ cwd: folder.path });
  const { data } = house;
  const token = readFileSync(join(data, "bootstrap-token"), "utf8").trim();
  expect(house.output()).toContain(`/setup#token=${token}\n`);
  expect(house.output()).toContain(`housekey: listening on http://localhost:`);
  expect(mode(data)).toBe("700");
  for (const name of readdirSync(data)) expect([name, mode(join(data, name))]).toEqual([name, "600"]);
  expect((await speak(house, "GET", "/healthz")).body).toEqual({ status: "ok" });
  expect((await speak(house, "GET", "/readyz")).status).toBe(200);

  const first = await bootstrap(house);
  expect(existsSync(join(data, "bootstrap-token"))).toBe(false);
  expect(existsSync(join(data, "bootstrapped"))).toBe(true);
  const asked = { body: { token, username: "eve", password: "analytical engine" } };
  const second = await speak(house, "POST", "/auth/bootstrap/complete", asked);
  expect([second.status, second.body.error.code]).toEqual([409, "ALREADY_BOOTSTRAPPED"]);

  const byToken = await speak(house, "GET", "/auth/sessions/current", { token: first.body.token });
  const byCookie = await speak(house, "GET", "/auth/sessions/current", { cookie: first.cookie });
  expect([byToken.status, byCookie.status]).toEqual([200, 200]);

  const phone = await speak(house, "POST", "/auth/local/login", { body: admin });
  const laptop = await speak(house, "POST", "/auth/local/login", { body: admin });
  expect([phone.status, laptop.status]).toEqual([201, 201]);
  const list = await speak(house, "GET", "/auth/sessions", { cookie: phone.cookie });
  expect(list.body).toHaveLength(3);
  const { id } = list.body.find((one: { current: boolean }) => one.current);
  expect((await speak(house, "DELETE", `/auth/sessions/${id}`, { cookie: laptop.cookie })).status).toBe(204);
  expect((await speak(house, "GET", "/auth/sessions/current", { cookie: phone.cookie })).status).toBe(401);

  expect(await house.stop()).toBe(0);
  house = await startHouse({ cwd: folder.path });
  expect(house.output()).not.toContain("#token=");
  expect(existsSync(join(data, "bootstrap-token"))).toBe(false);
  const kept = await speak(house, "GET", "/auth/sessions", { token: laptop.body.token });
  expect(kept.body).toHaveLength(2);
  expect((await speak(house, "GET", "/auth/sessions/current", { cookie: phone.cookie })).status).toBe(401);
  expect((await speak(house, "DELETE", "/auth/sessions", { cookie: laptop.cookie })).status).toBe(204);
  expect((await speak(house, "GET", "/auth/sessions", { token: first.body.token })).status).toBe(401);

  await house.stop();
  const secrets = [
    token,
    admin.password,
    ...[first, phone, laptop].flatMap(({ body, cookie }) => [
      body.token,
      ...(cookie.match(/[0-9a-f]{64,}/g) ?? []),
    ]),
  ];
  const kept_ = readdirSync(data).map((name) => readFileSync(join(data, name)).toString("latin1"));
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(12);
    expect(kept_.some((text) => text.includes(secret))).toBe(false);
    expect(house.output().includes(secret)).toBe(false);
  }
}, 30_000);

test("kill -9 takes nothing that was answered", async () => {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path });
  const { body } = await bootstrap(house);
  const other = await speak(house, "POST", "/auth/local/login", { body: admin });
  await speak(house, "DELETE", "/auth/sessions/current", { token: other.body.token });
  await house.kill();
  const again = await startHouse({ cwd: folder.path });
  expect((await speak(again, "GET", "/auth/sessions/current", { token: body.token })).status).toBe(200);
  expect((await speak(again, "GET", "/auth/sessions/current", { token: other.body.token })).status).toBe(401);
  await again.stop();
});

test("a restart before anybody came mints a new token, and the old link is dead", async () => {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path });
  const old = readFileSync(join(house.data, "bootstrap-token"), "utf8").trim();
  await house.stop();
  const again = await startHouse({ cwd: folder.path });
  const asked = { body: { token: old, ...admin } };
  expect((await speak(again, "POST", "/auth/bootstrap/complete", asked)).status).toBe(401);
  expect((await bootstrap(again)).status).toBe(201);
  await again.stop();
});

test("fifty at once over the socket: one token makes one admin", async () => {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path, env: { HOUSEKEY_LIMIT_BOOTSTRAP: "off" } });
  const token = readFileSync(join(house.data, "bootstrap-token"), "utf8").trim();
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      speak(house, "POST", "/auth/bootstrap/complete", { body: { ...admin, token, username: `u${n}` } }),
    ),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(49);
  await house.stop();
}, 30_000);

test("the operator's own token opens the house; one that is too short stops the start", async () => {
  using folder = emptyFolder();
  const preset = "correct-horse-battery-staple-and-more";
  const short = await run(["serve"], { cwd: folder.path, env: { HOUSEKEY_BOOTSTRAP_TOKEN: "short" } });
  expect([short.exitCode, short.stderr]).toEqual([
    2,
    "housekey: HOUSEKEY_BOOTSTRAP_TOKEN: expected at least 32 characters without spaces\n",
  ]);
  expect(readdirSync(folder.path)).toEqual([]);
  const house = await startHouse({ cwd: folder.path, env: { HOUSEKEY_BOOTSTRAP_TOKEN: preset } });
  const asked = { body: { token: preset, ...admin } };
  expect((await speak(house, "POST", "/auth/bootstrap/complete", asked)).status).toBe(201);
  await house.stop();
});

test("with the address configured there is one link, and it carries that address", async () => {
  using folder = emptyFolder();
  const env = { HOUSEKEY_URL: "https://auth.example.org" };
  const house = await startHouse({ cwd: folder.path, env });
  const links = house.output().match(/\S+\/setup#token=/g);
  expect(links).toEqual(["https://auth.example.org/setup#token="]);
  await house.stop();
});
