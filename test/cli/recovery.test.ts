/** The way back in that the operator opens. */
import { beforeAll, expect, test } from "bun:test";
import { bootstrap, emptyFolder, requireBinary, run, speak, startHouse } from "../binary.ts";
import { complete, operate, tokenIn } from "./operator.ts";

beforeAll(requireBinary);

test("its link sets a password once, ends what was open, and signs the owner in, beside the running server", async () => {
  await using house = await operate();
  const link = await house.ok("recover", "ada");
  expect(link).toBe(`http://localhost:${new URL(house.house.url).port}/recover#token=${tokenIn(link)}\n`);
  const info = await speak(house.house, "POST", "/auth/recovery/info", { body: { token: tokenIn(link) } });
  expect([info.status, info.body.username]).toEqual([200, "ada"]);

  const done = await complete(house.house, tokenIn(link), "difference engine");
  expect([done.status, done.body.user.username]).toEqual([201, "ada"]);
  expect(await house.alive(done.body.token)).toBe(true);
  expect(await house.alive(house.token)).toBe(false);
  expect((await house.signIn("ada")).status).toBe(401);
  expect((await house.signIn("ada", "difference engine")).status).toBe(201);
  const again = await complete(house.house, tokenIn(link), "analytical engine");
  expect([again.status, again.body.error.code]).toEqual([401, "INVALID_TOKEN"]);
});

test("a newer link voids the older one, and lives for an hour", async () => {
  await using house = await operate();
  const older = tokenIn(await house.ok("recover", "ada"));
  const before = Date.now();
  const newer = JSON.parse(await house.ok("recover", "ADA", "--json"));
  expect(newer).toEqual({
    url: expect.stringContaining("/recover#token="),
    expires_at: expect.any(String),
    username: "ada",
  });
  const lives = Date.parse(newer.expires_at) - 3_600_000;
  expect(lives).toBeGreaterThanOrEqual(before);
  expect(lives).toBeLessThanOrEqual(Date.now());
  expect((await complete(house.house, older)).status).toBe(401);
  expect((await complete(house.house, tokenIn(newer.url))).status).toBe(201);
});

test("fifty at once: a link works once", async () => {
  await using house = await operate();
  const token = tokenIn(await house.ok("recover", "ada"));
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) => complete(house.house, token, `difference engine ${n}`)),
  );
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 201)).toHaveLength(1);
  expect(statuses.filter((status) => status === 401)).toHaveLength(49);
  const won = statuses.indexOf(201);
  expect((await house.signIn("ada", `difference engine ${won}`)).status).toBe(201);
  await house.ok("verify");
});

test("commands at once: of the links they print, the last one works and no other", async () => {
  await using house = await operate();
  const links = await Promise.all(Array.from({ length: 8 }, () => house.ok("recover", "ada")));
  const infos = await Promise.all(
    links.map((link) =>
      speak(house.house, "POST", "/auth/recovery/info", { body: { token: tokenIn(link) } }),
    ),
  );
  expect(infos.filter(({ status }) => status === 200)).toHaveLength(1);
});

test("nobody by that name, or a disabled account, gets none", async () => {
  await using house = await operate();
  await house.ok("user", "add", "grace");
  await house.ok("user", "disable", "grace");
  expect(await house.refused(1, "recover", "nobody")).toBe('housekey: there is no account "nobody"\n');
  expect(await house.refused(1, "recover", "grace")).toBe(
    'housekey: grace is disabled; "housekey user enable grace" comes first\n',
  );
  expect(await house.refused(2, "recover")).toBe(
    'housekey: recover needs USER; see "housekey help recover"\n',
  );
  expect(await house.refused(2, "recover", "ada", "grace")).toContain('recover does not take "grace"');
  const { body } = await speak(house.house, "GET", "/auth/users?q=grace", { token: house.token });
  const path = `/auth/users/${body.users[0].id}/recovery`;
  const over = await speak(house.house, "POST", path, { token: house.token });
  expect([over.status, over.body.error.code]).toEqual([403, "ACCOUNT_DISABLED"]);
  await house.ok("verify");
});

test("it works while nobody serves the house, under the address that is configured", async () => {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path });
  await bootstrap(house);
  await house.stop();
  const { port } = new URL(house.url);
  const plain = await run(["recover", "ada"], { cwd: folder.path });
  expect(plain.stdout).toStartWith(`http://localhost:${port}/recover#token=`);
  const named = await run(["recover", "ada", "--url", "https://auth.example.org"], { cwd: folder.path });
  expect(named.stdout).toStartWith("https://auth.example.org/recover#token=");
  const again = await startHouse({ cwd: folder.path });
  expect((await complete(again, tokenIn(plain.stdout))).status).toBe(401);
  expect((await complete(again, tokenIn(named.stdout))).status).toBe(201);
  await again.stop();
});
