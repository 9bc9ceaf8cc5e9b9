/** Backups by the clock, of the house that is served. */
import { beforeAll, expect, test } from "bun:test";
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bootstrap, emptyFolder, requireBinary, run, startHouse } from "../binary.ts";
import { passphrase } from "./backups.ts";

beforeAll(requireBinary);

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 200) throw new Error("it does not come to that");
    await Bun.sleep(50);
  }
}

const own = /^housekey-[0-9a-f]{8}-\d{8}T\d{6}Z\.tar\.gz(\.age)?$/;
const found = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => own.test(name))
    .sort();

test("one comes after the other, the oldest go, and nothing else in the folder is touched", async () => {
  using folder = emptyFolder();
  const backups = join(folder.path, "backups");
  mkdirSync(backups);
  const strangers = [
    "housekey-00000000-20260101T000000Z.tar.gz",
    "housekey.tar.gz",
    "holiday.jpg",
    ".housekey-00000000-20260101T000000Z.tar.gz.part-1",
  ];
  for (const name of strangers) writeFileSync(join(backups, name), "mine");
  const env = { HOUSEKEY_BACKUP_DIR: backups, HOUSEKEY_BACKUP_EVERY: "1s", HOUSEKEY_BACKUP_KEEP: "2" };
  const house = await startHouse({ cwd: folder.path, env });
  await bootstrap(house);
  const seen = new Set<string>();
  await until(() => {
    for (const name of found(backups)) seen.add(name);
    return seen.size >= 6;
  });
  await house.stop();
  // One may have come while it stopped.
  const left = found(backups).filter((name) => !strangers.includes(name));
  expect([2, 3]).toContain(left.length);
  expect(strangers.filter((name) => !readdirSync(backups).includes(name))).toEqual([]);
  for (const name of left) {
    expect(statSync(join(backups, name)).mode & 0o777).toBe(0o600);
    expect((await run(["restore", join(backups, name), "--check"], { cwd: folder.path })).exitCode).toBe(0);
  }
  expect(house.output()).toContain('"message":"backed up"');
}, 30_000);

test("one that fails is a line in the log, the next is tried, and the house does not mind", async () => {
  using folder = emptyFolder();
  const backups = join(folder.path, "backups");
  const env = { HOUSEKEY_BACKUP_DIR: backups, HOUSEKEY_BACKUP_EVERY: "1s" };
  const house = await startHouse({ cwd: folder.path, env });
  const failures = () =>
    house.output().match(/"message":"a job failed","job":"backup","error":"[^"]*ENOENT/g) ?? [];
  await until(() => failures().length >= 2);
  mkdirSync(backups);
  await until(() => found(backups).length > 0);
  rmSync(backups, { recursive: true });
  expect(await house.stop()).toBe(0);
}, 30_000);

test("with a passphrase they are encrypted and bring the master key; without a due one, none is made", async () => {
  using folder = emptyFolder();
  writeFileSync(join(folder.path, "secret"), passphrase);
  const env = {
    HOUSEKEY_BACKUP_DIR: folder.path,
    HOUSEKEY_BACKUP_EVERY: "2s",
    HOUSEKEY_BACKUP_PASSPHRASE_FILE: join(folder.path, "secret"),
  };
  const house = await startHouse({ cwd: folder.path, env });
  await bootstrap(house);
  await until(() => found(folder.path).length > 0);
  await house.stop();
  const [name = ""] = found(folder.path);
  expect(name).toEndWith(".tar.gz.age");
  using other = emptyFolder();
  const args = [
    "restore",
    join(folder.path, name),
    "--passphrase-file",
    join(folder.path, "secret"),
    "--json",
  ];
  const { stdout } = await run(args, { cwd: other.path });
  expect(JSON.parse(stdout)).toMatchObject({ restored: true, master_key: "backup" });

  const count = found(folder.path).length;
  const daily = { ...env, HOUSEKEY_BACKUP_EVERY: "24h" };
  const again = await startHouse({ cwd: folder.path, env: daily });
  await Bun.sleep(1500);
  await again.stop();
  expect(found(folder.path)).toHaveLength(count);
}, 30_000);

test("what cannot be meant stops the start in a line", async () => {
  using folder = emptyFolder();
  const say = async (env: Record<string, string>) => {
    const { exitCode, stderr } = await run(["serve"], { cwd: folder.path, env });
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/^housekey: [^\n]+\n$/)]);
    return stderr;
  };
  expect(await say({ HOUSEKEY_BACKUP_EVERY: "daily" })).toContain("HOUSEKEY_BACKUP_EVERY is");
  expect(await say({ HOUSEKEY_BACKUP_KEEP: "0" })).toContain("expected a whole number from 1 to 9999");
  expect(await say({ HOUSEKEY_BACKUP_PASSPHRASE: "secret" })).toBe(
    "housekey: HOUSEKEY_BACKUP_PASSPHRASE: expected at least 8 characters\n",
  );
});
