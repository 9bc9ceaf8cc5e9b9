import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { writeSightings } from "../../src/identity/session.ts";
import { type Appliance, password, startAppliance } from "../harness.ts";

const day = 86_400;
const current = (house: Appliance, token: string) => house.get("/auth/sessions/current", { token });
const list = async (house: Appliance, token: string): Promise<string[]> =>
  (await house.get("/auth/sessions", { token })).body.map(({ id }: { id: string }) => id);

test("a session shows what it is, and which one asks", async () => {
  await using house = await startAppliance();
  const ada = await house.addUser("ada");
  const asked = { headers: { "user-agent": "Firefox" } };
  const { body } = await house.post("/auth/local/login", { username: "ada", password }, asked);
  const second = await house.addSession(ada);
  const { body: sessions } = await house.get("/auth/sessions", { token: body.token });
  expect(sessions).toHaveLength(2);
  expect(sessions.find(({ current }: { current: boolean }) => current)).toEqual({
    id: expect.stringMatching(/^ses_[0-9a-z]{26}$/),
    kind: "web",
    device: "Firefox",
    ip: "127.0.0.1",
    user_agent: "Firefox",
    created_at: "2026-01-01T00:00:00.000Z",
    last_seen_at: "2026-01-01T00:00:00.000Z",
    expires_at: "2026-01-31T00:00:00.000Z",
    current: true,
    methods: ["pwd"],
  });
  expect(sessions.some(({ id }: { id: string }) => id === second.id)).toBe(true);
});

test("one session is ended and bites on the next request; the others go on", async () => {
  await using house = await startAppliance();
  const ada = await house.addUser("ada");
  const [here, there] = [await house.addSession(ada), await house.addSession(ada)];
  expect((await current(house, there.token)).status).toBe(200);
  expect((await house.delete(`/auth/sessions/${there.id}`, { token: here.token })).status).toBe(204);
  expect((await current(house, there.token)).status).toBe(401);
  expect(await list(house, here.token)).toEqual([here.id]);
  // It is gone: ending it again looks like ending one that never was.
  expect((await house.delete(`/auth/sessions/${there.id}`, { token: here.token })).status).toBe(404);
});

test("nobody but an admin ends another person's session, and theirs looks like none at all", async () => {
  await using house = await startAppliance();
  const [ada, bob] = [await house.addUser("ada"), await house.addUser("bob")];
  const root = await house.addSession(await house.addUser("root", { role: "admin" }));
  const [hers, his] = [await house.addSession(ada), await house.addSession(bob)];
  const foreign = await house.delete(`/auth/sessions/${hers.id}`, { token: his.token });
  const unknown = await house.delete("/auth/sessions/ses_nothing", { token: his.token });
  expect([foreign.status, foreign.text]).toEqual([404, unknown.text]);
  expect((await current(house, hers.token)).status).toBe(200);
  expect((await house.delete(`/auth/sessions/${hers.id}`, { token: root.token })).status).toBe(204);
  expect((await current(house, hers.token)).status).toBe(401);
});

test("signing out ends the session and clears the cookie; a second sign-out is 401", async () => {
  await using house = await startAppliance();
  await house.addUser("ada");
  const { cookie } = await house.post("/auth/local/login", { username: "ada", password });
  const out = await house.delete("/auth/sessions/current", { cookie });
  expect(out.status).toBe(204);
  expect(out.headers.getSetCookie()).toEqual(["housekey=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"]);
  expect((await house.delete("/auth/sessions/current", { cookie })).status).toBe(401);
});

test("ending all ends the asking session too, and nobody else's", async () => {
  await using house = await startAppliance();
  const [ada, bob] = [await house.addUser("ada"), await house.addUser("bob")];
  const [one, two, other] = [
    await house.addSession(ada),
    await house.addSession(ada),
    await house.addSession(bob),
  ];
  expect((await house.delete("/auth/sessions", { token: one.token })).status).toBe(204);
  const statuses = await Promise.all(
    [one, two, other].map(async ({ token }) => (await current(house, token)).status),
  );
  expect(statuses).toEqual([401, 401, 200]);
});

test("an admin revokes one account's sessions, or everybody's, keeping the asking one unless told", async () => {
  await using house = await startAppliance();
  const root = await house.addUser("root", { role: "admin" });
  const ada = await house.addUser("ada");
  const here = await house.addSession(root);
  const revoke = (body?: object) => house.post("/auth/sessions/revoke-all", body, { token: here.token });
  const alive = async (token: string) => (await current(house, token)).status === 200;

  const [hers, there] = [await house.addSession(ada), await house.addSession(root)];
  expect((await revoke({ user_id: ada.id, reason: "lost phone" })).status).toBe(204);
  expect([await alive(hers.token), await alive(there.token)]).toEqual([false, true]);
  expect((await revoke({ user_id: "usr_nobody" })).status).toBe(404);

  const again = await house.addSession(ada);
  // This one wants a body: ending everybody's sessions is nothing to do by accident.
  expect((await revoke()).status).toBe(400);
  expect(await alive(again.token)).toBe(true);
  expect((await revoke({})).status).toBe(204);
  expect(await Promise.all([again, there, here].map(({ token }) => alive(token)))).toEqual([
    false,
    false,
    true,
  ]);
  expect((await revoke({ keep_current: false })).status).toBe(204);
  expect(await alive(here.token)).toBe(false);
});

test("members reach nothing that is an admin's", async () => {
  await using house = await startAppliance();
  const { token } = await house.addSession(await house.addUser("ada"));
  for (const [method, path, body] of [
    ["POST", "/auth/sessions/revoke-all", {}],
    ["GET", "/auth/sessions/stats"],
    ["GET", "/auth/settings"],
    ["PATCH", "/auth/settings", {}],
  ] as const) {
    const answer = await house.call(method, path, { token, body });
    expect([path, answer.status, answer.body.error.code]).toEqual([path, 403, "FORBIDDEN"]);
  }
});

test("a role is told with its permissions", async () => {
  await using house = await startAppliance();
  const ask = async (role: "admin" | "member") => {
    const { token } = await house.addSession(await house.addUser(role, { role }));
    return (await house.get("/auth/sessions/current/permissions", { token })).body;
  };
  const [member, admin] = [await ask("member"), await ask("admin")];
  expect(member.role).toBe("member");
  expect(member.permissions).toHaveLength(9);
  expect(admin.permissions).toHaveLength(18);
  expect(admin.permissions).toEqual(expect.arrayContaining(member.permissions));
});

test("a session ends at its absolute time however busy it is", async () => {
  await using house = await startAppliance();
  const { token } = await house.addSession(await house.addUser("ada"));
  for (let days = 0; days < 5; days++) {
    house.advance(5.9 * day);
    expect((await current(house, token)).status).toBe(200);
  }
  house.advance(0.5 * day - 1);
  expect((await current(house, token)).status).toBe(200);
  house.advance(1);
  expect((await current(house, token)).status).toBe(401);
});

test("a session nobody used for a week is over, also when its last use was only noted in memory", async () => {
  await using house = await startAppliance();
  const { token } = await house.addSession(await house.addUser("ada"));
  house.advance(7 * day - 1);
  expect((await current(house, token)).status).toBe(200);
  house.advance(7 * day - 1);
  await writeSightings(house.core);
  expect((await current(house, token)).status).toBe(200);
  house.advance(7 * day);
  expect((await current(house, token)).status).toBe(401);
});

test("shorter lifetimes hold for sessions that are open already", async () => {
  await using house = await startAppliance();
  const { token } = await house.addSession(await house.addUser("root", { role: "admin" }));
  const patch = (lifetimes: object) => house.call("PATCH", "/auth/settings", { token, body: { lifetimes } });
  house.advance(600);
  expect((await patch({ session: 900 })).status).toBe(200);
  house.advance(299);
  expect((await current(house, token)).status).toBe(200);
  house.advance(1);
  expect((await current(house, token)).status).toBe(401);
});

test("the last use is written at most once a minute, and shown", async () => {
  const writes: string[] = [];
  const onStatement = (sql: string) => void (/update "sessions"/.test(sql) && writes.push(sql));
  await using house = await startAppliance({ store: { onStatement } });
  const { token } = await house.addSession(await house.addUser("ada"));
  for (let second = 0; second < 180; second += 10) {
    house.advance(10);
    await current(house, token);
    await writeSightings(house.core);
  }
  expect(writes).toHaveLength(3);
  const { body } = await house.get("/auth/sessions", { token });
  expect(body[0].last_seen_at).toBe("2026-01-01T00:03:00.000Z");
});

test("the statistics count what is open, by kind, and what the last day brought", async () => {
  await using house = await startAppliance();
  const root = await house.addUser("root", { role: "admin" });
  const ada = await house.addUser("ada");
  await house.addSession(ada);
  house.advance(6.5 * day);
  const { token } = await house.addSession(root);
  const out = await house.addSession(ada);
  await house.delete("/auth/sessions/current", { token: out.token });
  house.advance(0.6 * day);
  const { body } = await house.get("/auth/sessions/stats", { token });
  expect(body).toEqual({
    active: 1,
    users: 1,
    by_kind: { web: 1, spa: 0, mobile: 0, connector: 0, cli: 0, api_key: 0 },
    last_24h: { created: 2, ended: 1, expired: 1 },
    oldest_created_at: "2026-01-07T12:00:00.000Z",
  });
});

test("what cannot be undone asks for a fresh sign-in, and a confirmation makes it fresh", async () => {
  await using house = await startAppliance();
  const { token } = await house.addSession(await house.addUser("root", { role: "admin" }));
  const revoke = () => house.post("/auth/sessions/revoke-all", {}, { token });
  const confirm = (body: object) => house.post("/auth/sessions/current/confirm", body, { token });
  house.advance(900);
  expect((await revoke()).status).toBe(204);
  house.advance(1);
  const stale = await revoke();
  expect([stale.status, stale.body.error.code]).toEqual([403, "FRESH_LOGIN_REQUIRED"]);
  // Looking never asks for it.
  expect((await house.get("/auth/settings", { token })).status).toBe(200);

  const wrong = await confirm({ password: "wrong" });
  expect([wrong.status, wrong.body.error.code]).toEqual([400, "INVALID_CREDENTIALS"]);
  expect((await confirm({})).body.error.details[0].path).toBe("password");
  expect((await revoke()).status).toBe(403);
  expect((await confirm({ password })).status).toBe(204);
  expect((await revoke()).status).toBe(204);
});

test("what another process changes is felt on the very next request", async () => {
  await using house = await startAppliance({ tampered: true });
  // By a socket: requests that one process hands itself without one all come at the same moment.
  await using server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: house.app.fetch });
  house.app.server = server;
  const check = async (token: string): Promise<number> => {
    const headers = { authorization: `Bearer ${token}` };
    const { status } = await fetch(new URL("/auth/sessions/current", server.url), { headers });
    return status;
  };
  const ada = await house.addUser("ada");
  const [one, two] = [await house.addSession(ada), await house.addSession(ada)];
  for (const { token } of [one, two]) expect(await check(token)).toBe(200);
  using other = new Database(`${house.folder}/housekey.db`);
  other.run("UPDATE sessions SET ended_at = 0 WHERE id = ?", [one.id]);
  expect(await check(one.token)).toBe(401);
  expect(await check(two.token)).toBe(200);
  other.run("UPDATE users SET disabled_at = 0");
  expect(await check(two.token)).toBe(401);
});
