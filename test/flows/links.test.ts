/** Invitations, recovery links, further bootstrap tokens: single use, expiring, fragment only. */
import { expect, test } from "bun:test";
import { type Appliance, password, startAppliance } from "../harness.ts";

const fifty = <T>(ask: (n: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: 50 }, (_, n) => ask(n)));
const count = (answers: { status: number }[], wanted: number) =>
  answers.filter(({ status }) => status === wanted).length;

async function withAdmin(house: Appliance): Promise<string> {
  return (await house.addSession(await house.addUser("root", { role: "admin" }))).token;
}

const invite = async (house: Appliance, token: string, body: object = {}) =>
  (await house.post("/auth/invites", body, { token })).body;
const accept = (house: Appliance, token: string, username: string, rest: object = {}) =>
  house.post("/auth/invites/accept", { token, username, password, ...rest });
const recover = async (house: Appliance, token: string, id: string): Promise<string> =>
  (await house.post(`/auth/users/${id}/recovery`, undefined, { token })).body.url.split("#token=")[1];

test("an invitation lets somebody make their account in a closed house, once", async () => {
  await using house = await startAppliance();
  const token = await withAdmin(house);
  const made = await invite(house, token, { email: "Ada@example.com" });
  expect(made).toEqual({
    id: expect.stringMatching(/^inv_/),
    token: expect.stringMatching(/^[0-9a-f]{48}$/),
    url: `http://localhost:8420/invite#token=${made.token}`,
    expires_at: "2026-01-08T00:00:00.000Z",
  });
  const info = await house.post("/auth/invites/info", { token: made.token });
  expect(info.body).toEqual({ email: "ada@example.com", expires_at: "2026-01-08T00:00:00.000Z" });
  const listed = (await house.get("/auth/invites", { token })).body;
  expect(listed).toMatchObject({
    invites: [{ id: made.id, uses: 1, uses_left: 1, role: "member" }],
    next: null,
  });
  expect(JSON.stringify(listed)).not.toContain(made.token);

  const other = await accept(house, made.token, "ada", { email: "eve@example.com" });
  expect([other.status, other.body.error.details[0].path]).toEqual([400, "email"]);
  const ada = await accept(house, made.token, "Ada", { name: "Ada" });
  expect(ada.status).toBe(201);
  expect(ada.body.user).toMatchObject({
    username: "ada",
    email: "ada@example.com",
    role: "member",
    name: "Ada",
  });
  expect((await house.get("/auth/sessions/current", { cookie: ada.cookie })).status).toBe(200);
  for (const path of ["info", "accept"]) {
    const body = { token: made.token, username: "eve", password };
    expect((await house.post(`/auth/invites/${path}`, body)).body.error.code).toBe("INVALID_TOKEN");
  }
  expect((await house.get("/auth/invites", { token })).body.invites).toEqual([]);
});

test("fifty at once: an invitation for three makes three accounts", async () => {
  await using house = await startAppliance();
  const { token } = await invite(house, await withAdmin(house), { uses: 3 });
  const answers = await fifty((n) => accept(house, token, `u${n}`));
  expect([count(answers, 201), count(answers, 401)]).toEqual([3, 47]);
  expect(await house.core.store.read.users.count()).toBe(4);
});

test("what is refused leaves the invitation as it was, and does not tell whose an address is", async () => {
  await using house = await startAppliance();
  const { token } = await invite(house, await withAdmin(house));
  expect((await accept(house, token, "ada", { password: "short" })).body.error.code).toBe("WEAK_PASSWORD");
  expect((await accept(house, token, "ROOT")).body.error.code).toBe("USERNAME_TAKEN");
  const taken = await accept(house, token, "ada", { email: "root@example.com" });
  expect([taken.status, taken.body.error.code]).toEqual([400, "INVALID_REQUEST"]);
  expect((await accept(house, token, "ada")).status).toBe(201);
});

test("an invitation expires, can be taken back, and an admin hears of a taken address", async () => {
  await using house = await startAppliance();
  const token = await withAdmin(house);
  const short = await invite(house, token, { expires_in_seconds: 60 });
  house.advance(60);
  expect((await accept(house, short.token, "ada")).status).toBe(401);
  const second = await invite(house, token);
  expect((await house.delete(`/auth/invites/${second.id}`, { token })).status).toBe(204);
  expect((await house.delete(`/auth/invites/${second.id}`, { token })).status).toBe(404);
  expect((await accept(house, second.token, "ada")).status).toBe(401);
  const taken = await house.post("/auth/invites", { email: "root@example.com" }, { token });
  expect([taken.status, taken.body.error.code]).toEqual([409, "EMAIL_TAKEN"]);
});

test("a recovery link sets a password, ends everything else, and signs its owner in", async () => {
  await using house = await startAppliance();
  const token = await withAdmin(house);
  const ada = await house.addUser("ada");
  const session = await house.addSession(ada);
  const link = await recover(house, token, ada.id);
  const info = await house.post("/auth/recovery/info", { token: link });
  expect(info.body).toEqual({ username: "ada", expires_at: "2026-01-01T01:00:00.000Z" });
  const weak = await house.post("/auth/recovery/complete", { token: link, password: "ada" });
  expect(weak.body.error.code).toBe("WEAK_PASSWORD");
  const done = await house.post("/auth/recovery/complete", { token: link, password: "difference engine" });
  expect([done.status, done.body.user.username]).toEqual([201, "ada"]);
  expect((await house.get("/auth/sessions/current", { token: session.token })).status).toBe(401);
  expect((await house.get("/auth/sessions/current", { token: done.body.token })).status).toBe(200);
  const login = (own: string) => house.post("/auth/local/login", { username: "ada", password: own });
  expect([(await login(password)).status, (await login("difference engine")).status]).toEqual([401, 201]);
});

test("fifty at once: a recovery link works once", async () => {
  await using house = await startAppliance({ hasher: { depth: 100 } });
  const token = await withAdmin(house);
  const ada = await house.addUser("ada");
  const link = await recover(house, token, ada.id);
  const answers = await fifty(() => house.post("/auth/recovery/complete", { token: link, password }));
  expect([count(answers, 201), count(answers, 401)]).toEqual([1, 49]);
});

test("a newer recovery link voids the older, and an hour voids both; wrong and spent ones look alike", async () => {
  await using house = await startAppliance();
  const token = await withAdmin(house);
  const ada = await house.addUser("ada");
  const [older, newer] = [await recover(house, token, ada.id), await recover(house, token, ada.id)];
  const info = (link: string) => house.post("/auth/recovery/info", { token: link });
  const wrong = await info("f".repeat(48));
  expect([wrong.status, wrong.body.error.code]).toEqual([401, "INVALID_TOKEN"]);
  expect((await info(older)).text).toBe(wrong.text);
  expect((await info(newer)).status).toBe(200);
  expect((await house.post("/auth/users/usr_nobody/recovery", undefined, { token })).status).toBe(404);
  house.advance(3600);
  expect((await info(newer)).text).toBe(wrong.text);
  expect((await house.post("/auth/recovery/complete", { token: newer, password })).text).toBe(wrong.text);
});

test("a recovery gives the way back to an owner whom strangers had locked out of new addresses", async () => {
  await using house = await startAppliance({
    values: { limit_signin: { count: 1_000_000, seconds: 60 }, trusted_proxies: ["127.0.0.1"] },
  });
  const token = await withAdmin(house);
  const ada = await house.addUser("ada");
  const from = { headers: { "x-forwarded-for": "6.6.6.6" } };
  const login = (own: string) => house.post("/auth/local/login", { username: "ada", password: own }, from);
  for (let n = 0; n < 5; n++) await login("wrong");
  expect((await login(password)).status).toBe(429);
  const link = await recover(house, token, ada.id);
  expect((await house.post("/auth/recovery/complete", { token: link, password })).status).toBe(201);
  expect((await login(password)).status).toBe(201);
});

test("an admin mints a bootstrap token, sees that it is there but not what it is, and takes it back", async () => {
  await using house = await startAppliance();
  const token = await withAdmin(house);
  const mint = (body?: object) => house.post("/auth/bootstrap/tokens", body, { token });
  expect((await mint()).status).toBe(400);
  for (const seconds of [59, 604_801, "60", 60.5])
    expect((await mint({ expires_in_seconds: seconds })).status).toBe(400);
  const made = await mint({ expires_in_seconds: 60, note: "for Ada" });
  expect([made.status, made.body.expires_at]).toEqual([201, "2026-01-01T00:01:00.000Z"]);
  const list = await house.get("/auth/bootstrap/tokens", { token });
  expect(list.body).toMatchObject([{ id: made.body.id, note: "for Ada" }]);
  expect(list.text).not.toContain(made.body.token);
  expect((await house.delete(`/auth/bootstrap/tokens/${made.body.id}`, { token })).status).toBe(204);
  expect((await house.delete(`/auth/bootstrap/tokens/${made.body.id}`, { token })).status).toBe(404);
  const body = { token: made.body.token, username: "eve", password };
  expect((await house.post("/auth/bootstrap/complete", body)).status).toBe(401);
});

test("links carry their token in the fragment alone, and no table holds one", async () => {
  await using house = await startAppliance();
  const token = await withAdmin(house);
  const ada = await house.addUser("ada");
  const links = [
    (await invite(house, token)).url,
    (await house.post(`/auth/users/${ada.id}/recovery`, undefined, { token })).body.url,
    (await house.post("/auth/users", { username: "bob", role: "member" }, { token })).body.setup_url,
  ];
  await house.core.store.close();
  const stored = await Bun.file(`${house.folder}/housekey.db`).text();
  for (const link of links) {
    const url = new URL(link);
    expect([url.search, url.hash.startsWith("#token=")]).toEqual(["", true]);
    expect(stored.includes(url.hash.slice("#token=".length))).toBe(false);
  }
});
