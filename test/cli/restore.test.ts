/** `housekey restore`: what comes back and what must not. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { emptyFolder, requireBinary, run, speak } from "../binary.ts";
import { alive, type BackedUp, backedUp, served, signIn } from "./backed-up.ts";
import { contents, copyOf, done, housekey, query } from "./backups.ts";
import { told } from "./operator.ts";

let made: BackedUp;
let data: string;
let tokens: BackedUp["tokens"];

beforeAll(async () => {
  requireBinary();
  made = await backedUp();
  ({ data, tokens } = made);
}, 60_000);

afterAll(() => made[Symbol.dispose]());

const file = (name: string): string => made.file(name);

test("it puts the house back, ends everything that was open, and says where the old one is", async () => {
  using other = copyOf(data);
  const old = contents(other.data);
  const { stdout, stderr } = await done(other.path, "restore", file("open.tar.gz"));
  expect(stderr).toBe("");
  const [, aside = ""] =
    /^what was there before is in (\/.*\/before-restore-\d{8}T\d{6}Z)$/m.exec(stdout) ?? [];
  expect(stdout).toMatch(
    /^restored: the house of 20.*Z, written by housekey 0\.1\.0, 1 account, master key from the folder$/m,
  );
  expect(stdout).toMatch(/^what changed since is as it was then: accounts, passwords, passkeys, API keys/m);
  expect(stdout).toMatch(/^everybody has to sign in again/m);
  expect(contents(aside)["housekey.db"]).toBe(old["housekey.db"] ?? "");
  expect(statSync(aside).mode & 0o777).toBe(0o700);
  expect(readdirSync(other.data).filter((name) => /restoring|part|snapshot/.test(name))).toEqual([]);
  await served(other.path, async (house) => {
    for (const token of [tokens.open, tokens.ended, tokens.endedSince, tokens.access])
      expect(await alive(house, token)).toBe(false);
    const refreshed = await speak(house, "POST", "/api/v1/auth/refresh", {
      body: { refresh_token: tokens.refresh },
    });
    expect(refreshed.status).toBe(401);
    expect(await alive(house, await signIn(house))).toBe(true);
    expect(query(other.data, "SELECT username FROM users")).toEqual([["ada"]]);
    expect(query(other.data, "SELECT reason FROM audit WHERE event = 'house.restored'")).toEqual([
      [expect.stringMatching(/^backup of 20.*Z$/)],
    ]);
  });
}, 20_000);

test("with sessions kept, who was signed in is; what was ended before stays ended; what was ended since is told", async () => {
  using other = copyOf(data);
  const { stdout, stderr } = await done(
    other.path,
    "restore",
    file("open.tar.gz"),
    "--keep-sessions",
    "--json",
  );
  expect(stderr).toMatch(
    /^housekey: warning: whatever was ended after 20.*Z is open again: sessions, links and codes included\n$/,
  );
  expect(JSON.parse(stdout)).toMatchObject({ restored: true, sessions_kept: true, counts: { users: 1 } });
  await served(other.path, async (house) => {
    expect(await alive(house, tokens.ended)).toBe(false);
    expect(await alive(house, tokens.open)).toBe(true);
    expect(await alive(house, tokens.endedSince)).toBe(true);
    const body = { refresh_token: tokens.refresh };
    expect((await speak(house, "POST", "/api/v1/auth/refresh", { body })).status).toBe(200);
  });
}, 20_000);

test("on a machine that has nothing, an encrypted backup is all it takes", async () => {
  using other = emptyFolder();
  const args = ["restore", file("house.age"), "--passphrase-file", file("secret")];
  const { stdout } = await done(other.path, ...args, "--json");
  expect(JSON.parse(stdout)).toMatchObject({ master_key: "backup", aside: null });
  const folder = join(other.path, "housekey-data");
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(folder))
    expect([name, statSync(join(folder, name)).mode & 0o777]).toEqual([name, 0o600]);
  expect(readFileSync(join(folder, "master.key"), "utf8")).toBe(
    readFileSync(join(data, "master.key"), "utf8"),
  );
  await served(other.path, async (house) => {
    expect(house.output()).not.toContain("has no admin yet");
    await signIn(house);
  });
}, 20_000);

test("with one that is not encrypted it takes the master key, too", async () => {
  using other = emptyFolder();
  const args = ["restore", file("open.tar.gz")];
  expect(told(await run(args, { cwd: other.path }), 1)).toMatch(
    /holds no master key, and there is none in .*housekey-data; put the master\.key of its house there, or set HOUSEKEY_MASTER_KEY to it$/m,
  );
  expect(readdirSync(other.path)).toEqual([]);
  const key = readFileSync(join(data, "master.key"), "utf8").trim();
  const wrong = { HOUSEKEY_MASTER_KEY: Buffer.alloc(32, 5).toString("base64") };
  expect(told(await run(args, { cwd: other.path, env: wrong }), 1)).toContain(
    "another master key than HOUSEKEY_MASTER_KEY",
  );
  const right = await run([...args, "--json"], { cwd: other.path, env: { HOUSEKEY_MASTER_KEY: key } });
  expect(JSON.parse(right.stdout)).toMatchObject({ master_key: "settings" });
  // Who keeps the key elsewhere does not find it in the folder.
  expect(readdirSync(join(other.path, "housekey-data")).sort()).toEqual([
    "bootstrapped",
    "housekey.db",
    "lock",
  ]);
  using another = emptyFolder();
  mkdirSync(join(another.path, "housekey-data"), { mode: 0o700 });
  copyFileSync(join(data, "master.key"), join(another.path, "housekey-data/master.key"));
  await done(another.path, ...args);
}, 20_000);

test("a house that was just begun, and has nobody, makes room for the one that is put back", async () => {
  using other = emptyFolder();
  await served(other.path, async () => {});
  const { stdout } = await done(
    other.path,
    "restore",
    file("house.age"),
    "--passphrase-file",
    file("secret"),
  );
  expect(stdout).toContain("master key from the backup");
  const [aside = ""] = readdirSync(join(other.path, "housekey-data")).filter((name) =>
    name.startsWith("before"),
  );
  expect(readdirSync(join(other.path, "housekey-data", aside)).sort()).toEqual(["housekey.db", "master.key"]);
  expect(existsSync(join(other.path, "housekey-data/bootstrap-token"))).toBe(false);
  await served(other.path, async (house) => void (await signIn(house)));
}, 20_000);

test("no backup opens the first run again", async () => {
  using other = copyOf(data);
  expect(told(await run(["restore", file("empty.tar.gz")], { cwd: other.path }), 1)).toMatch(
    /is of a house without an admin, and the one in .*housekey-data has had one$/m,
  );
  // Its database is lost, and only the marker says that there was one.
  for (const name of readdirSync(other.data))
    if (name.startsWith("housekey.db")) rmSync(join(other.data, name));
  expect(told(await run(["restore", file("empty.tar.gz")], { cwd: other.path }), 1)).toContain(
    "without an admin",
  );
  await done(other.path, "restore", file("open.tar.gz"));
  await served(other.path, async (house) => {
    expect(house.output()).not.toContain("has no admin yet");
    expect((await speak(house, "GET", "/auth/options")).body.bootstrapped).toBe(true);
    expect(existsSync(join(other.data, "bootstrap-token"))).toBe(false);
  });
}, 20_000);

test("while the house is served it is refused, and only looking is not", async () => {
  using other = copyOf(data);
  await served(other.path, async (house) => {
    const token = await signIn(house);
    const line = told(await run(["restore", file("open.tar.gz")], { cwd: other.path }), 1);
    expect(line).toMatch(/another housekey is serving .*housekey-data; stop it first/);
    expect(await alive(house, token)).toBe(true);
    const { stdout } = await done(other.path, "restore", file("open.tar.gz"), "--check");
    expect(stdout).toMatch(
      /open\.tar\.gz is sound: the house of .*, 1 account, master key from the folder\n$/,
    );
    expect(await alive(house, token)).toBe(true);
  });
}, 20_000);

test("links in the data folder lead nowhere", async () => {
  using other = copyOf(data);
  using elsewhere = emptyFolder();
  writeFileSync(join(elsewhere.path, "precious"), "mine");
  rmSync(join(other.data, "bootstrapped"));
  symlinkSync(join(elsewhere.path, "precious"), join(other.data, "bootstrapped"));
  await done(other.path, "restore", file("open.tar.gz"));
  expect(readFileSync(join(elsewhere.path, "precious"), "utf8")).toBe("mine");
});

/** Restores into a copy of the house and kills that after some milliseconds; answers which house is there then. */
async function killedAfter(wait: number): Promise<"old" | "new"> {
  using other = copyOf(data);
  const child = Bun.spawn(housekey("restore", file("open.tar.gz")), {
    cwd: other.path,
    stdio: ["ignore", "ignore", "ignore"],
  });
  await Promise.race([Bun.sleep(wait), child.exited]);
  child.kill("SIGKILL");
  await child.exited;
  const { exitCode, stdout } = await run(["verify"], { cwd: other.path });
  expect([exitCode, stdout.split("\n").filter((line) => !/: ok$|^$/.test(line))]).toEqual([0, []]);
  const names = query(other.data, "SELECT username FROM users ORDER BY username").flat().map(String);
  const open = Number(query(other.data, "SELECT count(*) FROM sessions WHERE ended_at IS NULL")[0]?.[0]) > 0;
  expect(["ada,later true", "ada false"]).toContain(`${names} ${open}`);
  await served(other.path, async (house) => void (await signIn(house)));
  expect(readdirSync(other.data).filter((name) => /restoring|part|snapshot/.test(name))).toEqual([]);
  return open ? "old" : "new";
}

test("killed at any moment, the old house or the new one is there, whole, and everybody gets in", async () => {
  // Closer and closer to the moment in which one becomes the other.
  let [before, after] = [0, 60_000];
  expect(await killedAfter(before)).toBe("old");
  const started = performance.now();
  expect(await killedAfter(after)).toBe("new");
  after = performance.now() - started;
  for (let round = 0; round < 10; round++) {
    const wait = (before + after) / 2;
    if ((await killedAfter(wait)) === "old") before = wait;
    else after = wait;
  }
}, 60_000);
