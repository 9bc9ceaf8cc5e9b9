/** `housekey verify`: well of a healthy house, and finding each fault that was planted in one. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { verifyHouse } from "../../src/cli/verify.ts";
import { isSound } from "../../src/identity/verify.ts";
import { verifyDatabase } from "../../src/store/verify.ts";
import {
  admin,
  bootstrap,
  emptyFolder,
  type House,
  requireBinary,
  run,
  speak,
  startHouse,
} from "../binary.ts";
import { feed, operate, plant, told } from "./operator.ts";
import { columnFaults } from "./planted-columns.ts";
import { deviceFaults } from "./planted-devices.ts";
import { fileFaults } from "./planted-files.ts";
import { passkeyFaults } from "./planted-passkeys.ts";
import { rowFaults } from "./planted-rows.ts";

const folder = emptyFolder();
let house: House;

beforeAll(async () => {
  requireBinary();
  house = await startHouse({ cwd: folder.path });
  const { token } = (await bootstrap(house)).body;
  const cwd = folder.path;
  const grace = ["user", "add", "grace", "--email", "grace@example.org", "--password-stdin"];
  await feed(grace, { cwd, input: "difference engine\n" });
  const own = { username: "grace", password: "difference engine" };
  for (const body of [own, { ...own, password: "wrong" }])
    await speak(house, "POST", "/auth/local/login", { body });
  await makeKey(token);
  await run(["user", "add", "bob"], { cwd });
  plant(house.data, (db) => db.run("DELETE FROM recoveries"));
  await run(["recover", "grace"], { cwd });
  await run(["settings", "registration", "invite"], { cwd });
  await speak(house, "POST", "/auth/invites", { token, body: {} });
  await house.stop();
  plant(house.data, (db) => {
    const sealed = "ab12".repeat(10);
    db.run(
      `INSERT INTO providers VALUES ('oidc', 'https://id.example.org', 'housekey', '${sealed}', 'Example', '["openid"]', 1, 0, 0, 1)`,
    );
    db.run(
      `INSERT INTO identities SELECT 'idn' || substr(id, 4), id, 'https://id.example.org', '1', NULL, created_at, NULL
       FROM users WHERE username = 'grace'`,
    );
  });
});

/** A key that was exchanged once. */
async function makeKey(token: string): Promise<void> {
  const { data } = (await speak(house, "POST", "/v1/auth/api-keys", { token, body: { name: "k" } })).body;
  await speak(house, "POST", "/v1/auth/token", { token: data.key });
}

afterAll(() => folder[Symbol.dispose]());

/** A folder with a copy of the house. */
function copy() {
  const other = emptyFolder();
  cpSync(house.data, join(other.path, "housekey-data"), { recursive: true });
  return Object.assign(other, { data: join(other.path, "housekey-data") });
}

interface Said {
  readonly ok: boolean;
  readonly checks: { name: string; ok: boolean; problems: string[] }[];
}

const wrong = ({ checks }: Said): string[] => checks.filter(({ ok }) => !ok).map(({ name }) => name);

test("a healthy house is well, line by line, whoever asks, and nothing is written", async () => {
  using other = copy();
  const files = () =>
    readdirSync(other.data).map((name) => [name, Bun.hash(readFileSync(join(other.data, name)))]);
  const before = files();
  const { exitCode, stdout, stderr } = await run(["verify"], { cwd: other.path });
  expect([exitCode, stderr]).toEqual([0, ""]);
  for (const line of stdout.trimEnd().split("\n")) expect(line).toMatch(/^[a-z ]+: ok$/);
  const said: Said = JSON.parse((await run(["verify", "--json"], { cwd: other.path })).stdout);
  expect(said.ok).toBe(true);
  expect(said.checks.map(({ name }) => `${name}: ok`).join("\n")).toBe(stdout.trimEnd());
  const found = await verifyHouse({ folder: other.data });
  expect(found.map(({ check }) => check)).toEqual(said.checks.map(({ name }) => name));
  expect(isSound(found)).toBe(true);
  expect(isSound(verifyDatabase(join(other.data, "housekey.db")))).toBe(true);
  expect(files()).toEqual(before);
});

for (const { fault, plant: make, checks, says } of [
  ...columnFaults,
  ...passkeyFaults,
  ...rowFaults,
  ...deviceFaults,
  ...fileFaults,
])
  test(`it finds ${fault}`, async () => {
    using other = copy();
    make(other.data);
    const { exitCode, stdout, stderr } = await run(["verify", "--json"], { cwd: other.path });
    expect([exitCode, stderr]).toEqual([1, "housekey: something is wrong with this house\n"]);
    const said: Said = JSON.parse(stdout);
    expect([said.ok, wrong(said).sort()]).toEqual([false, [...checks].sort()]);
    const problems = said.checks.flatMap((check) => check.problems);
    expect(problems.filter((problem) => says.test(problem))).toHaveLength(1);
    const [line] = problems.filter((problem) => says.test(problem));
    expect((await run(["verify"], { cwd: other.path })).stdout).toContain(`: ${line}\n`);
  });

test("a secret that lies open is found and not repeated, and neither is what somebody wrote", async () => {
  using other = copy();
  const secret = "0123456789abcdef".repeat(6);
  plant(other.data, (db) => {
    db.run(`UPDATE sessions SET token_hash = '${secret}' WHERE id = (SELECT min(id) FROM sessions)`);
    db.run("UPDATE users SET password_hash = 'hunter2hunter2', name = x'68756e74' WHERE username = 'bob'");
    db.run(`UPDATE audit SET reason = '${secret}', methods = '${secret}', event = '${secret}'`);
  });
  const { exitCode, stdout, stderr } = await run(["verify"], { cwd: other.path });
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/^secrets: sessions: its token is kept as something else than a hash: ses_\w{26}$/m);
  expect(stdout).toMatch(
    /^secrets: users: its password is kept as something else than an argon2id hash: usr_/m,
  );
  for (const text of [secret, "hunter", "hunt"]) expect(stdout + stderr).not.toContain(text);
});

test("many faults are all told, one line each, also beside one that keeps checks from being made", async () => {
  using other = copy();
  plant(other.data, (db) => {
    db.run("DROP TABLE invites");
    db.run("UPDATE throttles SET failures = -1");
    db.run("UPDATE users SET role = 'root' WHERE username = 'bob'");
  });
  const { exitCode, stdout } = await run(["verify"], { cwd: other.path });
  expect(exitCode).toBe(1);
  expect(stdout).toContain("schema: the table invites is missing\n");
  expect(stdout).toContain("schema: the index invites_id_unique is missing\n");
  expect(stdout).toContain("words: users: its role is none there is: usr_");
  expect(stdout).toContain("counts: cannot be checked: no such table: invites\n");
  expect(stdout).toContain("integrity: ok\n");
});

test("a house that was lost is told, and one whose database was written by a stranger", async () => {
  using other = copy();
  writeFileSync(join(other.data, "housekey.db"), "");
  expect(told(await run(["verify"], { cwd: other.path }), 1)).toContain(
    "once had an admin, but its database is empty",
  );
  rmSync(join(other.data, "housekey.db"));
  expect(told(await run(["verify"], { cwd: other.path }), 1)).toContain("once had an admin");
  rmSync(join(other.data, "bootstrapped"));
  expect(told(await run(["verify"], { cwd: other.path }), 1)).toContain("there is no house in");
});

test("the key in the environment is the one that is judged", async () => {
  using other = copy();
  const key = readFileSync(join(other.data, "master.key"), "utf8").trim();
  rmSync(join(other.data, "master.key"));
  const say = async (HOUSEKEY_MASTER_KEY: string) =>
    (await run(["verify"], { cwd: other.path, env: { HOUSEKEY_MASTER_KEY } })).stdout;
  expect(await say(key)).toContain("master key: ok\n");
  expect(await say(Buffer.alloc(32, 9).toString("base64"))).toContain("master key: not the one");
});

test("a house that is served and busy is well at every moment, from its first one on", async () => {
  using other = emptyFolder();
  const env = { HOUSEKEY_LIMIT_SIGNIN: "off" };
  const served = await startHouse({ cwd: other.path, env });
  let busy = true;
  const verdicts: string[] = [];
  const looking = Promise.all(
    [1, 2].map(async () => {
      while (busy) verdicts.push((await run(["verify"], { cwd: other.path })).stdout);
    }),
  );
  await bootstrap(served);
  await run(["user", "add", "grace", "--role", "admin"], { cwd: other.path });
  for (let round = 0; round < 3; round++) {
    const signIns = Array.from({ length: 8 }, () =>
      speak(served, "POST", "/auth/local/login", { body: admin }),
    );
    await run(["recover", "grace"], { cwd: other.path });
    await run(["user", "disable", "grace"], { cwd: other.path });
    await Promise.all(signIns);
    await run(["user", "enable", "grace"], { cwd: other.path });
  }
  busy = false;
  await looking;
  await served.stop();
  expect(verdicts.length).toBeGreaterThan(4);
  for (const verdict of verdicts)
    expect(verdict.split("\n").filter((line) => !/: ok$|^$/.test(line))).toEqual([]);
});

test("a verdict can be asked for beside a server, also by its JSON", async () => {
  await using operated = await operate();
  expect(JSON.parse(await operated.ok("verify", "--json"))).toMatchObject({ ok: true });
  expect(await operated.refused(2, "verify", "all")).toContain('verify does not take "all"');
});
