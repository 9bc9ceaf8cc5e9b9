/** What the operator sets beside a running server. */
import { beforeAll, expect, test } from "bun:test";
import { requireBinary, run, speak } from "../binary.ts";
import { operate, plant, told } from "./operator.ts";

beforeAll(requireBinary);

test("registration that is opened is seen on the next request, and closed again too", async () => {
  await using house = await operate();
  const options = async () => (await speak(house.house, "GET", "/auth/options")).body.registration;
  expect(await options()).toBe("closed");
  for (const value of ["open", "invite", "closed"]) {
    expect(await house.ok("settings", "registration", value)).toBe(`${value}\n`);
    expect(await options()).toBe(value);
    expect(await house.ok("settings", "registration")).toBe(`${value}\n`);
  }
  const { body } = await speak(house.house, "GET", "/auth/audit?event=settings.changed", {
    token: house.token,
  });
  expect(body.events).toHaveLength(3);
  expect(body.events[0]).toMatchObject({ actor_id: null, reason: "registration" });
});

test("all of them are shown with where they come from", async () => {
  await using house = await operate();
  await house.ok("settings", "lifetimes.session", "90m");
  await house.ok("settings", "audit_days", "30");
  const { stdout } = await run(["settings", "--fresh", "5m"], {
    cwd: house.cwd,
    env: { HOUSEKEY_REGISTRATION: "invite" },
  });
  const url = `http://localhost:${new URL(house.house.url).port}`;
  expect(stdout.split("\n").map((line) => line.split(/ +/))).toEqual([
    ["NAME", "VALUE", "FROM"],
    ["url", url, "default"],
    ["registration", "invite", "environment"],
    ["local_login", "true", "default"],
    ["mail_login", "true", "default"],
    ["audit_days", "30", "setting"],
    ["forward_bypass", "none", "default"],
    ["lifetimes.access", "1d", "default"],
    ["lifetimes.refresh", "7d", "default"],
    ["lifetimes.session", "90m", "setting"],
    ["lifetimes.idle", "7d", "default"],
    ["lifetimes.fresh", "5m", "environment"],
    [""],
  ]);
  const all = JSON.parse(await house.ok("settings", "--json"));
  expect(all).toHaveLength(11);
  expect(all).toContainEqual({ name: "lifetimes.session", value: 5400, from: "setting" });
  expect(JSON.parse(await house.ok("settings", "mail_login", "--json"))).toEqual({
    name: "mail_login",
    value: true,
    from: "default",
  });
});

test("every one of them can be set, and the server goes by it", async () => {
  await using house = await operate();
  const values = {
    url: ["https://auth.example.org", "https://auth.example.org"],
    registration: ["invite", "invite"],
    local_login: ["on", true],
    mail_login: ["off", false],
    audit_days: ["3650", 3650],
    forward_bypass: [
      "app.example.org/public, docs.example.org:8443/",
      [
        { host: "app.example.org", path_prefix: "/public" },
        { host: "docs.example.org:8443", path_prefix: "/" },
      ],
    ],
  } as const;
  for (const [name, [text]] of Object.entries(values)) await house.ok("settings", name, text);
  const lifetimes = { access: "1h", refresh: "2h", session: "3650d", idle: "90m", fresh: "60s" };
  for (const [name, text] of Object.entries(lifetimes)) await house.ok("settings", `lifetimes.${name}`, text);
  const { body } = await speak(house.house, "GET", "/auth/settings", { token: house.token });
  expect(body).toEqual({
    ...Object.fromEntries(Object.entries(values).map(([name, [, value]]) => [name, value])),
    url_is_set: true,
    cookie_domain: null,
    forward_hosts: [],
    lifetimes: { access: 3600, refresh: 7200, session: 315_360_000, idle: 5400, fresh: 60 },
    fixed: [],
  });
  expect(await house.ok("recover", "ada")).toStartWith("https://auth.example.org/recover#token=");
  await house.ok("verify");
});

test("a lifetime that is cut short ends at once what is older", async () => {
  await using house = await operate();
  plant(house.house.data, (db) => db.run("UPDATE sessions SET created_at = created_at - 7200000"));
  expect(await house.alive(house.token)).toBe(true);
  await house.ok("settings", "lifetimes.session", "121m");
  expect(await house.alive(house.token)).toBe(true);
  await house.ok("settings", "lifetimes.session", "119m");
  expect(await house.alive(house.token)).toBe(false);
});

test("what the environment fixes is refused in words, and stays", async () => {
  await using house = await operate();
  const env = { HOUSEKEY_REGISTRATION: "invite", HOUSEKEY_SESSION_TTL: "10d" };
  const say = async (...words: string[]) =>
    told(await run(["settings", ...words], { cwd: house.cwd, env }), 1);
  expect(await say("registration", "open")).toBe(
    "housekey: registration: this is decided by the environment Housekey runs in\n",
  );
  expect(await say("lifetimes.session", "1d")).toStartWith("housekey: lifetimes.session: this is decided by");
  const other = await run(["settings", "lifetimes.idle", "1d"], { cwd: house.cwd, env });
  expect(other.exitCode).toBe(0);
  expect((await speak(house.house, "GET", "/auth/options")).body.registration).toBe("closed");
  expect(await house.refused(1, "settings", "local_login", "false")).toBe(
    "housekey: without passwords no admin could sign in any more\n",
  );
});

/** As the command takes it, and as the same value reads over HTTP. */
const judged: [name: string, text: string, field: string, value: unknown, fine: boolean][] = [
  ["registration", "ajar", "registration", "ajar", false],
  ["registration", "Open", "registration", "Open", false],
  ["mail_login", "maybe", "mail_login", "maybe", false],
  ["audit_days", "0", "audit_days", 0, false],
  ["audit_days", "1", "audit_days", 1, true],
  [
    "forward_bypass",
    "App.example.org/",
    "forward_bypass",
    [{ host: "App.example.org", path_prefix: "/" }],
    false,
  ],
  ["forward_bypass", "a.example", "forward_bypass", [{ host: "a.example", path_prefix: "" }], false],
  ["forward_bypass", "a.example/%2e", "forward_bypass", [{ host: "a.example", path_prefix: "/%2e" }], false],
  ["forward_bypass", "*.example/", "forward_bypass", [{ host: "*.example", path_prefix: "/" }], false],
  ["forward_bypass", "none", "forward_bypass", [], true],
  ["audit_days", "3651", "audit_days", 3651, false],
  ["audit_days", "1.5", "audit_days", 1.5, false],
  ["lifetimes.idle", "59s", "idle", 59, false],
  ["lifetimes.idle", "60s", "idle", 60, true],
  ["lifetimes.idle", "3650d", "idle", 315_360_000, true],
  ["lifetimes.idle", "3651d", "idle", 315_446_400, false],
  ["url", "https://auth.example.org/", "url", "https://auth.example.org/", true],
  ["url", "HTTPS://auth.example.org", "url", "HTTPS://auth.example.org", false],
  ["url", "https://auth.example.org/path", "url", "https://auth.example.org/path", false],
  ["url", "https://user@auth.example.org", "url", "https://user@auth.example.org", false],
  ["url", "ftp://auth.example.org", "url", "ftp://auth.example.org", false],
  ["url", "auth.example.org", "url", "auth.example.org", false],
  ["url", "https://bücher.example", "url", "https://bücher.example", false],
];

test("the command and the endpoint agree about what a value may be", async () => {
  await using house = await operate();
  for (const [name, text, field, value, fine] of judged) {
    const ran = await run(["settings", name, text], { cwd: house.cwd });
    const body = name.startsWith("lifetimes.") ? { lifetimes: { [field]: value } } : { [field]: value };
    const { status } = await speak(house.house, "PATCH", "/auth/settings", { token: house.token, body });
    expect([name, text, ran.exitCode, status]).toEqual([name, text, fine ? 0 : 2, fine ? 200 : 400]);
    if (!fine) expect(told(ran, 2)).toStartWith(`housekey: ${name}: ${JSON.stringify(text)} is not `);
  }
});

test("a name there is not, or too many words, is wrong usage", async () => {
  await using house = await operate();
  for (const words of [["colour"], ["colour", "red"], ["localLogin"], ["lifetimes"], ["lifetimes.nap", "1h"]])
    expect(await house.refused(2, "settings", ...words)).toContain(
      `there is no setting ${JSON.stringify(words[0])}; expected one of url, registration, `,
    );
  expect(await house.refused(2, "settings", "url", "a", "b")).toContain('settings does not take "b"');
  expect(await house.refused(2, "settings", "lifetimes.idle", "3600")).toContain("a duration like");
});
