/** Locking accounts and listing them, beside a running server. */
import { beforeAll, expect, test } from "bun:test";
import { binary, cleanEnv, requireBinary, speak } from "../binary.ts";
import { complete, feed, operate, plant, tokenIn } from "./operator.ts";

beforeAll(requireBinary);

async function withGrace() {
  const house = await operate();
  const args = ["user", "add", "grace", "--email", "grace@example.org", "--password-stdin", "--json"];
  const { stdout } = await feed(args, { cwd: house.cwd, input: "difference engine\n" });
  return { house, id: JSON.parse(stdout).id as string };
}

test("a disabled account is out on the next request, and enabled it signs in again", async () => {
  const { house, id } = await withGrace();
  await using _ = house;
  const own = "difference engine";
  const sessions = [await house.signIn("grace", own), await house.signIn("grace", own)];
  const link = tokenIn(await house.ok("recover", "grace"));
  for (const { body } of sessions) expect(await house.alive(body.token)).toBe(true);

  expect(await house.ok("user", "disable", "grace")).toBe("grace is disabled\n");
  for (const { body } of sessions) expect(await house.alive(body.token)).toBe(false);
  expect(await house.alive(house.token)).toBe(true);
  const refused = await house.signIn("grace", own);
  expect([refused.status, refused.body.error.code]).toEqual([403, "ACCOUNT_DISABLED"]);
  expect((await complete(house.house, link)).status).toBe(401);
  expect(await house.ok("user", "list", "grace")).toContain("disabled");

  expect(await house.ok("user", "enable", "grace")).toBe("grace is enabled\n");
  for (const { body } of sessions) expect(await house.alive(body.token)).toBe(false);
  expect((await house.signIn("grace", own)).status).toBe(201);
  expect((await complete(house.house, link)).status).toBe(401);
  const { body } = await speak(house.house, "GET", `/auth/audit?user_id=${id}`, { token: house.token });
  const events = body.events.map(({ event }: { event: string }) => event);
  expect(events).toEqual(expect.arrayContaining(["user.disabled", "user.enabled"]));
  await house.ok("verify");
});

test("an account is named by its username, address or identifier, in any case, once or twice", async () => {
  const { house, id } = await withGrace();
  await using _ = house;
  for (const name of ["grace", "GRACE", "Grace@Example.org", id]) {
    const account = JSON.parse(await house.ok("user", "disable", name, "--json"));
    expect(account).toMatchObject({ id, username: "grace", disabled: true });
    expect(JSON.parse(await house.ok("user", "disable", name, "--json"))).toEqual(account);
    expect(JSON.parse(await house.ok("user", "enable", name, "--json"))).toEqual({
      ...account,
      disabled: false,
    });
  }
  for (const verb of ["disable", "enable"])
    for (const name of [
      "nobody",
      "nobody@example.org",
      "usr_01m813b7ejeevba7m8zewynadw",
      id.toUpperCase(),
      "",
    ])
      expect(await house.refused(1, "user", verb, name)).toBe(
        `housekey: there is no account ${JSON.stringify(name)}\n`,
      );
});

test("a username that is another's identifier does not stand in for them", async () => {
  const { house, id } = await withGrace();
  await using _ = house;
  await house.ok("user", "add", id);
  expect(await house.ok("user", "disable", id)).toBe("grace is disabled\n");
});

test("the last admin who may sign in cannot be disabled; beside another one they can", async () => {
  await using house = await operate();
  expect(await house.refused(1, "user", "disable", "ada")).toBe(
    "housekey: the house needs at least one admin\n",
  );
  expect(await house.alive(house.token)).toBe(true);
  await house.ok("user", "add", "grace", "--role", "admin");
  await house.ok("user", "disable", "grace");
  expect(await house.refused(1, "user", "disable", "ada")).toContain("at least one admin");
  await house.ok("user", "enable", "grace");
  await house.ok("user", "disable", "ada");
  expect(await house.alive(house.token)).toBe(false);
});

test("nobody slips in while they are disabled: no sign-in under way leaves a session", async () => {
  const { house } = await withGrace();
  await using _ = house;
  for (let round = 0; round < 4; round++) {
    const signIns = Array.from({ length: 12 }, async (_, n) => {
      await Bun.sleep(n * 8);
      return house.signIn("grace", "difference engine");
    });
    await house.ok("user", "disable", "grace");
    for (const { status, body } of await Promise.all(signIns)) {
      expect([201, 403]).toContain(status);
      if (status === 201) expect(await house.alive(body.token)).toBe(false);
    }
    await house.ok("verify");
    await house.ok("user", "enable", "grace");
  }
});

test("accounts are listed as a table for people and as JSON for machines", async () => {
  const { house, id } = await withGrace();
  await using _ = house;
  await house.signIn("grace", "difference engine");
  await house.ok("user", "add", "bob");
  await house.ok("user", "disable", "bob");
  const today = new Date().toISOString().slice(0, 10);
  expect((await house.ok("user", "list")).split("\n")).toEqual([
    "USERNAME  EMAIL              ROLE    STATE     CREATED     LAST SEEN",
    `ada       -                  admin   -         ${today}  ${today}`,
    `grace     grace@example.org  member  -         ${today}  ${today}`,
    `bob       -                  member  disabled  ${today}  -`,
    "",
  ]);
  const all = JSON.parse(await house.ok("user", "list", "--json"));
  expect(all.map(({ username }: { username: string }) => username)).toEqual(["ada", "grace", "bob"]);
  expect(all[1]).toMatchObject({ id, email: "grace@example.org", role: "member", disabled: false });
  expect(Date.parse(all[1].last_seen_at)).toBeGreaterThanOrEqual(Date.parse(all[1].created_at));
  expect(all[2]).toMatchObject({ disabled: true, last_seen_at: null });
  expect(JSON.stringify(all)).not.toContain("argon2");
});

test("a query finds a part of a username, an address or a name, and takes it by the letter", async () => {
  await using house = await operate();
  await house.ok("user", "add", "grace", "--email", "g@example.org", "--name", "Amazing 100%_Grace");
  await house.ok("user", "add", "bob", "--email", "bob@example.com");
  const found = async (query: string) =>
    JSON.parse(await house.ok("user", "list", query, "--json")).map(
      (one: { username: string }) => one.username,
    );
  expect(await found("GRA")).toEqual(["grace"]);
  expect(await found("@example.")).toEqual(["grace", "bob"]);
  expect(await found("100%_")).toEqual(["grace"]);
  expect(await found("%")).toEqual(["grace"]);
  expect(await found("'; DROP TABLE users; --")).toEqual([]);
  expect(await house.ok("user", "list", "nobody")).toBe("USERNAME  EMAIL  ROLE  STATE  CREATED  LAST SEEN\n");
});

test("ten thousand accounts are all listed, in order, also to a reader who stops after the first line", async () => {
  await using house = await operate();
  const letters = "0123456789abcdefghjkmnpqrstvwxyz";
  plant(house.house.data, (db) => {
    const insert = db.prepare(
      "INSERT INTO users (id, username, email, email_verified, role, created_at) VALUES (?, ?, ?, 0, 'member', ?)",
    );
    db.transaction(() => {
      for (let n = 0; n < 10_000; n++) {
        const tail = [1000, 100, 10, 1].map((unit) => letters[Math.floor(n / unit) % 10]).join("");
        insert.run(
          `usr_7zzzzzzzzzzzzzzzzzzzzz${tail}`,
          `user${n}`,
          `user${n}@example.org`,
          1_800_000_000_000 + n,
        );
      }
    })();
  });
  const all = JSON.parse(await house.ok("user", "list", "--json"));
  expect(all.map(({ username }: { username: string }) => username)).toEqual([
    "ada",
    ...Array.from({ length: 10_000 }, (_, n) => `user${n}`),
  ]);
  expect((await house.ok("user", "list")).split("\n")).toHaveLength(10_003);
  await house.ok("verify");

  const child = Bun.spawn(["sh", "-c", `"${binary}" user list | head -n 1`], {
    cwd: house.cwd,
    env: cleanEnv(),
    stdout: "pipe",
    stderr: "pipe",
  });
  expect(await new Response(child.stdout).text()).toStartWith("USERNAME ");
  expect(await new Response(child.stderr).text()).toBe("");
});
