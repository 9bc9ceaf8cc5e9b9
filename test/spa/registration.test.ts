import { expect, test } from "bun:test";
import { host } from "../../src/identity/actor.ts";
import { createInvite } from "../../src/identity/invite.ts";
import { type Appliance, type Asked, password, startAppliance } from "../harness.ts";
import { api, login, me } from "./tokens.ts";

const open = () => startAppliance({ values: { registration: "open", trusted_proxies: ["127.0.0.1"] } });
const from = (address: string): Asked => ({ headers: { "x-forwarded-for": address } });
const ada = "ada@example.com";
const register = (house: Appliance, rest: object = {}, asked: Asked = {}) =>
  house.post(`${api}/register`, { email: ada, password, ...rest }, asked);
const verify = (house: Appliance, code: string, asked: Asked = {}, email = ada) =>
  house.post(`${api}/register/verify`, { email, code }, asked);

test("a person registers, types the code from the mail, and has an account, a tenant and tokens", async () => {
  await using house = await open();
  const asked = await register(house, { email: "Ada@Example.com", name: "Ada", tenant_name: "Analytical" });
  expect([asked.status, asked.body]).toEqual([202, { status: "verification_required", expires_in: 600 }]);
  expect((await login(house)).status).toBe(401);
  const done = await verify(house, await house.codeFor(ada));
  expect(done.status).toBe(200);
  expect(done.body.user).toMatchObject({
    username: "ada",
    email: ada,
    email_verified: true,
    name: "Ada",
    role: "member",
  });
  const mine = await house.get(`${api}/me`, { token: done.body.access_token });
  expect(mine.body).toEqual({
    ...done.body.user,
    tenant: { id: expect.stringMatching(/^ten_/), name: "Analytical" },
  });
  expect((await login(house)).status).toBe(200);
  expect((await house.post("/auth/local/login", { username: "ada", password })).status).toBe(201);
});

test("without a tenant's name there is none, and a username that is taken is made up otherwise", async () => {
  await using house = await open();
  await house.addUser("ada", { email: "other@example.com" });
  await register(house);
  const { body } = await verify(house, await house.codeFor(ada));
  expect(body.user.username).toMatch(/^ada-[0-9a-f]{8}$/);
  expect((await house.get(`${api}/me`, { token: body.access_token })).body.tenant).toBeNull();
});

test("a closed house refuses, one by invitation too without one, and an invitation opens both", async () => {
  for (const registration of ["closed", "invite"] as const) {
    await using house = await startAppliance({ values: { registration } });
    const refused = await register(house);
    expect([refused.status, refused.body.error.code]).toEqual([403, "REGISTRATION_CLOSED"]);
    expect((await register(house, { invite: "f".repeat(48) })).status).toBe(403);
    const asked = { email: null, role: "member", seconds: 3600, uses: 1 } as const;
    const { token } = await createInvite(house.core, host, asked);
    expect((await register(house, { invite: token })).status).toBe(202);
    expect((await verify(house, await house.codeFor(ada))).status).toBe(200);
    expect((await register(house, { email: "eve@example.com", invite: token })).status).toBe(403);
  }
});

test("one use of an invitation makes one account, although two had a code", async () => {
  await using house = await startAppliance({ values: { registration: "invite" } });
  const asked = { email: null, role: "member", seconds: 3600, uses: 1 } as const;
  const { token } = await createInvite(house.core, host, asked);
  const people = ["ada@example.com", "bob@example.com"];
  for (const email of people) await register(house, { email, invite: token });
  const codes = await Promise.all(people.map((email) => house.codeFor(email)));
  const answers = await Promise.all(people.map((email, n) => verify(house, codes[n] ?? "", {}, email)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 403]);
});

test("a taken address gets a letter that says so; its asker hears what everybody hears", async () => {
  await using house = await open();
  await house.addUser("bob");
  const [free, taken] = [await register(house), await register(house, { email: "BOB@example.com" })];
  expect([taken.status, taken.text]).toEqual([free.status, free.text]);
  expect([...taken.headers.keys()]).toEqual([...free.headers.keys()]);
  const [letter] = await house.mailTo("bob@example.com");
  expect(letter?.text).not.toMatch(/\b\d{6}\b/);
  expect((await verify(house, "000000", {}, "bob@example.com")).body.error.code).toBe("INVALID_CODE");
});

test("a weak password is refused before anything is mailed", async () => {
  await using house = await open();
  for (const own of ["short", "password1", ada]) {
    const refused = await register(house, { password: own });
    expect([own, refused.status, refused.body.error.code]).toEqual([own, 400, "WEAK_PASSWORD"]);
  }
  expect(await house.mailTo(ada)).toEqual([]);
});

test("a code completes the password and name of the call that mailed it, of nobody else's", async () => {
  await using house = await open();
  // The attacker registers the victim's address first, with a password of their own.
  await register(house, { password: "attackers password", name: "Eve" }, from("6.6.6.6"));
  const first = await house.codeFor(ada);
  await register(house, { name: "Ada" }, from("10.0.0.1"));
  const second = await house.codeFor(ada);
  expect((await verify(house, first, from("10.0.0.1"))).status).toBe(401);
  const { body } = await verify(house, second, from("10.0.0.1"));
  expect(body.user.name).toBe("Ada");
  // The attacker's own record is of no use any more.
  expect((await verify(house, first, from("6.6.6.6"))).status).toBe(401);
  const attacker = { email: ada, password: "attackers password" };
  expect((await house.post(`${api}/login`, attacker)).status).toBe(401);
  expect((await login(house)).status).toBe(200);
});

test("a call that mails nothing changes nothing", async () => {
  await using house = await startAppliance({
    values: { registration: "open", limit_register: { count: 1000, seconds: 60 } },
  });
  await register(house, { name: "First" });
  const code = await house.codeFor(ada);
  const again = await register(house, { name: "Second", password: "another password" });
  expect(again.status).toBe(202);
  expect(await house.mailTo(ada)).toHaveLength(1);
  expect((await verify(house, code)).body.user.name).toBe("First");
  expect((await login(house)).status).toBe(200);
});

test("fifty verifications at once make one account", async () => {
  await using house = await open();
  await register(house, { tenant_name: "One" });
  const code = await house.codeFor(ada);
  const answers = await Promise.all(Array.from({ length: 50 }, () => verify(house, code)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(answers.every(({ status }) => [200, 401].includes(status))).toBe(true);
  expect(await house.core.store.read.users.count()).toBe(1);
});

test("an address with anything but one plain mailbox in it is refused", async () => {
  await using house = await open();
  for (const email of [
    "ada@example.com\r\nBcc: eve@example.com",
    "ada@example.com,eve@example.com",
    "ada@eve@example.com",
    "аda@example.com",
    "ada@exаmple.com",
    "<ada@example.com>",
    "ada @example.com",
    `${"a".repeat(250)}@example.com`,
    "@example.com",
    "ada@",
    "",
  ])
    expect([email, (await register(house, { email })).status]).toEqual([email, 400]);
  expect(await house.core.store.read.mails.count()).toBe(0);
});

test("registration closed in between, the code completes nothing", async () => {
  await using house = await startAppliance();
  const { token } = await house.addSession(await house.addUser("root", { role: "admin" }));
  const set = (registration: string) =>
    house.call("PATCH", "/auth/settings", { token, body: { registration } });
  await set("open");
  await register(house);
  const code = await house.codeFor(ada);
  await set("closed");
  expect((await verify(house, code)).body.error.code).toBe("REGISTRATION_CLOSED");
  await set("open");
  expect((await verify(house, code)).status).toBe(200);
});

test("two people's tokens never carry the other's name", async () => {
  await using house = await startAppliance({ hasher: { depth: 2000 } });
  await house.addUser("ada");
  await house.addUser("bob");
  const wanted = Array.from({ length: 1000 }, (_, n) => (n % 2 ? "ada" : "bob"));
  const answers = await Promise.all(wanted.map((name) => login(house, `${name}@example.com`)));
  const mine = await Promise.all(
    answers.map(({ body }) => house.get(`${api}/me`, { token: body.access_token })),
  );
  expect(answers.map(({ body }) => body.user.username)).toEqual(wanted);
  expect(mine.map(({ body }) => body.username)).toEqual(wanted);
  expect(await me(house, answers[0]?.body.access_token)).toBe(200);
});
