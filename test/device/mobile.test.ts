/** Signing in and out on the mobile surface, and its list of sessions. */
import { expect, test } from "bun:test";
import { password } from "../harness.ts";
import { codeAt, enrol } from "../two-factor/app.ts";
import { codeOf, fifty, from, person, standing, start } from "./steps.ts";

test("a password gives a token, in the body and in the header", async () => {
  await using house = await start();
  await house.addUser("ada");
  for (const username of ["ada", "ADA", "Ada@Example.com"]) {
    const asked = from("10.0.0.5", "housekey-phone/2.0");
    const { status, body, headers, cookie } = await house.post(
      "/api/auth/login",
      { username, password },
      asked,
    );
    expect([status, body]).toEqual([
      200,
      { token: expect.stringMatching(/^[0-9a-f]{96}$/), message: expect.any(String) },
    ]);
    expect([headers.get("authorization"), cookie, headers.get("cache-control")]).toEqual([
      body.token,
      "",
      "no-store",
    ]);
    expect(await standing(house, body.token)).toMatchObject({
      kind: "mobile",
      methods: ["pwd"],
      ip: "10.0.0.5",
      user_agent: "housekey-phone/2.0",
    });
  }
});

test("scripts of own origins may read the header", async () => {
  await using house = await start();
  await house.addUser("ada");
  const { headers } = await house.post("/api/auth/login", { username: "ada", password });
  expect(headers.get("access-control-expose-headers")?.toLowerCase()).toContain("authorization");
});

test("wrong passwords and unknown names are told apart by nothing; missing and odd fields are named", async () => {
  await using house = await start();
  await house.addUser("ada");
  const login = (body: unknown) => house.post("/api/auth/login", body);
  const [wrong, unknown] = [
    await login({ username: "ada", password: "wrong" }),
    await login({ username: "nobody", password }),
  ];
  expect([...codeOf(wrong), wrong.headers.get("authorization")]).toEqual([401, "INVALID_CREDENTIALS", null]);
  expect([unknown.status, unknown.text]).toEqual([wrong.status, wrong.text]);
  expect((await login({})).body.error.details.map(({ path }: { path: string }) => path)).toEqual([
    "username",
    "password",
  ]);
  for (const code of ["", "x".repeat(33), -1, 1_000_000, 0.5, true, [], {}])
    expect(codeOf(await login({ username: "ada", password, code }))).toEqual([400, "INVALID_REQUEST"]);
  for (const body of [
    { username: 5, password },
    { username: "ada", password: ["x"] },
    { username: "", password },
  ])
    expect(codeOf(await login(body))).toEqual([400, "INVALID_REQUEST"]);
});

test("with two-factor on the code is asked for, and a client may keep it as a number", async () => {
  await using house = await start();
  const { token } = await person(house, "ada");
  const { secret } = await enrol(house, token);
  const now = () => codeAt(secret, house.core.clock());
  const login = (code?: unknown) => house.post("/api/auth/login", { username: "ada", password, code });
  expect(codeOf(await login())).toEqual([401, "TOTP_REQUIRED"]);
  do house.advance(30);
  while (!now().startsWith("0"));
  for (const wrong of [Number(now()) + 1, "000000x"])
    expect(codeOf(await login(wrong))).toEqual([401, "INVALID_CODE"]);
  const done = await login(Number(now()));
  expect([done.status, (await standing(house, done.body.token)).methods]).toEqual([200, ["pwd", "totp"]]);
  expect(codeOf(await login(now()))).toEqual([401, "INVALID_CODE"]);
  house.advance(30);
  expect((await login(now())).status).toBe(200);
});

test("a disabled account hears so once its password was right", async () => {
  await using house = await start();
  await house.addUser("ada", { disabledAt: new Date("2026-01-01") });
  const login = (own: string) => house.post("/api/auth/login", { username: "ada", password: own });
  expect(codeOf(await login("wrong"))).toEqual([401, "INVALID_CREDENTIALS"]);
  expect(codeOf(await login(password))).toEqual([403, "ACCOUNT_DISABLED"]);
});

test("logging in is one of the sign-ins of a minute, whatever the surface", async () => {
  await using house = await start({ limit_signin: { count: 10, seconds: 60 } });
  const wrong = (n: number) => ({ username: `user${n}`, password: "wrong" });
  for (let n = 0; n < 5; n++) {
    expect((await house.post("/api/auth/login", wrong(n))).status).toBe(401);
    expect((await house.post("/auth/local/login", wrong(n + 50))).status).toBe(401);
  }
  expect(codeOf(await house.post("/api/auth/login", wrong(9)))).toEqual([429, "RATE_LIMITED"]);
});

test("a token is given up once, of whatever kind its session is", async () => {
  await using house = await start();
  await house.addUser("ada");
  const mobile = (await house.post("/api/auth/login", { username: "ada", password })).body;
  const web = (await house.post("/auth/local/login", { username: "ada", password })).body;
  const logout = (token: unknown) => house.post("/api/auth/logout", { token });
  for (const { token } of [mobile, web]) {
    expect(await logout(token)).toMatchObject({ status: 200, body: { message: expect.any(String) } });
    expect(await standing(house, token)).toBe(401);
    expect(codeOf(await logout(token))).toEqual([401, "INVALID_TOKEN"]);
  }
  expect(codeOf(await logout("0".repeat(96)))).toEqual([401, "INVALID_TOKEN"]);
  for (const odd of [
    undefined,
    null,
    "",
    5,
    "x",
    mobile.token.toUpperCase(),
    mobile.token.slice(1),
    `${mobile.token}0`,
  ])
    expect(codeOf(await logout(odd))).toEqual([400, "INVALID_REQUEST"]);
});

test("of fifty who give one token up at once, one does", async () => {
  await using house = await start();
  const { token } = await person(house, "ada");
  const answers = await fifty(() => house.post("/api/auth/logout", { token }));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(49);
});

for (const name of ["session", "sessions"]) {
  test(`/api/${name}/list shows the others, /api/${name}/:id ends one`, async () => {
    await using house = await start();
    const user = await house.addUser("ada");
    const bob = await person(house, "bob");
    const [mine, other] = [await house.addSession(user), await house.addSession(user)];
    const listed = await house.get(`/api/${name}/list`, mine);
    expect(listed.body).toEqual([
      { id: other.id, ip: "127.0.0.1", userAgent: null, lastActivity: "2026-01-01T00:00:00.000Z" },
    ]);
    for (const id of [bob.session, "ses_none", "..", "%00", "list"])
      expect((await house.delete(`/api/${name}/${id}`, mine)).status).toBe(404);
    expect((await house.delete(`/api/${name}/${other.id}`, mine)).body).toEqual({
      message: expect.any(String),
    });
    expect(await standing(house, other.token)).toBe(401);
    expect((await house.delete(`/api/${name}/${other.id}`, mine)).status).toBe(404);
    expect(await standing(house, bob.token)).toMatchObject({ username: "bob" });
    expect((await house.get(`/api/${name}/list`, mine)).body).toEqual([]);
    expect((await house.delete(`/api/${name}/${mine.id}`, mine)).status).toBe(200);
    for (const who of [mine, {}, { token: "x" }])
      expect(codeOf(await house.get(`/api/${name}/list`, who))).toEqual([401, "UNAUTHENTICATED"]);
  });

  test(`not even an admin ends another's session through /api/${name}`, async () => {
    await using house = await start();
    const bob = await person(house, "bob");
    const root = await house.addSession(await house.addUser("root", { role: "admin" }));
    expect((await house.delete(`/api/${name}/${bob.session}`, root)).status).toBe(404);
    expect(await standing(house, bob.token)).toMatchObject({ username: "bob" });
  });
}
