/** Every command that root runs on a house that is somebody else's. Needs root, as the thing itself does. */
import { beforeAll, expect, test } from "bun:test";
import { chownSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { bootstrap, emptyFolder, requireBinary, run, startHouse } from "../binary.ts";
import { rows } from "../cli/rows.ts";

beforeAll(requireBinary);

const owner = 65_534;

async function ownedHouse() {
  const folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path });
  await bootstrap(house);
  await house.stop();
  for (const name of [".", ...readdirSync(house.data)]) chownSync(join(house.data, name), owner, owner);
  chownSync(folder.path, owner, owner);
  return Object.assign(folder, { data: house.data });
}

/** What is in the folder and is not its owner's alone. */
const strange = (data: string): string[] =>
  [".", ...readdirSync(data)].filter((name) => {
    const { uid, gid, mode } = statSync(join(data, name));
    return uid !== owner || gid !== owner || (mode & 0o077) !== 0;
  });

const commands = [
  ["user", "add", "grace", "--email", "grace@example.org"],
  ["user", "add", "bob", "--role", "admin"],
  ["user", "list"],
  ["user", "disable", "grace"],
  ["user", "enable", "grace"],
  ["recover", "ada"],
  ["settings"],
  ["settings", "registration", "open"],
  ["backup", "house.tar.gz", "--force"],
  ["restore", "house.tar.gz", "--check"],
  ["verify"],
  ["bootstrap-token"],
  ["keys", "rotate"],
  ["settings", "url", "https://auth.example.org"],
  ["domain", "move", "auth.example.org", "id.example.com"],
  ["domain", "status"],
  ["domain", "end"],
];

test("they are all there are, but for those that only look at a house that is served, and those with a story of their own", () => {
  const names = Object.keys(rows).filter((name) => rows[name]?.needs === "house");
  const here = (name: string) => commands.some((args) => `${args.join(" ")} `.startsWith(`${name} `));
  expect(names.filter((name) => !here(name))).toEqual(["serve", "doctor", "healthcheck"]);
});

test("the doctor and the check of its health, as root, beside a server that runs as the owner", async () => {
  using folder = await ownedHouse();
  const under = ["setpriv", `--reuid=${owner}`, `--regid=${owner}`, "--clear-groups"];
  const house = await startHouse({ cwd: folder.path, under });
  const url = house.url.replace("127.0.0.1", "localhost");
  for (const args of [["settings", "url", url], ["doctor"], ["doctor", "--url", url], ["healthcheck"]]) {
    const { exitCode, stderr } = await run(args, { cwd: folder.path });
    expect([args, exitCode, stderr, strange(folder.data)]).toEqual([args, 0, "", []]);
  }
  expect(await house.stop()).toBe(0);
  // Alone, too, and whatever it finds.
  await run(["doctor"], { cwd: folder.path });
  expect(strange(folder.data)).toEqual([]);
});

test("run as root, no command leaves anything that the owner of the folder cannot read", async () => {
  expect(process.getuid?.()).toBe(0);
  using folder = await ownedHouse();
  for (const args of commands) {
    const { exitCode, stderr } = await run(args, { cwd: folder.path });
    expect([args, exitCode, stderr, strange(folder.data)]).toEqual([args, 0, "", []]);
  }
});

test("the same beside a server that runs as the owner", async () => {
  using folder = await ownedHouse();
  const under = ["setpriv", `--reuid=${owner}`, `--regid=${owner}`, "--clear-groups"];
  const house = await startHouse({ cwd: folder.path, under });
  for (const args of commands) {
    const { exitCode, stderr } = await run(args, { cwd: folder.path });
    expect([args, exitCode, stderr, strange(folder.data)]).toEqual([args, 0, "", []]);
  }
  expect(await house.stop()).toBe(0);
});

test("root keeps backups where only root may write, and the owner's house is restored from there", async () => {
  using folder = await ownedHouse();
  using roots = emptyFolder();
  const file = join(roots.path, "house.tar.gz");
  const ran = async (...args: string[]) => {
    const { exitCode, stderr } = await run(args, { cwd: folder.path });
    expect([args, exitCode, stderr, strange(folder.data)]).toEqual([args, 0, "", []]);
  };
  await ran("backup", file);
  expect(statSync(file)).toMatchObject({ uid: 0, mode: 0o100600 });
  await ran("restore", file);
  const [aside = ""] = readdirSync(folder.data).filter((name) => name.startsWith("before-restore-"));
  expect(strange(join(folder.data, aside))).toEqual([]);
  await ran("verify");
});

test("a file that is another's is told by verify", async () => {
  using folder = await ownedHouse();
  chownSync(join(folder.data, "lock"), 0, 0);
  const { exitCode, stdout } = await run(["verify"], { cwd: folder.path });
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/^files: .*lock belongs to user 0, and its folder to user 65534$/m);
  chownSync(join(folder.data, "master.key"), 0, 0);
  expect((await run(["verify"], { cwd: folder.path })).stdout).toMatch(/^master key file: cannot be read: /m);
});
