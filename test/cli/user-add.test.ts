/** Accounts that the operator makes beside a running server. */
import { beforeAll, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { admin, emptyFolder, requireBinary, run, speak, startHouse } from "../binary.ts";
import { complete, feed, operate, password, plant, tokenIn, told } from "./operator.ts";

beforeAll(requireBinary);

test("its owner opens the link that is printed, chooses a password, and signs in on the next request", async () => {
  await using house = await operate();
  const link = await house.ok(
    "user",
    "add",
    "Grace",
    "--email",
    "Grace@example.org",
    "--name",
    "Grace Hopper",
  );
  expect(link).toBe(`http://localhost:${new URL(house.house.url).port}/recover#token=${tokenIn(link)}\n`);
  expect((await house.signIn("grace")).status).toBe(401);
  const set = await complete(house.house, tokenIn(link));
  expect([set.status, set.body.user]).toEqual([
    201,
    expect.objectContaining({
      username: "grace",
      email: "grace@example.org",
      name: "Grace Hopper",
      role: "member",
    }),
  ]);
  expect((await house.signIn("grace")).status).toBe(201);
  expect((await house.signIn("grace@example.org")).status).toBe(201);
  expect((await complete(house.house, tokenIn(link))).status).toBe(401);
  expect(await house.ok("verify")).not.toContain("rong");
});

test("an admin made so may do what admins do; machines read the account and its link", async () => {
  await using house = await operate();
  const made = JSON.parse(await house.ok("user", "add", "grace", "--role", "admin", "--json"));
  expect(made).toEqual({
    id: expect.stringMatching(/^usr_[0-9a-z]{26}$/),
    username: "grace",
    email: null,
    email_verified: false,
    name: null,
    role: "admin",
    two_factor_enabled: false,
    disabled: false,
    created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    setup_url: expect.stringContaining("/recover#token="),
  });
  const { body } = await complete(house.house, tokenIn(made.setup_url));
  expect((await speak(house.house, "GET", "/auth/users", { token: body.token })).status).toBe(200);
  const audit = await speak(house.house, "GET", `/auth/audit?user_id=${made.id}`, { token: house.token });
  expect(audit.body.events.at(-1)).toMatchObject({ event: "user.created", actor_id: null, user_id: made.id });
});

test("with --password-stdin the first line is the password, however the line ends", async () => {
  await using house = await operate();
  const lines = ["difference engine\n", "difference engine\r\nanother line\n", "difference engine"];
  for (const [n, input] of lines.entries()) {
    const { exitCode, stdout } = await feed(["user", "add", `u${n}`, "--password-stdin"], {
      cwd: house.cwd,
      input,
    });
    expect([exitCode, stdout]).toEqual([0, `u${n} can sign in\n`]);
    expect((await house.signIn(`u${n}`, "difference engine")).status).toBe(201);
  }
  const args = ["user", "add", "open", "--password-stdin", "--json"];
  const open = await feed(args, { cwd: house.cwd, input: "größere maschine ✓\n", end: false });
  expect(JSON.parse(open.stdout)).not.toHaveProperty("setup_url");
  expect((await house.signIn("open", "größere maschine ✓")).status).toBe(201);
  expect(open.stdout + open.stderr).not.toContain("maschine");
});

test("a password that will not do, or none, makes no account", async () => {
  await using house = await operate();
  const say = async (input: string | Uint8Array) =>
    told(await feed(["user", "add", "grace", "--password-stdin"], { cwd: house.cwd, input }), 1);
  expect(await say("short\n")).toBe("housekey: password: use at least 8 characters\n");
  expect(await say("password123\n")).toContain("one of the most used passwords; choose another");
  expect(await say(`${"x".repeat(256)}\n`)).toBe("housekey: password: use at most 255 characters\n");
  expect(await say("\n")).toContain("there is no password on standard input");
  expect(await say("")).toContain("there is no password on standard input");
  expect(await say(new Uint8Array([0xff, 0xfe, 0x31, 0x0a]))).toContain("is not UTF-8 text");
  expect(await say("x".repeat(100_000))).toContain("use at most 255 characters");
  expect(JSON.parse(await house.ok("user", "list", "--json"))).toHaveLength(1);
});

test("names that are taken are told, and so is what is no name", async () => {
  await using house = await operate();
  await house.ok("user", "add", "grace", "--email", "grace@example.org");
  expect(await house.refused(1, "user", "add", "GRACE")).toBe("housekey: this username is taken\n");
  expect(await house.refused(1, "user", "add", "eve", "--email", "GRACE@example.org")).toBe(
    "housekey: this address belongs to another account\n",
  );
  const wrong: [string, ...string[]][] = [
    ["username", "grace hopper"],
    ["username", "grace@example.org"],
    ["username", "x".repeat(65)],
    ["username", ""],
    ["--email", "eve", "--email", "eve"],
    ["--email", "eve", "--email", "a@b@c"],
    ["--email", "eve", "--email", `${"x".repeat(60)}@${"y".repeat(63)}.${"y.".repeat(80)}org`],
    ["--name", "eve", "--name", "x".repeat(201)],
    ["--role", "eve", "--role", "root"],
  ];
  for (const [field, ...words] of wrong)
    expect(await house.refused(2, "user", "add", ...words)).toStartWith(`housekey: ${field} is "`);
  expect(JSON.parse(await house.ok("user", "list", "--json"))).toHaveLength(2);
});

test("there is no way to give the password as an argument", async () => {
  await using house = await operate();
  expect(await house.refused(2, "user", "add", "grace", "--password", password)).toContain("unknown option");
  expect(await house.refused(2, "user", "add", "grace", "--password-stdin=x")).not.toContain("is taken");
  expect(await house.refused(2, "user", "add", "grace", password)).toContain("user add does not take");
});

test("a dozen at once beside the server: a username is somebody's once", async () => {
  await using house = await operate();
  const ran = await Promise.all(
    Array.from({ length: 12 }, () => run(["user", "add", "grace"], { cwd: house.cwd })),
  );
  expect(ran.filter(({ exitCode }) => exitCode === 0)).toHaveLength(1);
  expect(new Set(ran.map(({ stderr }) => stderr))).toEqual(
    new Set(["", "housekey: this username is taken\n"]),
  );
});

test("an admin made before anybody took the set-up link ends the first run: the link says why it does not work", async () => {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path });
  const token = readFileSync(join(house.data, "bootstrap-token"), "utf8").trim();
  const made = await run(["user", "add", "grace", "--role", "admin"], { cwd: folder.path });
  expect(existsSync(join(house.data, "bootstrap-token"))).toBe(false);
  expect(existsSync(join(house.data, "bootstrapped"))).toBe(true);
  const late = await speak(house, "POST", "/auth/bootstrap/complete", { body: { token, ...admin } });
  expect([late.status, late.body.error.code]).toEqual([409, "ALREADY_BOOTSTRAPPED"]);
  expect((await complete(house, tokenIn(made.stdout))).status).toBe(201);
  expect((await run(["verify"], { cwd: folder.path })).exitCode).toBe(0);
  await house.stop();
  const again = await startHouse({ cwd: folder.path });
  expect(again.output()).not.toContain("#token=");
  await again.stop();
});

test("the same after the set-up link ran out, and beside a member the link still makes the first admin", async () => {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path });
  expect((await run(["user", "add", "grace"], { cwd: folder.path })).exitCode).toBe(0);
  const token = readFileSync(join(house.data, "bootstrap-token"), "utf8").trim();
  const first = await speak(house, "POST", "/auth/bootstrap/complete", { body: { token, ...admin } });
  expect([first.status, first.body.user.role]).toEqual([201, "admin"]);
  await house.stop();

  using other = emptyFolder();
  const stale = await startHouse({ cwd: other.path });
  await stale.stop();
  plant(stale.data, (db) => db.run("UPDATE bootstraps SET expires_at = created_at + 1"));
  await Bun.sleep(5);
  expect((await run(["user", "add", "grace", "--role", "admin"], { cwd: other.path })).exitCode).toBe(0);
  expect((await run(["verify"], { cwd: other.path })).stderr).toBe("");
});

test("without a house it makes none, and leaves nothing", async () => {
  using folder = emptyFolder();
  for (const args of [
    ["user", "add", "grace"],
    ["user", "list"],
    ["user", "disable", "grace"],
    ["user", "enable", "grace"],
    ["recover", "grace"],
    ["settings"],
    ["settings", "registration", "open"],
    ["verify"],
  ])
    expect(told(await run(args, { cwd: folder.path }), 1)).toStartWith(
      `housekey: there is no house in ${folder.path}/housekey-data; `,
    );
  expect(readdirSync(folder.path)).toEqual([]);
});
