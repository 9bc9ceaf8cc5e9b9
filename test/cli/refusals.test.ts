/** Starts that must not happen, and what the operator reads instead. */
import { beforeAll, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bootstrap, emptyFolder, type House, requireBinary, run, startHouse } from "../binary.ts";

beforeAll(requireBinary);

async function bootstrapped(cwd: string): Promise<House> {
  const house = await startHouse({ cwd });
  await bootstrap(house);
  await house.stop();
  return house;
}

/** What one line `housekey serve` leaves on standard error; it must be one, lower case, without a full stop. */
async function refused(cwd: string, args: string[] = [], exit = 1): Promise<string> {
  const { exitCode, stderr } = await run(["serve", "--port", "0", ...args], { cwd });
  expect([exitCode, stderr]).toEqual([exit, expect.stringMatching(/^housekey: [^A-Z\n][^\n]*[^.\n]\n$/)]);
  return stderr;
}

test("a second serve on the same folder", async () => {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path });
  expect(await refused(folder.path)).toContain("another housekey is serving");
  await house.kill();
  // The lock goes with the process, however it ended.
  await (await startHouse({ cwd: folder.path })).stop();
});

test("the marker beside an empty database, a truncated one, or none: somebody's data is gone", async () => {
  using folder = emptyFolder();
  const { data } = await bootstrapped(folder.path);
  const database = join(data, "housekey.db");
  const says =
    /once had an admin, but its database is empty; restore a backup, or remove .*bootstrapped and /;
  writeFileSync(database, "");
  expect(await refused(folder.path)).toMatch(says);
  rmSync(database);
  expect(await refused(folder.path)).toMatch(says);
  expect(existsSync(database)).toBe(false);
  expect(existsSync(join(data, "bootstrap-token"))).toBe(false);

  // A database that is whole, but another one, without accounts.
  using other = emptyFolder();
  const fresh = await startHouse({ cwd: other.path });
  await fresh.stop();
  for (const name of ["housekey.db", "master.key"])
    writeFileSync(join(data, name), readFileSync(join(fresh.data, name)));
  expect(await refused(folder.path)).toMatch(says);
  rmSync(join(data, "bootstrapped"));
  rmSync(database);
  const again = await startHouse({ cwd: folder.path });
  expect(again.output()).toContain("/setup#token=");
  await again.stop();
});

test("a master key that is missing, damaged, or another house's", async () => {
  using folder = emptyFolder();
  const { data } = await bootstrapped(folder.path);
  const key = join(data, "master.key");
  const right = readFileSync(key, "utf8");
  rmSync(key);
  expect(await refused(folder.path)).toContain("master.key is missing");
  expect(existsSync(key)).toBe(false);
  writeFileSync(key, "AAAA\n");
  expect(await refused(folder.path)).toContain("master.key is damaged");
  writeFileSync(key, Buffer.alloc(32, 5).toString("base64"));
  expect(await refused(folder.path)).toContain("the master key is not the one this database was made with");
  rmSync(key);
  const env = { HOUSEKEY_MASTER_KEY: right.trim() };
  await (await startHouse({ cwd: folder.path, env, tampered: true })).stop();
  expect(existsSync(key)).toBe(false);
});

test("a file that is no database, and one a newer version wrote", async () => {
  using folder = emptyFolder();
  const { data } = await bootstrapped(folder.path);
  const database = join(data, "housekey.db");
  const whole = readFileSync(database);
  writeFileSync(database, Buffer.alloc(whole.length, 1));
  expect(await refused(folder.path)).toContain("cannot open");
  writeFileSync(database, whole);
  const { Database } = await import("bun:sqlite");
  using db = new Database(database);
  db.run("INSERT INTO migrations VALUES ('9999_future.sql')");
  expect(await refused(folder.path)).toContain("written by a newer housekey (migration 9999_future.sql)");
});

test("a folder that cannot be made, and a port that is taken", async () => {
  using folder = emptyFolder();
  writeFileSync(join(folder.path, "file"), "");
  expect(await refused(folder.path, ["--data", "file/data"])).toContain("cannot make the data folder");
  const house = await startHouse({ cwd: folder.path });
  const port = new URL(house.url).port;
  expect(await refused(folder.path, ["--port", port, "--data", "other"], 2)).toContain(
    `port ${port} is in use`,
  );
  await house.stop();
});

test("wrong usage is told in a line, and opens nothing", async () => {
  using folder = emptyFolder();
  const say = async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await run(args, { cwd: folder.path });
    expect([args, exitCode, stdout]).toEqual([args, 2, ""]);
    expect(stderr).toMatch(/^housekey: [^\n]*[^.\n]\n$/);
    return stderr;
  };
  expect(await say("sevre")).toContain('there is no command "sevre"');
  expect(await say("serve", "now")).toContain('serve does not take "now"');
  expect(await say("--prot", "1")).toContain("unknown option '--prot'");
  expect(await say("--port", "x")).toContain('--port is "x"; expected a whole number from 0 to 65535');
  expect(await say("--port")).toContain("--port");
  expect(await say("--config", "nowhere.toml")).toContain("nowhere.toml");
  expect(await say("--bootstrap-token", "x".repeat(40))).toContain("use --bootstrap-token-file");
  expect(await say("help", "sevre")).toContain("there is no command");
  expect(readdirSync(folder.path)).toEqual([]);
});

test("help and version answer without a house", async () => {
  using folder = emptyFolder();
  const help = await run(["help"], { cwd: folder.path });
  for (const name of ["serve", "bootstrap-token", "version", "help", "--port", "--smtp-url-file"])
    expect(help.stdout).toContain(name);
  expect((await run(["--help"], { cwd: folder.path })).stdout).toBe(help.stdout);
  expect((await run(["help", "serve"], { cwd: folder.path })).stdout).toContain("example:\n  housekey serve");
  const version = await run(["version"], { cwd: folder.path });
  expect(version.stdout).toMatch(/^housekey \d+\.\d+\.\d+\n$/);
  const facts = JSON.parse((await run(["version", "--json"], { cwd: folder.path })).stdout);
  expect(`housekey ${facts.version}\n`).toBe(version.stdout);
  expect(readdirSync(folder.path)).toEqual([]);
});

test("a folder whose owner put a file where the lock belongs is told so", async () => {
  using folder = emptyFolder();
  mkdirSync(join(folder.path, "housekey-data/lock"), { recursive: true });
  expect(await refused(folder.path)).toContain("cannot lock");
});

test("nothing that lies in the folder where a command is run is executed or believed", async () => {
  using folder = emptyFolder();
  writeFileSync(join(folder.path, "bunfig.toml"), 'preload = ["./planted.ts"]\n');
  writeFileSync(join(folder.path, "planted.ts"), 'console.log("planted");\n');
  writeFileSync(join(folder.path, ".env"), "HOUSEKEY_PORT=planted\n");
  writeFileSync(join(folder.path, "package.json"), '{ "name": "planted" ');
  writeFileSync(join(folder.path, "tsconfig.json"), "planted");
  const { exitCode, stdout, stderr } = await run(["settings"], { cwd: folder.path });
  expect([exitCode, stdout, stderr]).toEqual([1, "", expect.stringContaining("there is no house in")]);
});
