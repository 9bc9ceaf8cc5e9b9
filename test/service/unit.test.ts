/** The unit, as systemd's own tools judge it. */
import { beforeAll, expect, test } from "bun:test";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { emptyFolder, requireBinary, run } from "../binary.ts";

beforeAll(requireBinary);

/** An image with the service in it, and with the units that every system has. */
async function image(config = "") {
  const folder = emptyFolder();
  const root = folder.path;
  mkdirSync(join(root, "etc/housekey"), { recursive: true });
  if (config !== "") writeFileSync(join(root, "etc/housekey/housekey.toml"), config);
  expect((await run(["service", "install", "--root", root], { cwd: root })).exitCode).toBe(0);
  cpSync("/usr/lib/systemd/system", join(root, "usr/lib/systemd/system"), {
    recursive: true,
    verbatimSymlinks: true,
  });
  const analyze = (...words: string[]) => {
    const { exitCode, stdout, stderr } = Bun.spawnSync([
      "systemd-analyze",
      "--no-pager",
      `--root=${root}`,
      ...words,
    ]);
    return { exitCode, said: `${stdout}${stderr}` };
  };
  const unit = join(root, "etc/systemd/system/housekey.service");
  return { unit, root, analyze, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

test("systemd understands every line of it, whatever is configured", async () => {
  for (const config of [
    "",
    'data = "/srv/keys"\nport = 443\nbackup_dir = "/mnt/usb"\n',
    'data = "/var/lib/houses/ours"\nbackup_dir = "/var/lib/houses/ours/backups"\n',
  ]) {
    using house = await image(config);
    expect(house.analyze("verify", "housekey.service")).toEqual({ exitCode: 0, said: "" });
  }
  using house = await image();
  writeFileSync(house.unit, readFileSync(house.unit, "utf8").replace("UMask=", "Umaks="));
  expect(house.analyze("verify", "housekey.service").said).toContain("Unknown key 'Umaks'");
});

test("little is left that a house which was broken into could do", async () => {
  using house = await image();
  const judged = house.analyze("security", "--offline=true", "--threshold=17", "housekey.service");
  expect([judged.exitCode, judged.said]).toEqual([0, expect.stringContaining("Overall exposure level")]);
  writeFileSync(
    house.unit,
    readFileSync(house.unit, "utf8").replace(/^(Protect|System|Restrict)\w+=.*\n/gm, ""),
  );
  expect(house.analyze("security", "--offline=true", "--threshold=17", "housekey.service").exitCode).toBe(1);
});

test("its user and its folder are such as systemd makes on an image", async () => {
  using house = await image('data = "/srv/keys"\n');
  for (const name of ["passwd", "group"])
    writeFileSync(join(house.root, "etc", name), `root:x:0:${name === "passwd" ? "0::/root:/bin/sh" : ""}\n`);
  const make = (...words: string[]) => {
    const { exitCode, stderr } = Bun.spawnSync([...words, `--root=${house.root}`]);
    expect([words, exitCode, stderr.toString().includes("housekey.conf:")]).toEqual([words, 0, false]);
  };
  make("systemd-sysusers");
  const [, uid] = /^housekey:x:(\d+):/m.exec(readFileSync(join(house.root, "etc/passwd"), "utf8")) ?? [];
  make("systemd-tmpfiles", "--create", "--prefix=/srv/keys");
  const made = Bun.spawnSync(["stat", "-c", "%u %a", join(house.root, "srv/keys")]).stdout.toString();
  expect(made).toBe(`${uid} 700\n`);
});
