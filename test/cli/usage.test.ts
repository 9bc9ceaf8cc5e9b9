/** Commands of several words, and flags that belong to one of them. */
import { beforeAll, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { emptyFolder, requireBinary, run } from "../binary.ts";
import { told } from "./operator.ts";

beforeAll(requireBinary);

test("what a command does not take is told in a line, and opens nothing", async () => {
  using folder = emptyFolder();
  const say = async (...args: string[]) => told(await run(args, { cwd: folder.path }), 2);
  const family = 'user is one of list, add, disable, enable; see "housekey help user"';
  expect(await say("user")).toBe(`housekey: ${family}\n`);
  expect(await say("user", "delete")).toContain(family);
  expect(await say("user", "add")).toBe('housekey: user add needs USERNAME; see "housekey help user add"\n');
  expect(await say("user", "disable")).toContain("user disable needs USER");
  expect(await say("user", "add", "a", "b")).toContain('user add does not take "b"');
  expect(await say("user", "list", "a", "b")).toContain('user list does not take "b"');
  expect(await say("user", "list", "--email", "a@b")).toBe(
    'housekey: user list does not take --email; see "housekey help user list"\n',
  );
  expect(await say("serve", "--password-stdin")).toContain("serve does not take --password-stdin");
  expect(await say("--role", "admin")).toContain("serve does not take --role");
  expect(await say("verify", "now")).toContain('verify does not take "now"');
  expect(await say("user", "add", "a", "--email")).toContain("--email");
  expect(await say("user", "add", "a", "--mail", "x")).toContain("unknown option '--mail'");
  expect(await say("help", "user", "delete")).toContain(family);
  expect(await say("help", "user", "add", "now")).toContain("help does not take");
  expect(readdirSync(folder.path)).toEqual([]);
});

test("help shows every command's own words and flags, with an example", async () => {
  using folder = emptyFolder();
  const show = async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await run(args, { cwd: folder.path });
    expect([args, exitCode, stderr]).toEqual([args, 0, ""]);
    return stdout;
  };
  const names = [
    "user list",
    "user add",
    "user disable",
    "user enable",
    "recover",
    "settings",
    "backup",
    "restore",
    "verify",
    "service install",
    "service uninstall",
  ];
  const all = await show("help");
  for (const name of names) {
    expect(all).toContain(`\n  ${name} `);
    const page = await show("help", ...name.split(" "));
    expect(page).toStartWith(`usage: housekey ${name} `);
    expect(page).toContain(`example:\n  housekey ${name}`);
    expect(await show(...name.split(" "), "--help")).toBe(page);
  }
  const add = await show("help", "user", "add");
  for (const flag of ["--email ADDRESS", "--name NAME", "--role ROLE", "--password-stdin"])
    expect(add).toContain(`\n  ${flag} `);
  expect(await show("user", "add", "grace", "--role", "admin", "--help")).toBe(add);
  const family = await show("help", "user");
  for (const verb of ["list", "add", "disable", "enable"])
    expect(family).toContain(`usage: housekey user ${verb} `);
  expect(readdirSync(folder.path)).toEqual([]);
});
