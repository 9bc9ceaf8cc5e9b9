import { expect, test } from "bun:test";
import { existsSync, readFileSync, statSync } from "node:fs";
import { host } from "../../src/identity/actor.ts";
import { beginFirstRun, mintBootstrapToken, renewFirstRun } from "../../src/identity/bootstrap.ts";
import { type Appliance, password, startAppliance } from "../harness.ts";

const complete = (house: Appliance, token: string, rest: object = { username: "Ada", password }) =>
  house.post("/auth/bootstrap/complete", { token, ...rest });

test("the holder of the first-run token becomes the admin and is signed in, by cookie and by token", async () => {
  await using house = await startAppliance();
  const token = await house.firstRunToken();
  expect((await house.get("/auth/options")).body).toEqual({
    bootstrapped: false,
    former_rp_id: null,
    registration: "closed",
    local_login: true,
    mail_login: true,
    password_min: 8,
    mail: false,
    oidc: null,
    google_client_id: null,
    cookie_domain: null,
    url: "http://localhost:8420",
    url_is_set: false,
    seen: { origin: "http://localhost:8420", proxy: "none" },
  });

  const made = await complete(house, token, {
    username: "Ada.L",
    password,
    email: "Ada@Example.com",
    name: "Ada Lovelace",
  });
  expect(made.status).toBe(201);
  expect(made.body).toEqual({
    token: expect.stringMatching(/^[0-9a-f]{96}$/),
    token_type: "Bearer",
    expires_at: "2026-01-31T00:00:00.000Z",
    user: {
      id: expect.stringMatching(/^usr_[0-9a-hjkmnp-tv-z]{26}$/),
      username: "ada.l",
      email: "ada@example.com",
      email_verified: false,
      name: "Ada Lovelace",
      role: "admin",
      two_factor_enabled: false,
      created_at: "2026-01-01T00:00:00.000Z",
    },
  });
  const [session, device] = made.headers.getSetCookie();
  expect(session).toMatch(/^housekey=[0-9a-f]{96}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/);
  expect(device).toMatch(/^housekey-device=[0-9a-f]{64}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/);
  expect(made.headers.get("cache-control")).toBe("no-store");

  const byCookie = await house.get("/auth/sessions/current", { cookie: made.cookie });
  const byToken = await house.get("/auth/sessions/current", { token: made.body.token });
  expect(byCookie.body).toEqual(byToken.body);
  expect(byCookie.body.user).toEqual(made.body.user);
  expect((await house.get("/auth/options")).body.bootstrapped).toBe(true);
});

test("over https the cookies are __Host- and Secure, and __Secure- when they reach sibling hosts", async () => {
  const url = "https://auth.example.org";
  for (const [values, name] of [
    [{ url }, "__Host-housekey"],
    [{ url, cookie_domain: "example.org" }, "__Secure-housekey"],
  ] as const) {
    await using house = await startAppliance({ values });
    const token = await house.firstRunToken();
    const made = await house.post(
      "/auth/bootstrap/complete",
      { token, username: "ada", password },
      { origin: url },
    );
    const [session, device] = made.headers.getSetCookie();
    expect(session).toStartWith(`${name}=`);
    expect(session).toContain("; Secure");
    expect(session?.includes("Domain=example.org")).toBe("cookie_domain" in values);
    expect(device).toMatch(/^__Host-housekey-device=.*; Secure$/);
    expect((await house.get("/auth/sessions/current", { cookie: made.cookie })).status).toBe(200);
  }
});

test("completing writes the marker and removes the token file, both for their owner alone", async () => {
  await using house = await startAppliance();
  const token = await house.firstRunToken();
  const file = `${house.folder}/bootstrap-token`;
  expect(readFileSync(file, "utf8")).toBe(`${token}\n`);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await complete(house, token);
  expect(existsSync(file)).toBe(false);
  expect(statSync(`${house.folder}/bootstrapped`).mode & 0o777).toBe(0o600);
});

test("once there is an admin the first-run token is 409, and any other bad token 401, alike", async () => {
  await using house = await startAppliance();
  const token = await house.firstRunToken();
  const wrong = await complete(house, "f".repeat(64));
  expect([wrong.status, wrong.body.error.code]).toEqual([401, "BOOTSTRAP_TOKEN_INVALID"]);
  expect(wrong.headers.get("www-authenticate")).toBe("Bearer");
  await complete(house, token);

  const again = await complete(house, token, { username: "eve", password });
  expect([again.status, again.body.error.code]).toEqual([409, "ALREADY_BOOTSTRAPPED"]);
  const { token: spent } = await mintBootstrapToken(house.core, host, { seconds: 60, note: null });
  expect((await complete(house, spent, { username: "bob", password })).status).toBe(201);
  const { token: expired } = await mintBootstrapToken(house.core, host, { seconds: 60, note: null });
  house.advance(60);
  for (const bad of [spent, expired, "f".repeat(64)])
    expect((await complete(house, bad, { username: "eve", password })).text).toBe(wrong.text);
});

test("the token is judged before anything else of the request", async () => {
  await using house = await startAppliance();
  const token = await house.firstRunToken();
  expect((await complete(house, "wrong", {})).status).toBe(401);
  expect((await complete(house, token, {})).status).toBe(400);
  await complete(house, token);
  expect((await complete(house, token, {})).status).toBe(409);
});

test("what is refused does not spend the token: a weak password, a name or an address that is taken", async () => {
  await using house = await startAppliance();
  await complete(house, await house.firstRunToken(), { username: "ada", password, email: "ada@example.com" });
  const { token } = await mintBootstrapToken(house.core, host, { seconds: 60, note: null });
  const refused = [
    { body: { username: "bob", password: "short" }, status: 400, code: "WEAK_PASSWORD" },
    { body: { username: "ADA", password }, status: 409, code: "USERNAME_TAKEN" },
    { body: { username: "bob", password, email: "ADA@example.com" }, status: 409, code: "EMAIL_TAKEN" },
    { body: { username: "b@b", password }, status: 400, code: "INVALID_REQUEST" },
  ];
  for (const { body, status, code } of refused) {
    const answer = await complete(house, token, body);
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  }
  const bob = await complete(house, token, { username: "bob", password });
  expect([bob.status, bob.body.user.role]).toEqual([201, "admin"]);
});

test("fifty at once: one token makes one admin, and the others hear the truth", async () => {
  await using house = await startAppliance();
  const token = await house.firstRunToken();
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) => complete(house, token, { username: `u${n}`, password })),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(49);
  expect(await house.core.store.read.users.count()).toBe(1);
});

test("fifty at once with a token that the host minted: one more admin", async () => {
  await using house = await startAppliance();
  await complete(house, await house.firstRunToken());
  const { token } = await mintBootstrapToken(house.core, host, { seconds: 60, note: null });
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) => complete(house, token, { username: `u${n}`, password })),
  );
  const count = (wanted: number) => answers.filter(({ status }) => status === wanted).length;
  expect([count(201), count(401)]).toEqual([1, 49]);
  expect(await house.core.store.read.users.count()).toBe(2);
});

test("a first-run token lives a day, is renewed while the house is served, and a restart mints anew", async () => {
  await using house = await startAppliance();
  const first = await house.firstRunToken();
  house.advance(86_399);
  await renewFirstRun(house.core, first);
  house.advance(86_399);
  expect((await complete(house, first, {})).status).toBe(400);
  house.advance(1);
  expect((await complete(house, first, {})).status).toBe(401);

  const second = await house.firstRunToken();
  expect(second).not.toBe(first);
  expect((await complete(house, first)).status).toBe(401);
  expect((await complete(house, second)).status).toBe(201);
});

test("the operator's own token is taken instead of a minted one", async () => {
  await using house = await startAppliance();
  const preset = "correct-horse-battery-staple-and-more";
  expect(await house.firstRunToken(preset)).toBe(preset);
  expect((await complete(house, preset)).status).toBe(201);
});

test("a start finds the house open, closed, or lost", async () => {
  await using house = await startAppliance();
  const begin = () => beginFirstRun(house.core, null);
  await house.addUser("member");
  expect(await begin()).toEqual({ state: "closed" });
  expect(house.core.firstRun.isMarked()).toBe(false);

  await house.addUser("admin", { role: "admin" });
  expect(await begin()).toEqual({ state: "closed" });
  expect(house.core.firstRun.isMarked()).toBe(true);

  await using empty = await startAppliance({ tampered: true });
  empty.core.firstRun.conclude();
  expect(await beginFirstRun(empty.core, null)).toEqual({ state: "lost" });
});

test("a page of another origin cannot complete the set-up, and leaves the token as it was", async () => {
  await using house = await startAppliance();
  const token = await house.firstRunToken();
  const body = { token, username: "eve", password };
  for (const origin of ["https://evil.example", "null", "http://localhost:8421"]) {
    const answer = await house.post("/auth/bootstrap/complete", body, { origin });
    expect([answer.status, answer.body.error.code]).toEqual([403, "ORIGIN_NOT_ALLOWED"]);
  }
  expect((await complete(house, token)).status).toBe(201);
});

test("a new admin's password and token stand nowhere in the database in the clear", async () => {
  await using house = await startAppliance();
  const token = await house.firstRunToken();
  const made = await complete(house, token);
  await house.core.store.close();
  const stored = readFileSync(`${house.folder}/housekey.db`).toString("latin1");
  for (const secret of [token, password, made.body.token]) expect(stored.includes(secret)).toBe(false);
  expect(stored.includes("$argon2id$")).toBe(true);
});
