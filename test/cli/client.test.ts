/** The client commands, against a house that is served: from the code to the end of the session. */
import { beforeAll, expect, test } from "bun:test";
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { requireBinary, run, speak } from "../binary.ts";
import { decide, newClient, signIn } from "./client.ts";
import { operate, told } from "./operator.ts";

beforeAll(requireBinary);

const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);

test("from login to logout: the session is seen in the house, kept for its owner alone, and gone at the end", async () => {
  await using operated = await operate();
  using client = newClient();
  const { url } = operated.house;
  const sessions = async () =>
    (await speak(operated.house, "GET", "/auth/sessions", { token: operated.token })).body;

  const { code, ended } = await client.begin(url);
  expect((await decide(url, operated.token, code)).status).toBe(200);
  const { exitCode, stdout, stderr } = await ended;
  expect([exitCode, stderr]).toEqual([0, ""]);
  const [open, approve, signed] = stdout.trimEnd().split("\n");
  expect(open).toMatch(new RegExp(`^Open http://localhost:\\d+/device\\?code=${code}$`));
  expect([approve, signed]).toEqual([`and approve the code ${code}.`, `Signed in to ${url} as ada.`]);

  const [cli] = (await sessions()).filter(({ kind }: { kind: string }) => kind === "cli");
  expect(cli).toMatchObject({ methods: ["device"], ip: "127.0.0.1" });
  expect([mode(client.file), mode(join(client.file, ".."))]).toEqual(["600", "700"]);
  const kept = JSON.parse(readFileSync(client.file, "utf8"));
  expect(kept).toEqual({ current: url, tokens: { [url]: expect.stringMatching(/^[0-9a-f]{96}$/) } });

  expect(await client.ok("whoami")).toBe(`ada at ${url}\n`);
  expect(JSON.parse(await client.ok("whoami", "--json"))).toMatchObject({
    server: url,
    user: { username: "ada", role: "admin" },
    session: { id: cli.id, kind: "cli", current: true },
  });
  expect(await client.ok("whoami", "--server", `${url}/`)).toBe(`ada at ${url}\n`);

  expect(await client.ok("logout")).toBe(`Signed out of ${url}.\n`);
  expect(JSON.parse(readFileSync(client.file, "utf8"))).toEqual({ current: null, tokens: {} });
  expect((await sessions()).map(({ kind }: { kind: string }) => kind)).toEqual(["web"]);
  expect(await operated.alive(kept.tokens[url])).toBe(false);
  for (const args of [["whoami"], ["logout"], ["api-keys", "list"]])
    expect(told(await client.run(args), 1)).toBe(
      'housekey: you are not signed in; "housekey login URL" comes first\n',
    );
});

test("a second login ends the session that it takes the place of; a session ended elsewhere is told", async () => {
  await using operated = await operate();
  using client = newClient();
  const { url } = operated.house;
  const kept = () => JSON.parse(readFileSync(client.file, "utf8")).tokens[url];
  await signIn(client, url, operated.token);
  const first = kept();
  await signIn(client, url, operated.token);
  expect([await operated.alive(first), await operated.alive(kept())]).toEqual([false, true]);
  await speak(operated.house, "POST", "/auth/sessions/revoke-all", { token: operated.token, body: {} });
  expect(told(await client.run(["whoami"]), 1)).toBe("housekey: sign in first\n");
  expect(await client.ok("logout", "--json")).toBe(`${JSON.stringify({ server: url })}\n`);
});

test("a code that is turned down says so, and keeps nothing", async () => {
  await using operated = await operate();
  using client = newClient();
  const { code, ended } = await client.begin(operated.house.url, "--json");
  expect((await decide(operated.house.url, operated.token, code, "deny")).status).toBe(200);
  const { exitCode, stdout, stderr } = await ended;
  expect([exitCode, stderr]).toEqual([1, "housekey: the code was turned down\n"]);
  expect(JSON.parse(stdout)).toEqual({
    code,
    verification_url: expect.stringContaining(`/device?code=${code}`),
  });
  expect(existsSync(client.file)).toBe(false);
});

test("as JSON: first the code, then who was let in", async () => {
  await using operated = await operate();
  using client = newClient();
  const { url } = operated.house;
  const { code, ended } = await client.begin(url, "--json");
  await decide(url, operated.token, code);
  const { stdout } = await ended;
  const [first, second] = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(first.code).toBe(code);
  expect(second).toMatchObject({ server: url, user: { username: "ada" } });
  expect(stdout).not.toContain(JSON.parse(readFileSync(client.file, "utf8")).tokens[url]);
});

test("keys: one is not made without a confirmation, is listed, works, and is refused once it is deleted", async () => {
  await using operated = await operate();
  using client = newClient();
  const { house } = operated;
  await signIn(client, house.url, operated.token);
  const stale = told(await client.run(["api-keys", "create", "backup"]), 1);
  expect(stale).toBe(
    "housekey: the house wants you to confirm that it is you; run this again in a terminal\n",
  );
  const token = JSON.parse(readFileSync(client.file, "utf8")).tokens[house.url];
  const confirmed = { token, body: { password: "analytical engine" } };
  expect((await speak(house, "POST", "/auth/sessions/current/confirm", confirmed)).status).toBe(204);

  const made = await client.run(["api-keys", "create", "backup", "--scopes", "profile:read, audit:read"]);
  expect([made.exitCode, made.stderr]).toEqual([0, "Keep it now: it is shown this once.\n"]);
  expect(made.stdout).toMatch(/^hk_[0-9A-Za-z]{49}\n$/);
  const key = made.stdout.trim();
  expect((await speak(house, "GET", "/v1/auth/me", { token: key })).status).toBe(200);
  const asJson = await client.ok("api-keys", "create", "other", "--expires-in-days", "30", "--json");
  const { id, ...other } = JSON.parse(asJson);
  expect(other).toEqual({
    name: "other",
    prefix: other.key.slice(0, 9),
    scopes: ["profile:read"],
    expires_at: expect.any(Number),
    key: expect.stringMatching(/^hk_/),
  });
  const lines = (await client.ok("api-keys", "list")).split("\n");
  expect(lines[0]).toMatch(/^ID +NAME +PREFIX +SCOPES +LAST USED +EXPIRES$/);
  expect(lines[1]).toMatch(new RegExp(`^${id} +other +hk_\\w{6} +profile:read +- +\\d{4}-\\d\\d-\\d\\d$`));
  expect(lines[2]).toMatch(/^key_\w{26} +backup +hk_\w{6} +profile:read,audit:read +\d{4}-\d\d-\d\d +never$/);
  expect(JSON.parse(await client.ok("api-keys", "list", "--json")).length).toBe(2);

  expect(await client.ok("api-keys", "delete", id)).toBe(`${id} is deleted\n`);
  expect((await speak(house, "GET", "/v1/auth/me", { token: other.key })).status).toBe(401);
  expect((await speak(house, "GET", "/v1/auth/me", { token: key })).status).toBe(200);
  expect(told(await client.run(["api-keys", "delete", id]), 1)).toBe("housekey: there is nothing here\n");
  expect(told(await client.run(["api-keys", "create", "x", "--scopes", "house:burn"]), 1)).toContain(
    "housekey: ",
  );
  expect(told(await client.run(["api-keys", "create", "x".repeat(65)]), 1)).toMatch(
    /^housekey: name: .*64 characters\n$/,
  );
});

test("what another process does to an account kills its keys and their JWTs in the running house at once", async () => {
  await using operated = await operate();
  const { house, token } = operated;
  const grace = { username: "grace", role: "member", password: "difference engine" };
  await speak(house, "POST", "/auth/users", { token, body: grace });
  const key = async () => {
    const own = (await operated.signIn("grace", "difference engine")).body.token;
    const { data } = (await speak(house, "POST", "/v1/auth/api-keys", { token: own, body: { name: "k" } }))
      .body;
    const jwt = (await speak(house, "POST", "/v1/auth/token", { token: data.key })).body.data.token;
    return [data.key, jwt];
  };
  const answers = async (tokens: string[]) => {
    const asked = tokens.map((one) => speak(house, "GET", "/v1/auth/me", { token: one }));
    return (await Promise.all(asked)).map(({ status }) => status);
  };
  const tokens = await key();
  expect(await answers(tokens)).toEqual([200, 200]);
  await operated.ok("user", "disable", "grace");
  expect(await answers(tokens)).toEqual([401, 401]);
  await operated.ok("user", "enable", "grace");
  expect(await answers(tokens)).toEqual([401, 401]);
  expect(house.output()).not.toContain(tokens[0] ?? "");
});

test("what cannot be said so is told in a line, exit 2; what cannot be done, exit 1", async () => {
  using client = newClient();
  const say = async (exit: number, ...args: string[]) => told(await client.run(args), exit);
  for (const url of ["auth.example.org", "ftp://a", "https://a/path", "https://u:p@a", "http://", ""])
    expect(await say(2, "login", url)).toContain("expected one like https://auth.example.org");
  expect(await say(2, "login")).toContain("login needs URL");
  expect(await say(2, "whoami", "now")).toContain('whoami does not take "now"');
  expect(await say(2, "whoami", "--url", "http://a")).toContain("whoami does not take --url");
  expect(await say(2, "logout", "--config", "x")).toContain("logout does not take --config");
  expect(await say(2, "api-keys")).toContain("api-keys is one of create, list, delete");
  expect(await say(2, "api-keys", "create", "x", "--expires-in-days", "soon")).toContain("a whole number");
  expect(await say(1, "whoami", "--server", "http://localhost:1")).toContain(
    "not signed in to http://localhost:1",
  );
  expect(await say(1, "login", "http://127.0.0.1:1")).toContain("http://127.0.0.1:1 cannot be reached");
  writeFileSync(client.file, "{");
  expect(await say(1, "whoami")).toContain(`cannot read ${client.file}`);
  expect(readFileSync(client.file, "utf8")).toBe("{");
});

test("the folder is the one the environment names, and is closed to others whatever it was", async () => {
  await using operated = await operate();
  using client = newClient();
  const env = { XDG_CONFIG_HOME: join(client.home, "own") };
  expect(told(await client.run(["whoami"], env), 1)).toContain("not signed in");
  expect(told(await client.run(["login", "http://127.0.0.1:1"], env), 1)).toContain("cannot be reached");
  expect(mode(join(client.home, "own/housekey"))).toBe("700");
  expect(existsSync(client.file)).toBe(false);
  await signIn(client, operated.house.url, operated.token);
  chmodSync(join(client.file, ".."), 0o755);
  chmodSync(client.file, 0o644);
  await client.ok("logout");
  expect([mode(client.file), mode(join(client.file, ".."))]).toEqual(["600", "700"]);
});

test("help shows them, without the settings they do not read", async () => {
  using client = newClient();
  const { stdout } = await run(["help"], { cwd: client.home });
  for (const name of ["login", "whoami", "logout", "api-keys create", "api-keys list", "api-keys delete"]) {
    expect(stdout).toContain(`\n  ${name} `);
    const page = await run(["help", ...name.split(" ")], { cwd: client.home });
    expect(page.stdout).toStartWith(`usage: housekey ${name} `);
    expect(page.stdout).not.toContain("SETTING");
  }
});
