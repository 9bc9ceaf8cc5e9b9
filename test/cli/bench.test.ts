/** `housekey bench`, on the executable: what this machine can do for a house, and nobody's house is touched. */
import { beforeAll, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  binary,
  bootstrap,
  cleanEnv,
  emptyFolder,
  requireBinary,
  run,
  speak,
  startHouse,
} from "../binary.ts";
import { told } from "./operator.ts";

beforeAll(requireBinary);

const short = ["--seconds", "1", "--accounts", "40"];
const names = [
  "password hash, alone",
  "password hashes",
  "durable writes, one by one",
  "durable writes, together",
  "session checks",
  "session check, the slowest of 100",
  "sign-ins",
  "start",
  "memory, idle",
  "memory, afterwards",
];

test("where there is no house: every figure, what it means, and nothing is left behind", async () => {
  using folder = emptyFolder();
  const { exitCode, stdout, stderr } = await run(["bench", ...short], {
    cwd: folder.path,
    env: { TMPDIR: folder.path },
  });
  expect([exitCode, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^housekey \d\S* on .*, \d+ cores?, /);
  for (const name of names) expect(stdout).toMatch(new RegExp(`^${name} +[\\d.,]+ `, "m"));
  expect(stdout).toContain("argon2id with 19456 KiB and 2 passes");
  expect(stdout).toContain("with 40 accounts and as many sessions");
  expect(stdout).toContain("name the house's with --data to measure that");
  expect(readdirSync(folder.path)).toEqual([]);
}, 60_000);

test("beside a house that is served: on its disk, by its settings, and the house is as it was", async () => {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path });
  const { body } = await bootstrap(house);
  const before = [readdirSync(folder.path), readdirSync(house.data)];
  const env = {
    HOUSEKEY_DATA: house.data,
    HOUSEKEY_ARGON2_MEMORY_KIB: "8192",
    HOUSEKEY_ARGON2_PASSES: "1",
    // Of the house alone: the one that is measured would answer nobody under this address.
    HOUSEKEY_URL: "https://auth.example.test",
  };
  const { exitCode, stdout, stderr } = await run(["bench", ...short, "--json"], { cwd: folder.path, env });
  expect([exitCode, stderr]).toEqual([0, ""]);
  const { ok, version, machine, folder: measured, figures, argon2, advice } = JSON.parse(stdout);
  expect([ok, typeof version, typeof machine.cores, typeof machine.memory]).toEqual([
    true,
    "string",
    "number",
    "number",
  ]);
  expect(figures.map(({ name }: { name: string }) => name)).toEqual(names);
  for (const { name, unit, median, min, max } of figures)
    expect([name, unit, median > 0, min <= median, median <= max]).toEqual([name, unit, true, true, true]);
  expect(argon2).toEqual({
    ...{ memory_kib: 8192, passes: 1, verdict: "weak" },
    suggested: { memory_kib: 19_456, passes: 2 },
  });
  expect(advice[0]).toContain("HOUSEKEY_ARGON2_MEMORY_KIB=19456 HOUSEKEY_ARGON2_PASSES=2, which takes ");
  expect(advice[1]).not.toContain("--data");

  expect(measured).toStartWith(join(folder.path, ".housekey-bench-"));
  expect(existsSync(measured)).toBe(false);
  expect([readdirSync(folder.path), readdirSync(house.data)]).toEqual(before);
  const users = await speak(house, "GET", "/auth/users", { token: body.token });
  expect(users.body.users).toHaveLength(1);
  await house.stop();
}, 60_000);

test("what is written wrong is told in a line and makes nothing", async () => {
  using folder = emptyFolder();
  const say = async (...args: string[]) => told(await run(["bench", ...args], { cwd: folder.path }), 2);
  expect(await say("--seconds", "0")).toBe("housekey: --seconds: expected a whole number from 1 to 60\n");
  expect(await say("--seconds", "soon")).toContain("--seconds: expected");
  expect(await say("--accounts", "100001")).toContain("--accounts: expected a whole number from 1 to 100000");
  expect(await say("now")).toContain('bench does not take "now"');
  expect(await say("--url", "ftp://x")).toContain("--url");
  expect(readdirSync(folder.path)).toEqual([]);
  const { stdout } = await run(["help", "bench"], { cwd: folder.path });
  expect(stdout).toStartWith("usage: housekey bench [--seconds N] [--accounts N] ");
  expect(stdout).toContain("example:\n  housekey bench --data /var/lib/housekey\n");
});

test("a disk that takes nothing is told, with its reason", async () => {
  using folder = emptyFolder();
  const data = "/proc/nowhere/data";
  const line = told(await run(["bench", "--data", data], { cwd: folder.path }), 1);
  expect(line).toContain(`cannot make a temporary folder on the disk of ${data}: `);
});

test("interrupted, it takes everything with it: its folder, and the house that it serves", async () => {
  using folder = emptyFolder();
  const data = join(folder.path, "data");
  mkdirSync(data);
  const child = Bun.spawn([binary, "bench", "--data", data, "--seconds", "3", "--accounts", "10"], {
    cwd: folder.path,
    env: cleanEnv(),
    stdio: ["ignore", "ignore", "ignore"],
  });
  // The hashes and the disk come first; what is waited for is the first house that is served.
  const serving = () => processesIn(folder.path).some((command) => command.includes("\0serve\0"));
  while (!serving() && child.exitCode === null) await Bun.sleep(20);
  child.kill("SIGINT");
  expect(await child.exited).toBe(1);
  while (serving()) await Bun.sleep(20);
  expect([readdirSync(folder.path), readdirSync(data)]).toEqual([["data"], []]);
}, 120_000);

/** The command lines of processes that name the folder. */
function processesIn(path: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, "utf8");
      } catch {
        return "";
      }
    })
    .filter((command) => command.includes(path));
}
