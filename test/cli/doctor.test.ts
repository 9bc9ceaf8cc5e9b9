/** What the operator is told about what the house stands on, on the executable. */
import { beforeAll, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Step } from "../../src/identity/doctor.ts";
import { admin, bootstrap, emptyFolder, requireBinary, run, speak, startHouse } from "../binary.ts";
import { findings } from "./findings.ts";

beforeAll(requireBinary);

const url = "https://auth.example.org";

test("a house with nothing wrong: exit 0, each thing a line, and one line at the start", async () => {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path, env: { HOUSEKEY_URL: url } });
  await bootstrap(house);
  // The shell that asks knows nothing of the server's environment.
  const { exitCode, stdout, stderr } = await run(["doctor"], { cwd: folder.path });
  expect([exitCode, stderr]).toEqual([0, ""]);
  for (const line of stdout.trim().split("\n")) expect(line).toMatch(/^ok {4}[a-z -]+: \S/);
  expect(stdout).toContain(`ok    address: ${url}`);
  expect((await findings(folder.path)).served).toBe(true);
  await house.stop();
  expect(house.output()).toContain("nothing wants mending");
  const after = await findings(folder.path, { env: { HOUSEKEY_URL: url } });
  expect([after.served, after.wrong]).toEqual([false, []]);
}, 30_000);

test("what is wrong is told with why and how, by the server's own settings, over HTTP as well", async () => {
  using folder = emptyFolder();
  const env = { HOUSEKEY_URL: "http://192.0.2.7:8420" };
  const house = await startHouse({ cwd: folder.path, env, tampered: true });
  const { body } = await bootstrap(house);
  const { of } = await findings(folder.path);
  expect(of("passkeys")[0]?.message).toContain("browsers make passkeys for names alone");
  expect(of("passkeys")[0]?.fix).toContain("HOUSEKEY_URL");
  chmodSync(join(house.data, "master.key"), 0o644);
  const told = await speak(house, "GET", "/auth/doctor", { token: body.token });
  expect([told.status, told.body.ok]).toEqual([200, false]);
  const files = told.body.steps.find(({ name }: Step) => name === "files");
  expect(files.message).toContain("master.key is open to others (644)");
  expect((await run(["doctor"], { cwd: folder.path })).stdout).toMatch(
    /WRONG files: .*\n {6}-> chmod -R go= /,
  );
  await house.stop();
  expect(house.output()).toMatch(/"wants mending"|wants mending.*"findings":1,"about":"passkeys"/);
}, 30_000);

test("only who can read the folder may ask the server, and asking stops with it", async () => {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path });
  const { report } = JSON.parse(readFileSync(join(house.data, "serving"), "utf8"));
  const ask = (authorization: string) =>
    fetch(`http://127.0.0.1:${report.port}/`, { headers: { authorization } }).then(({ status }) => status);
  expect(await Promise.all([ask(`Bearer ${report.key}`), ask("Bearer wrong"), ask("")])).toEqual([
    200, 401, 401,
  ]);
  await house.stop();
  expect(existsSync(join(house.data, "serving"))).toBe(false);
  await expect(ask(`Bearer ${report.key}`)).rejects.toThrow();
}, 30_000);

test("a run that ended without a word is told of until the next clean stop", async () => {
  using folder = emptyFolder();
  const first = await startHouse({ cwd: folder.path });
  await first.kill();
  expect((await findings(folder.path)).of("last stop")).toHaveLength(1);
  const second = await startHouse({ cwd: folder.path });
  const [told] = (await findings(folder.path)).of("last stop");
  expect(told?.message).toMatch(/the run that began 20\d\d-.* ended without a word/);
  await second.stop();
  const third = await startHouse({ cwd: folder.path });
  expect((await findings(folder.path)).of("last stop")).toEqual([]);
  await third.stop();
}, 30_000);

test("a lost or foreign master key is told, and the right one mends it", async () => {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path });
  await bootstrap(house);
  await house.stop();
  const [path, kept] = [join(house.data, "master.key"), join(folder.path, "kept")];
  renameSync(path, kept);
  const refused = await run(["serve"], { cwd: folder.path });
  expect([refused.exitCode, refused.stderr]).toEqual([
    1,
    expect.stringContaining("restore the key from a backup"),
  ]);
  const [missing] = (await findings(folder.path)).of("master key");
  expect(missing?.message).toContain("is missing, and the house does not start without it");
  expect(existsSync(path)).toBe(false);
  writeFileSync(path, `${Buffer.alloc(32, 1).toString("base64")}\n`, { mode: 0o600 });
  const [foreign] = (await findings(folder.path)).of("master key");
  expect(foreign?.message).toContain("is not the one this database was made with");
  renameSync(kept, path);
  expect((await findings(folder.path)).of("master key")).toEqual([]);
  const again = await startHouse({ cwd: folder.path });
  expect((await speak(again, "POST", "/auth/local/login", { body: admin })).status).toBe(201);
  await again.stop();
}, 30_000);

test("a damaged database is told of, and so is a folder without one", async () => {
  using folder = emptyFolder();
  const none = await run(["doctor"], { cwd: folder.path });
  expect([none.exitCode, none.stderr]).toEqual([1, expect.stringContaining("there is no house in")]);
  const house = await startHouse({ cwd: folder.path });
  await house.stop();
  const path = join(house.data, "housekey.db");
  const bytes = readFileSync(path);
  // Pages in the middle, past the header and the schema.
  bytes.fill(0xff, 4096 * 4, 4096 * 12);
  writeFileSync(path, bytes);
  const [told] = (await findings(folder.path)).of("database");
  expect(told?.message).toMatch(/^(damaged|cannot be read): /);
  expect(told?.fix).toContain("restore the last good backup");
}, 30_000);

test("backups that are wanted and cannot be made are told of, and by the folder that is missing", async () => {
  using folder = emptyFolder();
  const backups = join(folder.path, "backups");
  const house = await startHouse({
    cwd: folder.path,
    env: { HOUSEKEY_URL: url, HOUSEKEY_BACKUP_DIR: backups },
  });
  const [told] = (await findings(folder.path)).of("backup");
  expect([told?.message, told?.fix]).toEqual([
    expect.stringContaining(`${backups} cannot be read, so no backup is made`),
    expect.stringContaining("HOUSEKEY_BACKUP_DIR"),
  ]);
  mkdirSync(backups);
  const made = await run(["backup", join(backups, "own.tar.gz")], { cwd: folder.path });
  expect(made.exitCode).toBe(0);
  expect((await findings(folder.path)).of("backup")[0]?.message).toBe(`there is none in ${backups} yet`);
  await house.stop();
}, 30_000);

test("a backup by the clock that is too old is told of, with where to look, until there is a new one", async () => {
  using folder = emptyFolder();
  const backups = join(folder.path, "backups");
  mkdirSync(backups);
  const env = { HOUSEKEY_URL: url, HOUSEKEY_BACKUP_DIR: backups, HOUSEKEY_BACKUP_EVERY: "1h" };
  const house = await startHouse({ cwd: folder.path, env });
  const [old, fresh] = ["20260101T000000Z", "20260101T030000Z"].map((at) =>
    join(backups, `housekey-1a2b3c4d-${at}.tar.gz`),
  );
  const make = async (file = "") =>
    expect((await run(["backup", file], { cwd: folder.path })).exitCode).toBe(0);
  await make(old);
  expect((await findings(folder.path)).of("backup")).toEqual([]);
  const threeDaysAgo = new Date(Date.now() - 3 * 86_400_000);
  utimesSync(old ?? "", threeDaysAgo, threeDaysAgo);
  for (const served of [true, false]) {
    if (!served) await house.stop();
    const [told] = (await findings(folder.path, { env })).of("backup");
    expect([told?.message, told?.fix]).toEqual([
      `the last one in ${backups} is 3 days old, and there should be one every hour`,
      expect.stringContaining(`mostly ${backups} is full, or not mounted`),
    ]);
  }
  await make(fresh);
  expect((await findings(folder.path, { env })).of("backup")).toEqual([]);
}, 30_000);

test("healthcheck: 0 while the house can do its work, 1 otherwise", async () => {
  using folder = emptyFolder();
  const none = await run(["healthcheck"], { cwd: folder.path });
  expect([none.exitCode, none.stderr]).toEqual([
    1,
    expect.stringMatching(/^housekey: no house is served from /),
  ]);
  const house = await startHouse({ cwd: folder.path, env: { HOUSEKEY_URL: url } });
  const well = await run(["healthcheck"], { cwd: folder.path });
  expect([well.exitCode, well.stdout, well.stderr]).toEqual([0, "ready\n", ""]);
  await house.kill();
  const dead = await run(["healthcheck"], { cwd: folder.path });
  expect([dead.exitCode, dead.stderr]).toEqual([1, expect.stringMatching(/ does not answer/)]);
}, 30_000);

test("--url looks at the house from outside: this one, another one, something else, nobody", async () => {
  using folder = emptyFolder();
  using elsewhere = emptyFolder();
  const house = await startHouse({ cwd: folder.path });
  const other = await startHouse({ cwd: elsewhere.path });
  using nothing = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("hello") });
  const outside = async (aim: string) =>
    (await findings(folder.path, { args: ["--url", aim] })).steps.filter(({ name }) => name === "outside");
  expect(await outside(house.url)).toEqual([
    { name: "outside", ok: true, message: expect.stringContaining("this very house answers") },
  ]);
  expect((await outside(other.url))[0]?.message).toContain("another house answers");
  expect((await outside(nothing.url.origin))[0]).toMatchObject({
    ok: false,
    message: expect.stringContaining("something else answers"),
    fix: expect.stringContaining("reverse_proxy"),
  });
  await other.stop();
  expect((await outside(other.url))[0]?.message).toContain("nobody answers");
  const wrong = await run(["doctor", "--url", "auth.example.org"], { cwd: folder.path });
  expect([wrong.exitCode, wrong.stderr]).toEqual([
    2,
    "housekey: --url: expected an address like https://auth.example.org\n",
  ]);
  await house.stop();
}, 60_000);
