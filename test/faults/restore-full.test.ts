/** No room is left while a house is backed up, restored or upgraded. Mounts a small disk, which takes root. */
import { beforeAll, expect, test } from "bun:test";
import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { admin, bootstrap, emptyFolder, requireBinary, run, speak, startHouse } from "../binary.ts";
import { contents, done, query } from "../cli/backups.ts";
import { told } from "../cli/operator.ts";
import { smallDisk } from "./small-disk.ts";

beforeAll(requireBinary);

const env = { HOUSEKEY_LIMIT_SIGNIN: "off" };

/** A stopped house on a small disk, and a backup of it elsewhere. */
async function stopped() {
  await using stack = new AsyncDisposableStack();
  const disk = stack.use(smallDisk(4));
  const elsewhere = stack.use(emptyFolder());
  const house = await startHouse({ cwd: disk.path, env });
  await bootstrap(house);
  const file = join(elsewhere.path, "house.tar.gz");
  await done(disk.path, "backup", file);
  expect(await house.stop()).toBe(0);
  const kept = stack.move();
  return { disk, data: house.data, file, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Leaves `bytes` of room on a disk that is full. */
function leave(path: string, bytes: number): void {
  const filler = join(path, "filler");
  const file = openSync(filler, "r+");
  const size = readFileSync(filler).length;
  closeSync(file);
  rmSync(filler);
  const again = openSync(filler, "w");
  for (let left = size - bytes; left > 0; left -= 4096) writeSync(again, Buffer.alloc(Math.min(4096, left)));
  closeSync(again);
}

test("wherever the room ends while a house is restored, the old one is there, and nothing is left behind", async () => {
  await using house = await stopped();
  const { disk, data, file } = house;
  const { lock: _, ...before } = contents(data);
  let refused = 0;
  for (let room = 0; room < 1_200_000; room += 60_000) {
    disk.fill();
    leave(disk.path, room);
    const ran = await run(["restore", file], { cwd: disk.path });
    if (ran.exitCode === 0) break;
    refused++;
    expect(told(ran, 1)).toMatch(/full|no space|ENOSPC|needs .* and there are/i);
    const { lock: __, ...after } = contents(data);
    expect(after).toEqual(before);
    disk.free();
  }
  // It was refused for want of room at several places, and then there was enough.
  expect(refused).toBeGreaterThan(3);
  expect(query(data, "SELECT count(*) FROM audit WHERE event = 'house.restored'")).toEqual([[1]]);
  if (existsSync(join(disk.path, "filler"))) disk.free();
  const served = await startHouse({ cwd: disk.path, env });
  expect((await speak(served, "POST", "/auth/local/login", { body: admin })).status).toBe(201);
  expect(await served.stop()).toBe(0);
}, 120_000);

test("a backup for which there is no room is not there, and the one before it is", async () => {
  await using house = await stopped();
  const { disk, data, file } = house;
  using other = smallDisk(1);
  const target = join(other.path, "house.tar.gz");
  copyFileSync(file, target);
  const before = readFileSync(target);
  other.fill();
  const line = told(await run(["backup", target, "--force"], { cwd: disk.path }), 1);
  expect(line).toMatch(/cannot write .*house\.tar\.gz: .*(ENOSPC|no space)/i);
  expect(readFileSync(target).equals(before)).toBe(true);
  expect(readdirSync(other.path).sort()).toEqual(["filler", "house.tar.gz"]);
  // No room for the copy that is made first.
  disk.fill();
  expect(told(await run(["backup", join(other.path, "b")], { cwd: disk.path }), 1)).toMatch(
    /full|ENOSPC|no space|I\/O/i,
  );
  expect(readdirSync(data).filter((name) => name.startsWith("snapshot"))).toEqual([]);
}, 60_000);

test("an upgrade for which there is no room leaves the database to the version before", async () => {
  using disk = smallDisk(2);
  const data = join(disk.path, "housekey-data");
  Bun.spawnSync(["mkdir", "-m", "700", data]);
  const release = join(import.meta.dir, "../releases/schema-0003.tar.gz");
  expect(Bun.spawnSync(["tar", "xzf", release, "-C", data]).exitCode).toBe(0);
  const applied = () => query(data, "SELECT name FROM migrations ORDER BY name").flat();
  const before = applied();
  disk.fill();
  for (const room of [80_000, 200_000, 300_000]) {
    leave(disk.path, room);
    await expect(startHouse({ cwd: disk.path })).rejects.toThrow(
      /^housekey did not start \(exit 1\): housekey: [^\n]*\n$/,
    );
    disk.free();
    expect(applied()).toEqual(before);
    disk.fill();
  }
  disk.free();
  const house = await startHouse({ cwd: disk.path });
  expect((await speak(house, "POST", "/auth/local/login", { body: admin })).status).toBe(201);
  expect(await house.stop()).toBe(0);
}, 60_000);
