/** Addresses that nobody has proved: what becomes of the account when somebody who reads one comes along. */
import { expect, test } from "bun:test";
import { type Appliance, password, startAppliance } from "../harness.ts";
import { makeKey } from "../passkey/authenticator.ts";
import { codeAt } from "../two-factor/app.ts";

const victim = "victim@example.com";

async function adminOf(house: Appliance): Promise<string> {
  return (await house.addSession(await house.addUser("root", { role: "admin" }))).token;
}

/** Makes an account with an invitation that names no address, and writes one down for it. */
async function writeDown(
  house: Appliance,
  { invited = {}, email = victim }: { invited?: object; email?: string } = {},
) {
  const { body } = await house.post("/auth/invites", invited, { token: await adminOf(house) });
  const accepted = await house.post("/auth/invites/accept", {
    token: body.token,
    username: "maker",
    password,
    email,
  });
  expect([accepted.status, accepted.body.user.email_verified]).toEqual([201, false]);
  return {
    token: accepted.body.token as string,
    cookie: accepted.cookie,
    id: accepted.body.user.id as string,
  };
}

/** Everything an account can be got into with. */
async function dig(house: Appliance, token: string) {
  const key = await house.post("/v1/auth/api-keys", { name: "a script" }, { token });
  const passkey = makeKey();
  const options = await house.post("/auth/passkeys/register/options", undefined, { token });
  const answer = { name: "Key", ...passkey.create(options.body) };
  expect((await house.post("/auth/passkeys/register/verify", answer, { token })).status).toBe(201);
  const device = (await house.post("/api/auth/device/create", { clientType: "mobile" })).body;
  await house.post("/api/auth/device/authorize", { code: device.code }, { token });
  const usePasskey = async () => {
    const asked = await house.post("/auth/passkeys/authenticate/options");
    return (await house.post("/auth/passkeys/authenticate/verify", passkey.get(asked.body))).status;
  };
  return async () => ({
    session: (await house.get("/auth/sessions/current", { token })).status,
    password: (await house.post("/auth/local/login", { username: "maker", password })).status,
    key: (await house.get("/v1/auth/me", { token: key.body.data.key })).status,
    passkey: await usePasskey(),
    device: (await house.post("/api/auth/device/poll", { token: device.token })).body.status,
  });
}

const nothing = { session: 401, password: 401, key: 401, passkey: 401, device: "invalid" };

const byCode = {
  async browser(house: Appliance, cookie?: string) {
    await house.post("/auth/verify", { email: victim });
    const body = { method: "otp", email: victim, token: await house.codeFor(victim) };
    return house.post("/auth/sessions", body, { ...(cookie !== undefined && { cookie }) });
  },
  async spa(house: Appliance) {
    await house.post("/api/v1/auth/otp/send", { email: victim, purpose: "login" });
    return house.post("/api/v1/auth/otp/login", { email: victim, code: await house.codeFor(victim) });
  },
  async reset(house: Appliance) {
    await house.post("/api/v1/auth/otp/send", { email: victim, purpose: "reset" });
    const code = await house.codeFor(victim);
    return house.post("/api/v1/auth/reset-password", {
      email: victim,
      code,
      new_password: "of the reader's own",
    });
  },
};

const eventsOf = async (house: Appliance, event: "address.claimed") =>
  (await house.core.store.read.audit.list({ userId: null, event }, { after: null, limit: 10 })).map(
    ({ userId, result }) => [userId, result],
  );

for (const [surface, come] of Object.entries(byCode))
  test(`who wrote down another's address keeps nothing once its reader comes (${surface}), and the reader is told`, async () => {
    await using house = await startAppliance({ values: { limit_signin: "off" } });
    const maker = await writeDown(house);
    const left = await dig(house, maker.token);
    expect((await come(house)).status).toBeOneOf([200, 201, 204]);
    expect(await left()).toEqual(nothing);
    expect(await eventsOf(house, "address.claimed")).toEqual([[maker.id, "ok"]]);
    const told = (await house.mailTo(victim)).filter(({ subject }) => subject.includes("made yours alone"));
    expect(told).toHaveLength(1);
    const user = await house.core.store.read.users.find(maker.id);
    expect([user?.email, user?.emailVerified]).toEqual([victim, true]);
    // From now on it is an account like any other: another code ends nothing.
    const mine = (await byCode.spa(house)).body.access_token;
    await byCode.browser(house);
    expect((await house.get("/auth/sessions/current", { token: mine })).status).toBe(200);
    expect(await eventsOf(house, "address.claimed")).toHaveLength(1);
  });

test("the maker, in the browser the account was made in, keeps everything", async () => {
  await using house = await startAppliance({ values: { limit_signin: "off" } });
  const maker = await writeDown(house);
  const left = await dig(house, maker.token);
  const done = await byCode.browser(house, maker.cookie);
  expect([done.status, done.body.user.email_verified]).toEqual([201, true]);
  // Elsewhere, too, once it is proved.
  expect((await byCode.spa(house)).status).toBe(200);
  expect(await left()).toEqual({ session: 200, password: 201, key: 200, passkey: 200, device: "authorized" });
  expect(await eventsOf(house, "address.claimed")).toEqual([]);
});

test("the maker who proves the address while signed in keeps everything, and so does one who moved to another", async () => {
  for (const email of [victim, "other@example.com"]) {
    await using house = await startAppliance({ values: { limit_signin: "off" } });
    const maker = await writeDown(house);
    const left = await dig(house, maker.token);
    await house.post("/auth/email", { email }, { token: maker.token });
    // What is asked for is not the account's before it is proved.
    expect((await house.core.store.read.users.find(maker.id))?.email).toBe(victim);
    const code = await house.codeFor(email);
    expect((await house.post("/auth/email/verify", { code }, { token: maker.token })).status).toBe(200);
    if (email === victim) expect((await byCode.spa(house)).status).toBe(200);
    expect(await left()).toMatchObject({ session: 200, password: 201, key: 200, passkey: 200 });
    expect(await eventsOf(house, "address.claimed")).toEqual([]);
  }
});

test("with two-factor on a code alone proves nothing about the account; with the second factor its maker is there", async () => {
  await using house = await startAppliance({ values: { limit_signin: "off" } });
  const maker = await writeDown(house);
  const left = await dig(house, maker.token);
  const { token } = maker;
  const { secret } = (await house.post("/api/v1/auth/2fa/setup", undefined, { token })).body;
  const enabled = await house.post(
    "/api/v1/auth/2fa/enable",
    { code: codeAt(secret, house.core.clock()) },
    { token },
  );
  expect(enabled.status).toBe(200);
  const verified = async () => (await house.core.store.read.users.find(maker.id))?.emailVerified;

  const refused = await byCode.browser(house);
  expect([refused.status, refused.body.error.code]).toEqual([401, "TOTP_REQUIRED"]);
  expect((await byCode.spa(house)).body.two_factor_required).toBe(true);
  expect([await verified(), (await left()).session]).toEqual([false, 200]);

  house.advance(60);
  await house.post("/auth/verify", { email: victim });
  const code = codeAt(secret, house.core.clock());
  const body = { method: "otp", email: victim, token: await house.codeFor(victim), code };
  expect((await house.post("/auth/sessions", body)).status).toBe(201);
  expect([await verified(), (await left()).session]).toEqual([true, 200]);
  expect(await eventsOf(house, "address.claimed")).toEqual([]);
});

/** Ways to an account whose address nobody proved, but somebody stood up for. */
const vouched: Record<string, (house: Appliance) => Promise<string>> = {
  "made by an admin": async (house) => {
    const body = { username: "maker", email: victim, password, role: "member" };
    const made = await house.post("/auth/users", body, { token: await adminOf(house) });
    return made.body.user.id;
  },
  "invited by that address": async (house) => (await writeDown(house, { invited: { email: victim } })).id,
  "given another address by an admin": async (house) => {
    const { id } = await writeDown(house, { email: "first@example.com" });
    const admin = await house.core.store.read.users.findByUsername("root");
    if (!admin) throw new Error("there is no admin");
    const { token } = await house.addSession(admin);
    const patched = await house.call("PATCH", `/auth/users/${id}`, { body: { email: victim }, token });
    expect(patched.status).toBe(200);
    return id;
  },
  "of the first admin, who had the house's own token": async (house) => {
    const token = await house.firstRunToken();
    const body = { token, username: "maker", password, email: victim };
    return (await house.post("/auth/bootstrap/complete", body)).body.user.id;
  },
};

for (const [whose, make] of Object.entries(vouched))
  test(`an address ${whose} is proved by a code, and nothing ends`, async () => {
    await using house = await startAppliance({ values: { limit_signin: "off" } });
    const id = await make(house);
    const first = await house.post("/auth/local/login", { username: "maker", password });
    const left = await dig(house, first.body.token);
    expect((await byCode.spa(house)).body.user).toMatchObject({ id, email: victim, email_verified: true });
    expect(await left()).toEqual({
      session: 200,
      password: 201,
      key: 200,
      passkey: 200,
      device: "authorized",
    });
    expect(await eventsOf(house, "address.claimed")).toEqual([]);
  });

test("a registration of one's own has no account before its code, so that there is nothing to wait in", async () => {
  await using house = await startAppliance({ values: { registration: "open", limit_register: "off" } });
  await house.post("/api/v1/auth/register", { email: victim, password });
  expect(await house.core.store.read.users.findByEmail(victim)).toBeNull();
  const done = await byCode.spa(house);
  expect(done.body.user.email_verified).toBe(true);
  expect((await house.post("/auth/local/login", { username: victim, password })).status).toBe(401);
});
