/** The house as a service, as it is written into an image: nothing here asks this machine for anything. */
import { beforeAll, expect, test } from "bun:test";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { binary, emptyFolder, requireBinary, run } from "../binary.ts";
import { told } from "./operator.ts";

beforeAll(requireBinary);

const unitPath = "etc/systemd/system/housekey.service";
const configPath = "etc/housekey/housekey.toml";

/** An image without anything in it. */
function image() {
  const folder = emptyFolder();
  const { path } = folder;
  return {
    path,
    read: (name: string) => readFileSync(join(path, name), "utf8"),
    put(name: string, text: string) {
      mkdirSync(dirname(join(path, name)), { recursive: true });
      writeFileSync(join(path, name), text);
    },
    has: (name: string) => lstatSync(join(path, name), { throwIfNoEntry: false }) !== undefined,
    mode: (name: string) => statSync(join(path, name)).mode & 0o777,
    async ok(...args: string[]) {
      const { exitCode, stdout, stderr } = await run(["service", ...args, "--root", path], { cwd: path });
      expect([args, exitCode, stderr]).toEqual([args, 0, ""]);
      return stdout;
    },
    refused: async (exit: number, ...args: string[]) =>
      told(await run(["service", ...args, "--root", path], { cwd: path }), exit),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

test("an image has the executable, a unit that starts with the machine, a user, and settings for root alone", async () => {
  using house = image();
  const said = await house.ok("install");
  expect(said).toContain(`wrote ${join(house.path, unitPath)}\n`);
  expect(house.read("usr/local/bin/housekey") === readFileSync(binary, "utf8")).toBe(true);
  expect(house.mode("usr/local/bin/housekey")).toBe(0o755);
  expect([house.mode(unitPath), house.mode(configPath)]).toEqual([0o644, 0o600]);
  expect(house.mode("etc/systemd")).toBe(0o755);
  const wanted = join(house.path, "etc/systemd/system/multi-user.target.wants/housekey.service");
  expect(readlinkSync(wanted)).toBe("../housekey.service");
  expect(house.read(unitPath)).toContain("\nExecStart=/usr/local/bin/housekey serve ");
  expect(house.read(unitPath)).toContain("\nStateDirectory=housekey\n");
  expect(house.read("etc/sysusers.d/housekey.conf")).toContain('u housekey - "Housekey" /var/lib/housekey ');
  expect(house.has("etc/tmpfiles.d")).toBe(false);
  expect(house.has("var")).toBe(false);
});

test("the file with the settings is one that the house can read, every line of it", async () => {
  using house = image();
  await house.ok("install", "--data", "/srv/keys");
  const config = house.read(configPath);
  expect(config).toContain('\ndata = "/srv/keys"\n');
  const all = config.replace(/^# (\w+ = )/gm, "$1").replace('backup_passphrase = ""', "");
  house.put("all.toml", all);
  const { exitCode, stderr } = await run(["user", "list", "--config", "all.toml"], { cwd: house.path });
  // The certificate is only looked at by who serves.
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining("there is no house in /srv/keys")]);
});

test("installing again changes nothing; after an upgrade or a setting it says what it changed", async () => {
  using house = image();
  await house.ok("install");
  const again = JSON.parse(await house.ok("install", "--json"));
  const what = (answer: any) =>
    Object.fromEntries(answer.changes.map((one: any) => [one.path.slice(house.path.length + 1), one.what]));
  expect(what(again)).toEqual({
    "usr/local/bin/housekey": "unchanged",
    "etc/sysusers.d/housekey.conf": "unchanged",
    [configPath]: "kept",
    [unitPath]: "unchanged",
  });
  house.put("usr/local/bin/housekey", "an older one");
  house.put(configPath, 'data = "/var/lib/housekey"\nport = 443\nbackup_dir = "/mnt/usb"\n');
  const upgraded = JSON.parse(await house.ok("install", "--json"));
  expect(what(upgraded)).toMatchObject({ "usr/local/bin/housekey": "changed", [unitPath]: "changed" });
  expect(house.mode("usr/local/bin/housekey")).toBe(0o755);
  expect(house.read(configPath)).toContain("port = 443\n");
  const unit = house.read(unitPath);
  expect(unit).toContain("\nAmbientCapabilities=CAP_NET_BIND_SERVICE\n");
  expect(unit).toContain("\nReadWritePaths=/mnt/usb\n");
});

test("another folder and another user, remembered the next time", async () => {
  using house = image();
  await house.ok("install", "--data", "/srv/keys", "--user", "ada");
  await house.ok("install");
  const unit = house.read(unitPath);
  expect(unit).toContain("\nUser=ada\n");
  expect(unit).toContain("\nReadWritePaths=/srv/keys\n");
  expect(unit).not.toContain("StateDirectory");
  expect(house.read("etc/tmpfiles.d/housekey.conf")).toContain("\nd /srv/keys 0700 ada ada\n");
});

test("what a house keeps is not touched, and its own settings file is named", async () => {
  using house = image();
  house.put("srv/keys/housekey.toml", "port = 1\n");
  house.put("srv/keys/housekey.db", "precious");
  chmodSync(join(house.path, "srv/keys"), 0o755);
  const said = await house.ok("install", "--data", "/srv/keys");
  expect(said).toContain(`the service does not read ${join(house.path, "srv/keys/housekey.toml")}; move`);
  await house.ok("uninstall");
  expect(house.read("srv/keys/housekey.db")).toBe("precious");
  expect(house.mode("srv/keys")).toBe(0o755);
  expect(readdirSync(join(house.path, "srv/keys")).sort()).toEqual(["housekey.db", "housekey.toml"]);
});

test("uninstalling leaves the data and the settings, and says where they are", async () => {
  using house = image();
  await house.ok("install");
  house.put(configPath, "this is = not = toml");
  const said = await house.ok("uninstall");
  expect(said).toContain(`kept in ${join(house.path, "var/lib/housekey")}`);
  expect(said).toContain(join(house.path, configPath));
  for (const name of [
    unitPath,
    "etc/systemd/system/multi-user.target.wants/housekey.service",
    "etc/sysusers.d/housekey.conf",
    "usr/local/bin/housekey",
  ])
    expect([name, house.has(name)]).toEqual([name, false]);
  expect(house.has(configPath)).toBe(true);
  expect(await house.refused(1, "uninstall")).toContain("no service is installed");
});

test("a unit that somebody else wrote is neither replaced nor removed", async () => {
  using house = image();
  house.put(unitPath, "[Service]\nExecStart=/opt/mine\n");
  const says = 'was not written by "housekey service install"; move it away first';
  expect(await house.refused(1, "install")).toContain(says);
  expect(await house.refused(1, "uninstall")).toContain(says);
  expect(house.read(unitPath)).toContain("/opt/mine");
  expect(house.has("usr")).toBe(false);
});

test("--print shows the unit and does nothing", async () => {
  using house = image();
  const unit = await house.ok("install", "--print");
  expect(readdirSync(house.path)).toEqual([]);
  expect(JSON.parse(await house.ok("install", "--print", "--json"))).toEqual({ unit });
  await house.ok("install");
  expect(house.read(unitPath)).toBe(unit);
});

test("wrong use is told in a line, and writes nothing", async () => {
  using house = image();
  const wrong = (...args: string[]) => house.refused(2, "install", ...args);
  expect(await wrong("now")).toContain('service install does not take "now"');
  expect(await wrong("--port", "8421")).toContain("service install does not take --port");
  expect(await wrong("--user", "root")).toContain("never served as root");
  expect(await wrong("--user", "a b")).toContain('--user is "a b"; expected the name of an account');
  expect(await wrong("--data", "keys")).toContain("expected an absolute path");
  expect(await wrong("--data", "/srv/../etc/keys")).toContain("expected an absolute path");
  expect(await wrong("--data", "/srv/my keys")).toContain("expected an absolute path");
  expect(await wrong("--data", "/srv/k%h")).toContain("expected an absolute path");
  expect(await wrong("--data", "/srv")).toContain("expected an absolute path");
  expect(await wrong("--data", "/var/lib")).toContain("a folder of the system");
  for (const hidden of ["/home/ada/keys", "/root/keys", "/tmp/keys", "/var/tmp/keys", "/run/user/1000/keys"])
    expect(await wrong("--data", hidden)).toContain("a service does not see that place");
  expect(await house.refused(2, "uninstall", "--data", "/srv/keys")).toContain("does not take --data");
  expect(readdirSync(house.path)).toEqual([]);
  const { path: cwd } = house;
  expect(told(await run(["service"], { cwd }), 2)).toContain("service is one of install, uninstall");
  expect(told(await run(["service", "install", "--root", "nowhere"], { cwd }), 1)).toContain(
    "there is no folder",
  );
});

test("settings that contradict the flags, or say nothing that a service could use, are told", async () => {
  using house = image();
  const says = async (config: string, exit: number, ...args: string[]) => {
    house.put(configPath, config);
    return house.refused(exit, "install", ...args);
  };
  expect(await says('data = "/srv/a"\n', 1, "--data", "/srv/b")).toContain(
    "--data another folder; change it there",
  );
  expect(await says('url = "https://a.example"\n', 1)).toContain("does not say where the data is");
  expect(await says('data = "/srv/a"\nprot = 1\n', 2)).toContain("did you mean HOUSEKEY_PORT?");
  expect(await says('data = "/home/ada/keys"\n', 2)).toContain("a service does not see that place");
  expect(await says('data = "/srv/a"\nbackup_dir = "backups"\n', 2)).toContain("backup_dir in");
  expect(house.has("usr")).toBe(false);
});
