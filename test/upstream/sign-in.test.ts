import { expect, test } from "bun:test";
import { grace } from "./provider.ts";
import { leave, linked, locationOf, openHouse, visit, whoIs } from "./visit.ts";

const failed = (code: string) => `/login?error=${code}`;

test("whom the provider knows and the house does not gets an account, and is where they wanted to go", async () => {
  await using visited = await openHouse({ auto_provision: true });
  const back = await visit(visited, undefined, "/settings?tab=keys#new");
  expect([back.status, locationOf(back), back.text]).toEqual([302, "/settings?tab=keys#new", ""]);
  const { user, session } = await whoIs(visited, back);
  expect(user).toMatchObject({
    username: "grace",
    email: "grace@example.com",
    email_verified: true,
    name: "Grace Hopper",
    role: "member",
  });
  expect(session).toMatchObject({ kind: "web", methods: ["oidc"] });
  const again = await visit(visited);
  expect((await whoIs(visited, again)).user.id).toBe(user.id);
});

test("the browser is sent off with everything bound to it, and nothing of that is in the house", async () => {
  await using visited = await openHouse({ auto_provision: true });
  const { house, provider } = visited;
  const answer = await house.get("/auth/oidc/login?return_to=/settings");
  const url = new URL(locationOf(answer) ?? "");
  expect(url.origin + url.pathname).toBe(`${provider.issuer}/authorize`);
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    client_id: "housekey",
    redirect_uri: "http://localhost:8420/auth/oidc/callback",
    response_type: "code",
    scope: "openid email profile",
    code_challenge_method: "S256",
  });
  for (const name of ["state", "nonce", "code_challenge"])
    expect(url.searchParams.get(name)?.length).toBeGreaterThanOrEqual(43);
  expect(url.searchParams.get("state")).not.toContain(
    Buffer.from("settings").toString("base64url").slice(0, 8),
  );
  expect(answer.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^housekey-flow=[0-9a-f]{64}; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/),
  ]);
});

test("over https its cookies carry the host's prefix", async () => {
  await using visited = await openHouse({ auto_provision: true }, { url: "https://auth.example.org" });
  const [line] = (await visited.house.get("/auth/oidc/login")).headers.getSetCookie();
  expect(line).toMatch(
    /^__Host-housekey-flow=[0-9a-f]{64}; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/,
  );
  const back = await visit(visited);
  expect(locationOf(back)).toBe("/");
  expect(back.cookie).toMatch(/^__Host-housekey=[0-9a-f]{96}; __Host-housekey-device=/);
});

test("the token is in the cookie and nowhere else", async () => {
  await using visited = await openHouse({ auto_provision: true });
  const back = await visit(visited);
  const [, token = ""] = /housekey=([0-9a-f]{96})/.exec(back.cookie) ?? [];
  expect((await visited.house.get("/auth/sessions/current", { token })).status).toBe(200);
  expect(locationOf(back) + back.text).not.toContain(token);
});

for (const [auto_provision, registration] of [
  [false, "open"],
  [true, "closed"],
  [true, "invite"],
] as const)
  test(`a newcomer is turned away: auto_provision ${auto_provision}, registration ${registration}`, async () => {
    await using visited = await openHouse({ auto_provision }, { registration });
    const back = await visit(visited);
    expect([locationOf(back), await whoIs(visited, back)]).toEqual([failed("REGISTRATION_CLOSED"), null]);
    expect(await visited.reason()).toBe("REGISTRATION_CLOSED");
    const whose = await linked(visited, "ada");
    expect((await whoIs(visited, await visit(visited, whose))).user.username).toBe("ada");
  });

test("a person who says no at the provider is told so, and so is one who is told to come later", async () => {
  await using visited = await openHouse({ auto_provision: true });
  for (const [error, code] of [
    ["access_denied", "UPSTREAM_DENIED"],
    ["login_required", "UPSTREAM_DENIED"],
    ["server_error", "UPSTREAM_UNAVAILABLE"],
    ["temporarily_unavailable", "UPSTREAM_UNAVAILABLE"],
  ]) {
    const gone = await leave(visited);
    const path = visited.provider.authorize(gone.url).replace(/code=[^&]*/, `error=${error}`);
    expect(locationOf(await visited.house.get(path, { cookie: gone.cookie }))).toBe(failed(code ?? ""));
    expect(await visited.reason()).toContain(`says: ${error}.`);
  }
});

test("a disabled account stays out", async () => {
  await using visited = await openHouse();
  const whose = await linked(visited, "ada");
  const { users } = (await visited.house.get("/auth/users?q=ada", { token: visited.admin.token })).body;
  await visited.house.call("PATCH", `/auth/users/${users[0].id}`, {
    token: visited.admin.token,
    body: { disabled: true },
  });
  const back = await visit(visited, whose);
  expect([locationOf(back), back.cookie, await whoIs(visited, back)]).toEqual([
    failed("ACCOUNT_DISABLED"),
    "",
    null,
  ]);
});

test("a provider that is down is told on the sign-in page, and everybody else signs in as ever", async () => {
  await using visited = await openHouse({ auto_provision: true });
  const { house } = visited;
  const gone = await leave(visited);
  const path = visited.provider.authorize(gone.url);
  await visited.provider.stop();
  expect(locationOf(await house.get(path, gone))).toBe(failed("UPSTREAM_UNAVAILABLE"));
  expect(await visited.reason()).toMatch(/refuses the connection/);
  house.advance(601);
  expect(locationOf(await house.get("/auth/oidc/login"))).toBe(failed("UPSTREAM_UNAVAILABLE"));
  expect(
    (await house.post("/auth/local/login", { username: "root", password: "analytical engine" })).status,
  ).toBe(201);
});

test("addresses that a provider keeps out of its ID tokens are asked for, all of them or none", async () => {
  await using visited = await openHouse({ auto_provision: true });
  const { lies } = visited.provider;
  lies.claims = ({ email: _, email_verified: __, name: ___, ...rest }) => rest;
  const { user } = await whoIs(visited, await visit(visited));
  expect([user.email, user.email_verified, user.name]).toEqual(["grace@example.com", true, "Grace Hopper"]);
  // An address of the one with the word of the other would be nobody's word.
  lies.claims = ({ email_verified: _, ...rest }) => rest;
  const other = { ...grace, sub: "2", email: "other@example.com", preferred_username: "other" };
  expect((await whoIs(visited, await visit(visited, other))).user.email).toBeNull();
});

test("a public client shows no secret", async () => {
  await using visited = await openHouse({ auto_provision: true, client_secret: null });
  expect(locationOf(await visit(visited))).toBe("/");
});

test("names that cannot be usernames are made into some, and nobody's is taken", async () => {
  await using visited = await openHouse({ auto_provision: true });
  const names = ["Räte & Söhne", "root", "", "x".repeat(300), "a\r\nb", "ada@elsewhere.example"];
  const made = [];
  for (const [n, preferred_username] of names.entries())
    made.push(
      (await whoIs(visited, await visit(visited, { sub: `s${n}`, preferred_username }))).user.username,
    );
  expect(made).toEqual([
    "r-te---s-hne",
    expect.stringMatching(/^root-[0-9a-f]{8}$/),
    "user",
    expect.stringMatching(/^user-[0-9a-f]{8}$/),
    "ab",
    "ada",
  ]);
});
