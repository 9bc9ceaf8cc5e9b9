import { expect, test } from "bun:test";
import { host } from "../../src/identity/actor.ts";
import { patchUser } from "../../src/identity/people.ts";
import { type Appliance, password, startAppliance } from "../harness.ts";

async function withAdmin(house: Appliance, username = "root") {
  const user = await house.addUser(username, { role: "admin" });
  const { token } = await house.addSession(user);
  return { user, token };
}

const patch = (house: Appliance, token: string, id: string, body: object) =>
  house.call("PATCH", `/auth/users/${id}`, { token, body });
const alive = async (house: Appliance, token: string) =>
  (await house.get("/auth/sessions/current", { token })).status === 200;
const signIn = (house: Appliance, username: string, own = password) =>
  house.post("/auth/local/login", { username, password: own });

test("an admin makes an account with a password, and its owner signs in", async () => {
  await using house = await startAppliance();
  const { token } = await withAdmin(house);
  const body = { username: "Ada", email: "Ada@example.com", name: "Ada L.", role: "member", password };
  const made = await house.post("/auth/users", body, { token });
  expect(made.status).toBe(201);
  expect(made.body).toEqual({
    user: {
      id: expect.stringMatching(/^usr_/),
      username: "ada",
      email: "ada@example.com",
      email_verified: false,
      name: "Ada L.",
      role: "member",
      two_factor_enabled: false,
      created_at: "2026-01-01T00:00:00.000Z",
      disabled: false,
    },
  });
  expect((await signIn(house, "ada")).status).toBe(201);
  for (const [again, code] of [
    [{ ...body, email: "other@example.com" }, "USERNAME_TAKEN"],
    [{ ...body, username: "other" }, "EMAIL_TAKEN"],
  ] as const) {
    const refused = await house.post("/auth/users", again, { token });
    expect([refused.status, refused.body.error.code]).toEqual([409, code]);
  }
  const weak = await house.post(
    "/auth/users",
    { ...body, username: "x", email: null, password: "short" },
    { token },
  );
  expect(weak.body.error.code).toBe("WEAK_PASSWORD");
});

test("without a password the account comes with a link by which its owner chooses one", async () => {
  await using house = await startAppliance();
  const { token } = await withAdmin(house);
  const made = await house.post("/auth/users", { username: "ada", role: "member" }, { token });
  const link = /^http:\/\/localhost:8420\/recover#token=([0-9a-f]{48})$/.exec(made.body.setup_url)?.[1];
  expect((await signIn(house, "ada", "")).status).toBe(400);
  house.advance(7 * 86_400 - 1);
  const done = await house.post("/auth/recovery/complete", { token: link, password });
  expect([done.status, done.body.user.username]).toEqual([201, "ada"]);
  expect((await signIn(house, "ada")).status).toBe(201);
});

test("people are listed in pieces, and found by a part of a name or an address", async () => {
  await using house = await startAppliance();
  const { token } = await withAdmin(house);
  for (let n = 0; n < 7; n++) {
    house.advance(1);
    await house.addUser(`user${n}`, { name: n === 3 ? "Ada 100%_sure" : null });
  }
  const names = async (query: string) => {
    const { body } = await house.get(`/auth/users?${query}`, { token });
    return [body.users.map(({ username }: { username: string }) => username), body.next];
  };
  const [first, next] = await names("limit=3");
  expect(first).toEqual(["root", "user0", "user1"]);
  const [second, last] = await names(`limit=5&cursor=${next}`);
  expect(second).toEqual(["user2", "user3", "user4", "user5", "user6"]);
  expect(last).toBeNull();
  expect(await names("q=USER3")).toEqual([["user3"], null]);
  expect(await names("q=user5%40example")).toEqual([["user5"], null]);
  expect(await names(`q=${encodeURIComponent("100%_")}`)).toEqual([["user3"], null]);
  expect(await names("q=%25")).toEqual([["user3"], null]);
  for (const query of ["limit=0", "limit=201", "limit=x", "limit=1e2", "q="])
    expect([query, (await house.get(`/auth/users?${query}`, { token })).status]).toEqual([query, 400]);
});

test("disabling ends everything the account had, at once; enabling lets it sign in again", async () => {
  await using house = await startAppliance();
  const { token } = await withAdmin(house);
  const ada = await house.addUser("ada");
  const session = await house.addSession(ada);
  const { url } = (await house.post(`/auth/users/${ada.id}/recovery`, undefined, { token })).body;
  const link = String(url).split("#token=")[1];
  expect(await alive(house, session.token)).toBe(true);

  const disabled = await patch(house, token, ada.id, { disabled: true });
  expect([disabled.status, disabled.body.disabled]).toEqual([200, true]);
  expect(await alive(house, session.token)).toBe(false);
  expect((await signIn(house, "ada")).body.error.code).toBe("ACCOUNT_DISABLED");
  expect((await house.post("/auth/recovery/complete", { token: link, password })).status).toBe(401);

  expect((await patch(house, token, ada.id, { disabled: false })).body.disabled).toBe(false);
  expect(await alive(house, session.token)).toBe(false);
  expect((await signIn(house, "ada")).status).toBe(201);
});

test("a demotion narrows at once what an open session may do, and what was minted as an admin is void", async () => {
  await using house = await startAppliance();
  const { token } = await withAdmin(house);
  const other = await withAdmin(house, "other");
  const minted = await house.post("/auth/bootstrap/tokens", {}, { token: other.token });
  const invited = await house.post("/auth/invites", { role: "admin" }, { token: other.token });
  expect((await patch(house, token, other.user.id, { role: "member" })).status).toBe(200);
  expect(await alive(house, other.token)).toBe(true);
  expect((await house.get("/auth/users", { token: other.token })).status).toBe(403);
  const facts = { username: "eve", password };
  const complete = await house.post("/auth/bootstrap/complete", { ...facts, token: minted.body.token });
  expect(complete.body.error.code).toBe("BOOTSTRAP_TOKEN_INVALID");
  const accept = await house.post("/auth/invites/accept", { ...facts, token: invited.body.token });
  expect(accept.body.error.code).toBe("INVALID_TOKEN");
});

test("an admin who is one no longer leaves no way back in: neither an invitation, nor a token, nor a link", async () => {
  await using house = await startAppliance();
  const { token, user: root } = await withAdmin(house);
  const eve = await withAdmin(house, "eve");
  const { url } = (await house.post(`/auth/users/${root.id}/recovery`, undefined, { token: eve.token })).body;
  const made = await house.post("/auth/users", { username: "puppet", role: "admin" }, { token: eve.token });
  expect((await patch(house, token, eve.user.id, { disabled: true })).status).toBe(200);
  for (const link of [url, made.body.setup_url]) {
    const taken = await house.post("/auth/recovery/complete", { token: link.split("#token=")[1], password });
    expect([taken.status, taken.body.error.code]).toEqual([401, "INVALID_TOKEN"]);
  }
});

test("a demotion that comes while a request is under way is felt in its write", async () => {
  for (let round = 0; round < 5; round++) {
    await using house = await startAppliance();
    const { token } = await withAdmin(house);
    const eve = await withAdmin(house, "eve");
    const [demoted, ...answers] = await Promise.all([
      patch(house, token, eve.user.id, { role: "member" }),
      house.post("/auth/invites", { role: "admin" }, { token: eve.token }),
      house.post("/auth/bootstrap/tokens", {}, { token: eve.token }),
      patch(house, eve.token, eve.user.id, { role: "admin" }),
      house.post("/auth/users", { username: "puppet", role: "admin", password }, { token: eve.token }),
      house.call("PATCH", "/auth/settings", { token: eve.token, body: { registration: "open" } }),
    ]);
    expect(demoted.status).toBe(200);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 403));
    const { read } = house.core.store;
    expect((await read.users.find(eve.user.id))?.role).toBe("member");
    expect(await read.invites.list({ after: null, limit: 10 }, house.core.clock())).toEqual([]);
    expect(await read.bootstraps.list(house.core.clock())).toEqual([]);
  }
});

test("the house keeps at least one admin, also when two take each other's place away at once", async () => {
  await using house = await startAppliance();
  const one = await withAdmin(house);
  const refusals = [
    await patch(house, one.token, one.user.id, { role: "member" }),
    await patch(house, one.token, one.user.id, { disabled: true }),
    await house.delete(`/auth/users/${one.user.id}`, { token: one.token }),
    await house.delete("/auth/me", { token: one.token }),
  ];
  for (const { status, body } of refusals) expect([status, body.error.code]).toEqual([409, "LAST_ADMIN"]);
  expect(await alive(house, one.token)).toBe(true);

  for (let round = 0; round < 10; round++) {
    const two = await withAdmin(house, `admin${round}`);
    const answers = await Promise.all([
      patch(house, one.token, two.user.id, { role: "member" }),
      patch(house, two.token, one.user.id, { disabled: true }),
      house.delete("/auth/me", { token: two.token }),
    ]);
    expect(answers.some(({ status }) => status < 300)).toBe(true);
    const { users } = house.core.store.read;
    expect(await users.hasLiveAdmin()).toBe(true);
    if ((await users.find(one.user.id))?.disabledAt) {
      await patchUser(house.core, host, one.user.id, { disabled: false });
      one.token = (await house.addSession(one.user)).token;
    }
    await house.core.store.write((tx) => tx.users.delete(two.user.id));
  }
});

test("a deleted account is gone with its sessions; its lines in the audit stay", async () => {
  await using house = await startAppliance();
  const { token } = await withAdmin(house);
  const ada = await house.addUser("ada");
  const session = await house.addSession(ada);
  expect(await alive(house, session.token)).toBe(true);
  expect((await house.delete(`/auth/users/${ada.id}`, { token })).status).toBe(204);
  expect(await alive(house, session.token)).toBe(false);
  expect((await house.get(`/auth/users/${ada.id}`, { token })).status).toBe(404);
  expect((await signIn(house, "ada")).status).toBe(401);
  const { body } = await house.get(`/auth/audit?user_id=${ada.id}`, { token });
  expect(body.events.map(({ event }: { event: string }) => event)).toEqual([
    "user.deleted",
    "signin.succeeded",
  ]);
  expect((await house.addUser("ada")).username).toBe("ada");
});

test("what an admin patches is seen, and an address that is another's is not taken", async () => {
  await using house = await startAppliance();
  const { token, user } = await withAdmin(house);
  const ada = await house.addUser("ada", { emailVerified: true });
  const changed = await patch(house, token, ada.id, { name: "Ada", email: "NEW@example.com" });
  expect(changed.body).toMatchObject({ name: "Ada", email: "new@example.com", email_verified: false });
  const taken = await patch(house, token, ada.id, { email: user.email ?? "" });
  expect([taken.status, taken.body.error.code]).toEqual([409, "EMAIL_TAKEN"]);
  expect((await patch(house, token, ada.id, {})).status).toBe(200);
  expect((await patch(house, token, "usr_nobody", { name: "x" })).status).toBe(404);
  const sneaky = { id: "usr_x", username: "eve", password_hash: "x", created_at: 0, email_verified: true };
  expect((await patch(house, token, ada.id, sneaky)).body).toEqual(changed.body);
});

test("a person changes their own name and username, and deletes their account", async () => {
  await using house = await startAppliance();
  await withAdmin(house);
  const { token } = await house.addSession(await house.addUser("ada"));
  const me = (body: object) => house.call("PATCH", "/auth/me", { token, body });
  expect((await me({ name: "Ada", username: "Countess" })).body).toMatchObject({
    name: "Ada",
    username: "countess",
  });
  expect((await me({ username: "root" })).body.error.code).toBe("USERNAME_TAKEN");
  expect((await me({ role: "admin", email: "x@y.example" })).body).toMatchObject({
    role: "member",
    email: "ada@example.com",
  });
  expect((await signIn(house, "countess")).status).toBe(201);
  house.advance(901);
  expect((await house.delete("/auth/me", { token })).body.error.code).toBe("FRESH_LOGIN_REQUIRED");
  await house.post("/auth/sessions/current/confirm", { password }, { token });
  const gone = await house.delete("/auth/me", { token });
  expect([gone.status, gone.headers.getSetCookie()[0]]).toEqual([204, expect.stringContaining("Max-Age=0")]);
  expect((await signIn(house, "countess")).status).toBe(401);
});

test("an admin sees another's sessions", async () => {
  await using house = await startAppliance();
  const { token } = await withAdmin(house);
  const ada = await house.addUser("ada");
  const { id } = await house.addSession(ada);
  const { body } = await house.get(`/auth/users/${ada.id}/sessions`, { token });
  expect(body).toMatchObject([{ id, current: false }]);
  expect((await house.get(`/auth/users/${ada.id}/api-keys`, { token })).body).toEqual([]);
  for (const path of ["sessions", "api-keys"])
    expect((await house.get(`/auth/users/usr_nobody/${path}`, { token })).status).toBe(404);
});
