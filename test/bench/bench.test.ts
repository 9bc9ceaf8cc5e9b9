/** `scripts/bench` itself, in its small run: every group measures, and what it writes is what readers of it expect. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { emptyFolder, requireBinary } from "../binary.ts";

const root = join(import.meta.dir, "../..");

async function bench(...args: string[]) {
  const child = Bun.spawn(["scripts/bench", ...args], {
    cwd: root,
    env: { ...process.env, TEST_BINARY_BUILT: "1" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { stdout, stderr, exitCode };
}

/** What each row promises; those of the peer are there when it could be installed. */
const promised: Record<string, unknown> = {
  "start to the first 200": { of: "value", atMost: 50 },
  "memory, idle": { of: "value", atMost: 65 },
  "memory, idle, its own": undefined,
  "size on disk": { of: "difference", atMost: 15 },
  "session check": { of: "ratio", atLeast: 0.6 },
  "session check, by JWT": { of: "ratio", atLeast: 0.9 },
  "session check, by cookie": { of: "ratio", atLeast: 0.9 },
  "session check, by API key": undefined,
  "forward-auth": { of: "ratio", atLeast: 0.55 },
  "session check, p99": undefined,
  "session check, processor": undefined,
  "health check, and the framework's": undefined,
  "health check, and the runtime's": undefined,
  "memory, under checks": undefined,
  "memory, under checks, its own": undefined,
  "sign-in": { of: "ratio", atLeast: 0.95 },
  "session check under sign-ins, p99": { of: "value", atMost: 10 },
  "session check under sign-ins": { of: "ratio", atLeast: 0.6 },
  refresh: { of: "ratio", atLeast: 0.5 },
  "refresh, and commits": undefined,
  "refresh, and signatures": undefined,
  "time of a check, nothing remembered": { of: "ratio", atMost: 1.35 },
  "memory, afterwards": { of: "value", atMost: 130 },
  "memory, afterwards, its own": undefined,
};
const ofPeer: Record<string, unknown> = {
  "session check, and the peer's": { of: "ratio", atLeast: 15 },
  "sign-in, and the peer's": { of: "ratio", atLeast: 1.5 },
  "sign-in, and the peer's with our hash": undefined,
};

test("a small run measures every row there is, and writes them down with what they promise", async () => {
  requireBinary();
  using folder = emptyFolder();
  const file = join(folder.path, "bench.json");
  const { stdout, stderr, exitCode } = await bench("--quick", "--json", file);
  expect([exitCode, exitCode === 0 ? "" : stderr]).toEqual([0, ""]);
  const { machine, scale, peer, minutes, rows } = JSON.parse(readFileSync(file, "utf8"));
  expect(machine).toEqual({
    at: expect.stringMatching(/^20\d\d-/),
    housekey: {
      version: expect.any(String),
      bun: Bun.version,
      platform: expect.any(String),
      bytes: expect.any(Number),
    },
    bun: Bun.version,
    processor: expect.any(String),
    cores: expect.any(Number),
    memory: expect.any(Number),
    kernel: expect.any(String),
    load: expect.any(Number),
  });
  expect(scale).toMatchObject({ accounts: 1000, draw: 500, rounds: 1, connections: 32, threads: 1 });
  expect(minutes).toBeGreaterThan(0);
  expect(stdout).toContain(peer === null ? "The peer was left out." : `Better Auth ${peer.version}`);

  const expected = { ...promised, ...(peer && ofPeer) };
  const found = Object.fromEntries(rows.map(({ name, target }: any) => [name, target]));
  expect(found).toEqual(expected);
  for (const { name, unit, ours, against, ratio, difference, target, met } of rows) {
    expect([name, unit]).toEqual([name, expect.stringMatching(/./)]);
    for (const series of [ours, against, ratio, difference]) {
      expect(Object.keys(series)).toEqual(expect.arrayContaining(["median", "min", "max", "values"]));
      expect([name, Number.isFinite(series.median)]).toEqual([name, true]);
    }
    for (const side of [ours, against]) expect([name, side.median > 0]).toEqual([name, true]);
    expect([name, typeof met]).toEqual([name, target === undefined ? "object" : "boolean"]);
    expect(stdout).toContain(`${name}, ${unit}`);
  }
}, 240_000);

test("a command line that is written wrong is told in a line, before anything is made", async () => {
  const say = async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await bench(...args);
    expect([exitCode, stdout]).toEqual([2, ""]);
    return stderr;
  };
  expect(await say("--only", "speed")).toContain("no group speed; there are footprint, check, signin");
  expect(await say("--rounds", "0")).toBe("bench: --rounds: expected a whole number from 1\n");
  expect(await say("--accounts", "99")).toContain("--accounts: expected a whole number from 100");
  expect(await say("--fast")).toContain("--fast");
  const { exitCode, stdout } = await bench("--help");
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining("--only GROUP")]);
}, 30_000);
