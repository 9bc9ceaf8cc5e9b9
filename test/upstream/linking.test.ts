import { expect, test } from "bun:test";
import { password } from "../harness.ts";
import { codeAt, enrol } from "../two-factor/app.ts";
import { grace } from "./provider.ts";
import { comeBack, leave, linked, locationOf, openHouse, type Visited, visit, whoIs } from "./visit.ts";

const denied = "/login?error=REGISTRATION_CLOSED";

const identitiesOf = async ({ house }: Visited, token: string) =>
  (await house.get("/auth/identities", { token })).body;

/** A signed-in person wants it, and goes there and back with one browser. */
async function link(visited: Visited, token: string, returnTo?: string, whose = grace) {
  const asked = await visited.house.post("/auth/oidc/link", returnTo ? { return_to: returnTo } : {}, {
    token,
  });
  expect([asked.status, Object.keys(asked.body)]).toEqual([200, ["url"]]);
  return comeBack(visited, { url: asked.body.url, cookie: asked.cookie }, whose);
}

for (const link_by_email of [true, false])
  for (const here of [true, false])
    for (const there of [true, false, "true"] as const) {
      const joins = link_by_email && here && there === true;
      test(`an address ${joins ? "joins" : "does not join"} two: wanted ${link_by_email}, verified here ${here}, there ${JSON.stringify(there)}`, async () => {
        await using visited = await openHouse({ link_by_email });
        const user = await visited.house.addUser("grace", { emailVerified: here });
        const back = await visit(visited, { ...grace, email: "Grace@Example.com", email_verified: there });
        expect(locationOf(back)).toBe(joins ? "/" : denied);
        expect((await whoIs(visited, back))?.user.id ?? null).toBe(joins ? user.id : null);
        expect(await visited.house.core.store.read.identities.listOf(user.id)).toHaveLength(joins ? 1 : 0);
      });
    }

test("once joined it is the identity that counts: the address may change on either side", async () => {
  await using visited = await openHouse({ link_by_email: true });
  const user = await visited.house.addUser("grace", { emailVerified: true });
  await visit(visited);
  await visited.house.core.store.write((tx) => tx.users.update(user.id, { email: "new@example.com" }));
  await visited.put({ link_by_email: false });
  for (const email of ["grace@example.com", "other@example.com", undefined])
    expect((await whoIs(visited, await visit(visited, { ...grace, email }))).user.id).toBe(user.id);
  // Somebody else who has the address by now is somebody else.
  await visited.put({ link_by_email: true });
  expect(locationOf(await visit(visited, { ...grace, sub: "another" }))).toBe(denied);
});

test("joining by address tells the owner, ends every other session, and stands in the audit", async () => {
  await using visited = await openHouse({ link_by_email: true });
  const { house } = visited;
  const user = await house.addUser("grace", { emailVerified: true });
  const { token } = await house.addSession(user);
  const back = await visit(visited);
  expect((await house.get("/auth/sessions/current", { token })).status).toBe(401);
  expect((await whoIs(visited, back)).user.id).toBe(user.id);
  const [letter] = await house.mailTo("grace@example.com");
  expect(letter?.text).toContain("Signing in with another provider was added");
  const { events } = (await house.get("/auth/audit?event=identity.linked", { token: visited.admin.token }))
    .body;
  expect(events).toEqual([
    expect.objectContaining({ user_id: user.id, reason: expect.stringMatching(/^127\.0\.0\.1:/) }),
  ]);
  await visit(visited);
  expect(
    (await house.mailTo("grace@example.com")).filter(({ text }) => text.includes("was added")),
  ).toHaveLength(1);
});

test("with two-factor on nothing is joined, ended or told before the code", async () => {
  await using visited = await openHouse({ link_by_email: true });
  const { house } = visited;
  const user = await house.addUser("grace", { emailVerified: true });
  const { token } = await house.addSession(user);
  const { secret } = await enrol(house, token);
  const back = await visit(visited);
  expect(locationOf(back)).toBe("/login?step=code");
  expect(await identitiesOf(visited, token)).toEqual([]);
  await house.post("/auth/oidc/two-factor", { code: "000000" }, { cookie: back.cookie });
  expect(await identitiesOf(visited, token)).toEqual([]);
  house.advance(30);
  const code = codeAt(secret, house.core.clock());
  const done = await house.post("/auth/oidc/two-factor", { code }, { cookie: back.cookie });
  expect(done.status).toBe(201);
  expect(await identitiesOf(visited, done.body.token)).toHaveLength(1);
  expect((await house.get("/auth/identities", { token })).status).toBe(401);
});

test("an attacker who wrote the victim's address down first keeps nothing of it", async () => {
  for (const link_by_email of [true, false]) {
    await using visited = await openHouse({ auto_provision: true, link_by_email });
    const { house } = visited;
    // As an invitation, or the first set-up, lets one do: an address that nobody verified.
    const attacker = await house.addUser("attacker", { email: "grace@example.com", emailVerified: false });
    const { token } = await house.addSession(attacker);
    const back = await visit(visited);
    const { user } = await whoIs(visited, back);
    expect([locationOf(back), user.id === attacker.id, user.email, user.email_verified]).toEqual([
      "/",
      false,
      "grace@example.com",
      true,
    ]);
    const current = await house.get("/auth/sessions/current", { token });
    expect([current.body.user.email, current.body.user.email_verified]).toEqual([null, false]);
    expect(await identitiesOf(visited, token)).toEqual([]);
    const login = await house.post("/auth/local/login", { username: "grace@example.com", password });
    expect([login.status, login.body.error.code]).toEqual([401, "INVALID_CREDENTIALS"]);
    await house.post("/auth/verify", { email: "grace@example.com" });
    const code = await house.codeFor("grace@example.com");
    const asked = { method: "otp", email: "grace@example.com", token: code };
    expect((await house.post("/auth/sessions", asked)).body.user.id).toBe(user.id);
  }
});

test("an address that somebody else has verified here makes no second account", async () => {
  await using visited = await openHouse({ auto_provision: true });
  await visited.house.addUser("grace", { emailVerified: true });
  expect(locationOf(await visit(visited))).toBe(denied);
  expect(await visited.reason()).toMatch(/There is an account with this address/);
});

test("a signed-in person links an identity, and signs in with it from then on", async () => {
  await using visited = await openHouse();
  const { house } = visited;
  const user = await house.addUser("ada");
  const [{ token }, other] = [await house.addSession(user), await house.addSession(user)];
  const back = await link(visited, token, "/settings");
  expect([back.status, locationOf(back), back.cookie]).toEqual([302, "/settings", ""]);
  expect(await identitiesOf(visited, token)).toEqual([
    {
      id: expect.stringMatching(/^idn_[0-9a-z]{26}$/),
      issuer: visited.provider.issuer,
      name: new URL(visited.provider.issuer).host,
      subject: grace.sub,
      email: "grace@example.com",
      created_at: "2026-01-01T00:00:00.000Z",
      last_used_at: "2026-01-01T00:00:00.000Z",
    },
  ]);
  expect((await house.get("/auth/sessions/current", { token: other.token })).status).toBe(401);
  expect((await house.mailTo("ada@example.com")).at(-1)?.text).toContain("was added");
  const { user: whom } = await whoIs(visited, await visit(visited));
  expect([whom.id, whom.email, whom.email_verified]).toEqual([user.id, "ada@example.com", false]);
  // Twice is no more than once.
  expect(locationOf(await link(visited, token))).toBe("/");
  expect(await identitiesOf(visited, token)).toHaveLength(1);
});

test("linking takes a fresh session, one that is still open, and the browser that asked", async () => {
  await using visited = await openHouse();
  const { house } = visited;
  const user = await house.addUser("ada");
  const { token, id } = await house.addSession(user);
  expect((await house.post("/auth/oidc/link", {})).status).toBe(401);
  const begun = await house.post("/auth/oidc/link", {}, { token });
  const gone = { url: begun.body.url, cookie: begun.cookie };
  expect(locationOf(await comeBack(visited, { ...gone, cookie: "" }))).toBe("/login?error=INVALID_CHALLENGE");
  expect(locationOf(await comeBack(visited, await leave(visited)))).toBe(denied);
  await house.delete(`/auth/sessions/${id}`, { token });
  expect(locationOf(await comeBack(visited, gone))).toBe("/login?error=INVALID_CHALLENGE");
  expect(await visited.reason()).toMatch(/session that asked is over/);
  const { token: later } = await house.addSession(user);
  house.advance(901);
  const stale = await house.post("/auth/oidc/link", {}, { token: later });
  expect([stale.status, stale.body.error.code]).toEqual([403, "FRESH_LOGIN_REQUIRED"]);
  expect(await identitiesOf(visited, later)).toEqual([]);
});

test("an identity is one account's alone", async () => {
  await using visited = await openHouse();
  const whose = await linked(visited, "ada");
  const bob = await visited.house.addUser("bob");
  const { token } = await visited.house.addSession(bob);
  expect(locationOf(await link(visited, token, undefined, whose))).toBe("/login?error=UPSTREAM_DENIED");
  expect(await visited.reason()).toMatch(/belongs to another account/);
  expect([await identitiesOf(visited, token), (await identitiesOf(visited, whose.token)).length]).toEqual([
    [],
    1,
  ]);
});

test("of fifty accounts that link the same identity at once, one has it", async () => {
  await using visited = await openHouse();
  const { house } = visited;
  const people = await Promise.all(Array.from({ length: 50 }, (_, n) => house.addUser(`p${n}`)));
  const sessions = [];
  for (const user of people) sessions.push(await house.addSession(user));
  const begun = await Promise.all(sessions.map(({ token }) => house.post("/auth/oidc/link", {}, { token })));
  const backs = await Promise.all(
    begun.map(({ body, cookie }) => comeBack(visited, { url: body.url, cookie })),
  );
  expect(backs.filter((back) => locationOf(back) === "/")).toHaveLength(1);
  const lists = await Promise.all(sessions.map(({ token }) => identitiesOf(visited, token)));
  expect(lists.flat()).toHaveLength(1);
});

test("an identity is unlinked by its owner alone, freshly, and no longer opens the account", async () => {
  await using visited = await openHouse();
  const { house } = visited;
  const whose = await linked(visited, "ada");
  const other = await house.addSession(whose.user);
  const [{ id }] = await identitiesOf(visited, whose.token);
  for (const wrong of ["idn_nothing", "%00", id.slice(0, -1)])
    expect((await house.delete(`/auth/identities/${wrong}`, whose)).status).toBe(404);
  expect((await house.delete(`/auth/identities/${id}`, { token: visited.admin.token })).status).toBe(404);
  expect((await house.delete(`/auth/identities/${id}`)).status).toBe(401);
  expect((await house.delete(`/auth/identities/${id}`, whose)).status).toBe(204);
  expect((await house.get("/auth/sessions/current", { token: other.token })).status).toBe(401);
  expect((await house.mailTo("ada@example.com")).at(-1)?.text).toContain("was removed");
  expect(locationOf(await visit(visited, whose))).toBe(denied);
  const { events } = (await house.get("/auth/audit?event=identity.unlinked", whose)).body;
  expect(events).toHaveLength(1);
});

test("unlinking voids a sign-in with it that waits for its code", async () => {
  await using visited = await openHouse();
  const { house } = visited;
  const whose = await linked(visited, "ada");
  const { secret } = await enrol(house, whose.token);
  const waiting = await visit(visited, whose);
  const [{ id }] = await identitiesOf(visited, whose.token);
  expect((await house.delete(`/auth/identities/${id}`, whose)).status).toBe(204);
  house.advance(30);
  const code = codeAt(secret, house.core.clock());
  const answer = await house.post("/auth/oidc/two-factor", { code }, { cookie: waiting.cookie });
  expect([answer.status, answer.body.error.code]).toEqual([401, "INVALID_CHALLENGE"]);
});

test("a deleted account takes its identities along", async () => {
  await using visited = await openHouse();
  const whose = await linked(visited, "ada");
  expect((await visited.house.delete("/auth/me", whose)).status).toBe(204);
  expect(await visited.house.core.store.read.identities.find(visited.provider.issuer, "ada")).toBeNull();
});
