/** `housekey backup`: one file, whole or not there, that others can open, too. */
import { beforeAll, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { emptyFolder, requireBinary, run } from "../binary.ts";
import { contents, done, housekey, onTerminal, passphrase } from "./backups.ts";
import { operate, plant, told } from "./operator.ts";

beforeAll(requireBinary);

test("beside a server it writes one file for its owner alone, says what is in it, and leaves nothing else", async () => {
  await using operated = await operate();
  const before = readdirSync(operated.house.data).sort();
  const said = await operated.ok("backup", "house.tar.gz");
  expect(said).toMatch(
    /^house\.tar\.gz: 1 account, \d+ kB, not encrypted, so without the master key; keep .*\/master\.key somewhere else\n$/,
  );
  expect(statSync(join(operated.cwd, "house.tar.gz")).mode & 0o777).toBe(0o600);
  expect(readdirSync(operated.house.data).sort()).toEqual(before);
  expect(readdirSync(operated.cwd).sort()).toEqual(["house.tar.gz", "housekey-data"]);
  const facts = JSON.parse(await operated.ok("backup", "other.tar.gz", "--json"));
  expect(facts).toMatchObject({
    file: join(operated.cwd, "other.tar.gz"),
    bytes: statSync(join(operated.cwd, "other.tar.gz")).size,
    encrypted: false,
    master_key: false,
    version: "0.1.0",
    counts: { users: 1, sessions: 1 },
  });
  const key = readFileSync(join(operated.house.data, "master.key"), "utf8").trim();
  const unpacked = Bun.spawnSync(["tar", "xzOf", "house.tar.gz"], { cwd: operated.cwd });
  expect(unpacked.stdout.length).toBeGreaterThan(100_000);
  expect(unpacked.stdout.includes(key)).toBe(false);
  expect(unpacked.stdout.includes(Buffer.from(key, "base64"))).toBe(false);
});

test("what was deleted is not in it", async () => {
  await using operated = await operate();
  const { user } = JSON.parse(await operated.ok("user", "add", "zebulon", "--json")).id
    ? { user: "zebulon" }
    : { user: "" };
  plant(operated.house.data, (db) => db.run("DELETE FROM users WHERE username = 'zebulon'"));
  plant(operated.house.data, (db) => db.run("DELETE FROM recoveries"));
  await operated.ok("backup", "house.tar.gz");
  const unpacked = Bun.spawnSync(["tar", "xzOf", "house.tar.gz"], { cwd: operated.cwd });
  expect(unpacked.stdout.includes(user)).toBe(false);
});

test("a file that is there is never replaced unless that is asked for", async () => {
  await using operated = await operate();
  const path = join(operated.cwd, "house.tar.gz");
  writeFileSync(path, "mine");
  expect(await operated.refused(1, "backup", "house.tar.gz")).toBe(
    "housekey: there is a house.tar.gz already; --force replaces it\n",
  );
  expect(readFileSync(path, "utf8")).toBe("mine");
  await operated.ok("backup", "house.tar.gz", "--force");
  expect(statSync(path).size).toBeGreaterThan(1000);
  // Many at once for one name: one of them has it.
  const answers = await Promise.all(
    [1, 2, 3, 4].map(() => run(["backup", "one.tar.gz"], { cwd: operated.cwd })),
  );
  expect(answers.map(({ exitCode }) => exitCode).sort()).toEqual([0, 1, 1, 1]);
  for (const { exitCode, stderr } of answers)
    if (exitCode === 1) expect(stderr).toContain("one.tar.gz already");
  await operated.ok("restore", "one.tar.gz", "--check");
});

test("where it cannot be written, or there is no house, it says so in a line and leaves nothing", async () => {
  await using operated = await operate();
  expect(await operated.refused(1, "backup", "nowhere/house.tar.gz")).toContain(
    "cannot write nowhere/house.tar.gz: ENOENT",
  );
  mkdirSync(join(operated.cwd, "folder"));
  expect(await operated.refused(1, "backup", "folder")).toContain("there is a folder already");
  expect(await operated.refused(1, "backup", "folder", "--force")).toContain("cannot write folder");
  expect(await operated.refused(2, "backup")).toContain("backup needs FILE");
  expect(await operated.refused(2, "backup", "a", "b")).toContain('backup does not take "b"');
  expect(await operated.refused(2, "backup", "a", "--check")).toContain("backup does not take --check");
  expect(await operated.refused(1, "backup", "a", "--passphrase")).toContain("there is no terminal");
  expect(await operated.refused(1, "backup", "a", "--passphrase-file", "none")).toContain(
    "cannot read the passphrase in none",
  );
  writeFileSync(join(operated.cwd, "short"), "secret\n");
  expect(await operated.refused(2, "backup", "a", "--passphrase-file", "short")).toContain(
    "the passphrase in short: expected at least 8 characters",
  );
  expect(readdirSync(operated.cwd).sort()).toEqual(["folder", "housekey-data", "short"]);
  using empty = emptyFolder();
  expect(told(await run(["backup", "a.tar.gz"], { cwd: empty.path }), 1)).toContain("there is no house in");
  expect(readdirSync(empty.path)).toEqual([]);
});

test("a database that is damaged is not backed up, and the last backup stays", async () => {
  await using operated = await operate();
  await operated.ok("backup", "house.tar.gz");
  await operated.house.stop();
  const before = readFileSync(join(operated.cwd, "house.tar.gz"));
  plant(operated.house.data, (db) => db.run("DELETE FROM users"));
  expect(await operated.refused(1, "backup", "house.tar.gz", "--force")).toContain(
    "rows that belong to none",
  );
  expect(readFileSync(join(operated.cwd, "house.tar.gz")).equals(before)).toBe(true);
  const database = join(operated.house.data, "housekey.db");
  const bytes = readFileSync(database);
  writeFileSync(database, bytes.fill(7, 4096, 40_000));
  expect(await operated.refused(1, "backup", "house.tar.gz", "--force")).toMatch(
    /cannot back up .*malformed/,
  );
  expect(readFileSync(join(operated.cwd, "house.tar.gz")).equals(before)).toBe(true);
  expect(Object.keys(contents(operated.cwd)).filter((name) => /snapshot|part/.test(name))).toEqual([]);
  // Nothing is left to be looked over.
  rmSync(database);
}, 20_000);

test("to standard output it is the same file, and what is said goes elsewhere", async () => {
  await using operated = await operate();
  const child = Bun.spawn([...housekey("backup", "-"), "--json"], {
    cwd: operated.cwd,
    stdout: "pipe",
    stderr: "pipe",
  });
  const bytes = await new Response(child.stdout).bytes();
  expect(await child.exited).toBe(0);
  expect(JSON.parse(await new Response(child.stderr).text())).toMatchObject({
    file: null,
    bytes: bytes.length,
  });
  writeFileSync(join(operated.cwd, "a.tar.gz"), bytes);
  await operated.ok("restore", "a.tar.gz", "--check");
});

test("encrypted, it holds the master key, and age opens it with the passphrase", async () => {
  await using operated = await operate();
  writeFileSync(join(operated.cwd, "secret"), `${passphrase}\n`);
  const said = await operated.ok("backup", "house.age", "--passphrase-file", "secret");
  expect(said).toContain(", encrypted, with the master key in it\n");
  const age = ["age", "-d", "-o", "house.tar.gz", "house.age"];
  const { exitCode, shown } = await onTerminal(age, { cwd: operated.cwd, answers: [passphrase] });
  expect([exitCode, shown]).toEqual([0, expect.any(String)]);
  const tar = (...args: string[]) => Bun.spawnSync(["tar", ...args], { cwd: operated.cwd }).stdout.toString();
  expect(tar("tzf", "house.tar.gz")).toBe("manifest.json\nmaster.key\nhousekey.db\n");
  expect(tar("xzOf", "house.tar.gz", "master.key")).toBe(
    readFileSync(join(operated.house.data, "master.key"), "utf8"),
  );
  // From the settings, too, and what age wrote can be read.
  const env = { HOUSEKEY_BACKUP_PASSPHRASE: passphrase };
  const { stdout } = await run(["backup", "other.age", "--json"], { cwd: operated.cwd, env });
  expect(JSON.parse(stdout)).toMatchObject({ encrypted: true, master_key: true });
  const again = ["age", "-p", "-o", "again.age", "house.tar.gz"];
  await onTerminal(again, { cwd: operated.cwd, answers: [passphrase, passphrase] });
  await operated.ok("restore", "again.age", "--check", "--passphrase-file", "secret");
}, 60_000);

test("on a terminal the passphrase is asked for twice and never shown", async () => {
  await using operated = await operate();
  const ask = (...answers: string[]) =>
    onTerminal(housekey("backup", "house.age", "--passphrase"), { cwd: operated.cwd, answers });
  expect((await ask(passphrase, "something else")).shown).toContain("the two are not the same");
  expect((await ask("short")).shown).toContain("expected at least 8 characters");
  expect((await ask("\u0003")).shown).toContain("given up; nothing was changed");
  expect(existsSync(join(operated.cwd, "house.age"))).toBe(false);
  const { exitCode, shown } = await ask(`${passphrase}x\u007f`, passphrase);
  expect([exitCode, shown]).toEqual([0, expect.stringContaining("with the master key in it")]);
  expect(shown).not.toContain("horse");
  const check = housekey("restore", "house.age", "--check");
  const right = await onTerminal(check, { cwd: operated.cwd, answers: [passphrase] });
  expect([right.exitCode, right.shown]).toEqual([0, expect.stringContaining("house.age is sound")]);
  const wrong = await onTerminal(check, { cwd: operated.cwd, answers: ["another passphrase"] });
  expect([wrong.exitCode, wrong.shown]).toEqual([1, expect.stringContaining("with another passphrase")]);
}, 60_000);

test("a copy that is cut off leaves no file by that name, and the next one goes well", async () => {
  await using operated = await operate();
  for (const wait of [5, 30, 60, 90]) {
    const child = Bun.spawn(housekey("backup", "house.tar.gz"), {
      cwd: operated.cwd,
      stdio: ["ignore", "ignore", "ignore"],
    });
    await Bun.sleep(wait);
    child.kill("SIGKILL");
    await child.exited;
    if (existsSync(join(operated.cwd, "house.tar.gz")))
      await operated.ok("restore", "house.tar.gz", "--check");
  }
  await done(operated.cwd, "backup", "house.tar.gz", "--force");
  await operated.ok("restore", "house.tar.gz", "--check");
}, 20_000);
