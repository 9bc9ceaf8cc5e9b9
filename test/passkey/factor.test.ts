/** Passkeys as a factor of one's own account: what a change takes and brings (SE-7), and whose they are (SE-9). */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { type Appliance, password } from "../harness.ts";
import { makeKey } from "./authenticator.ts";
import { addHolder, creationOptions, enrol, type Holder, openHouse, passkeysOf, prove } from "./house.ts";

let house: Appliance;
let ada: Holder;
let bob: Holder;

beforeAll(async () => {
  ({ house, ada } = await openHouse({ smtp_url: "smtp://127.0.0.1:1" }));
  bob = await addHolder(house, "bob");
});

afterAll(() => house[Symbol.asyncDispose]());

const addSession = async ({ user }: Holder) => (await house.addSession(user)).token;

const events = async (event: string, { user }: Holder) => {
  const token = await addSession({ user } as Holder);
  return (await house.get(`/auth/audit?event=${event}`, { token })).body.events;
};

describe("adding and removing", () => {
  const changes = [
    ["add", async (token: string) => (await enrol(house, token, makeKey())).status],
    [
      "remove",
      async (token: string) => {
        const [, last] = await passkeysOf(house, bob);
        return (await house.delete(`/api/v1/auth/passkey/${last?.id}`, { token })).status;
      },
    ],
  ] as const;

  for (const [what, change] of changes)
    test(`to ${what} one ends the other sessions, voids what was half proved, and is told by mail and audit`, async () => {
      const [token, other] = [await addSession(bob), await addSession(bob)];
      const proof = (await prove(house, bob.key)).body.token;
      const letters = (await house.mailTo("bob@example.com")).length;
      expect(await change(token)).toBe(what === "add" ? 201 : 204);
      expect((await house.get("/auth/sessions/current", { token })).status).toBe(200);
      expect((await house.get("/auth/sessions/current", { token: other })).status).toBe(401);
      const spent = await house.post("/auth/sessions", { method: "passkey", email: "bob", token: proof });
      expect(spent.body.error.code).toBe("INVALID_TOKEN");
      const sent = (await house.mailTo("bob@example.com")).slice(letters);
      expect(sent.map(({ text }) => /passkey/.test(text))).toEqual([true]);
      const event = what === "add" ? "passkey.created" : "passkey.deleted";
      expect((await events(event, bob))[0]).toMatchObject({ event, user_id: bob.user.id, reason: "Phone" });
    });

  test("a session that is not fresh may do neither, and may once it is confirmed by the passkey", async () => {
    const token = await addSession(ada);
    const creation = await creationOptions(house, token);
    house.advance(901);
    const refusals = [
      await house.post("/auth/passkeys/register/options", undefined, { token }),
      await house.post(
        "/auth/passkeys/register/verify",
        { name: "x", ...makeKey().create(creation) },
        { token },
      ),
      await house.post("/api/v1/auth/passkey/register/options", undefined, { token }),
      await house.post("/api/v1/auth/passkey/register/verify", makeKey().create(creation), { token }),
      await house.delete(`/auth/passkeys/${ada.id}`, { token }),
      await house.delete(`/api/v1/auth/passkey/${ada.id}`, { token }),
    ];
    for (const { status, body } of refusals)
      expect([status, body.error.code]).toEqual([403, "FRESH_LOGIN_REQUIRED"]);
    const proof = (await prove(house, ada.key)).body.token;
    const confirmed = await house.post("/auth/sessions/current/confirm", { passkey_token: proof }, { token });
    expect(confirmed.status).toBe(204);
    expect((await enrol(house, token, makeKey())).status).toBe(201);
  });

  test("a session that was ended in between adds nothing", async () => {
    const [token, other] = [await addSession(bob), await addSession(bob)];
    const before = (await passkeysOf(house, bob)).length;
    const answer = makeKey().create(await creationOptions(house, token));
    const ending = house.post(
      "/auth/password",
      { new_password: "difference engine", current_password: password },
      { token: other },
    );
    const adding = house.post("/auth/passkeys/register/verify", { name: "x", ...answer }, { token });
    const [, { status }] = await Promise.all([ending, adding]);
    // Whichever came first: no session that is over adds a key, and no key outlives the answer.
    expect((await passkeysOf(house, bob)).length).toBe(status === 201 ? before + 1 : before);
    const own = await addSession(bob);
    const late = makeKey().create(await creationOptions(house, own));
    await house.delete("/auth/sessions/current", { token: own });
    const answered = await house.post(
      "/auth/passkeys/register/verify",
      { name: "x", ...late },
      { token: own },
    );
    expect(answered.status).toBe(401);
  });

  test("a reset between the question and the answer voids the question", async () => {
    const carol = await addHolder(house, "carol");
    const token = await addSession(carol);
    const challenge = await creationOptions(house, token);
    const { voidCredentials } = await import("../../src/identity/voiding.ts");
    await house.core.store.write((tx) => voidCredentials(house.core, tx, carol.user.id));
    const left = await house.core.store.read.ceremonies.find(
      (await import("../../src/identity/secret.ts")).hashSecret(challenge.challenge),
    );
    expect(left).toBe(null);
  });

  test("nobody has more than fifty", async () => {
    const max = await addHolder(house, "max");
    const { passkey } = await import("../store/sample.ts");
    await house.core.store.write(async (tx) => {
      for (let n = 1; n < 50; n++)
        await tx.passkeys.insert({
          ...passkey(`${n}`, max.user),
          id: `psk_${String(n).padStart(26, "0")}`,
          createdAt: house.core.clock(),
        });
    });
    const answer = await enrol(house, max.token, makeKey());
    expect([answer.status, answer.body.error.code]).toEqual([400, "PASSKEY_REJECTED"]);
    expect(await passkeysOf(house, max)).toHaveLength(50);
  });
});

describe("another person's passkey", () => {
  test("is neither seen, renamed nor removed", async () => {
    const token = await addSession(bob);
    const before = await passkeysOf(house, ada);
    const answers = [
      await house.delete(`/auth/passkeys/${ada.id}`, { token }),
      await house.delete(`/api/v1/auth/passkey/${ada.id}`, { token }),
      await house.call("PATCH", `/api/v1/auth/passkey/${ada.id}`, { token, body: { name: "mine" } }),
      await house.delete("/auth/passkeys/psk_none", { token }),
      await house.call("PATCH", "/api/v1/auth/passkey/psk_none", { token, body: { name: "mine" } }),
    ];
    const [first] = answers;
    for (const { status, body } of answers) expect([status, body]).toEqual([404, first?.body]);
    expect(await passkeysOf(house, ada)).toEqual(before);
    const own = (await house.get("/auth/passkeys", { token })).body.map(({ id }: { id: string }) => id);
    expect(own).not.toContain(ada.id);
  });

  test("confirms nothing, and is not spent by the try", async () => {
    const token = await addSession(bob);
    const proof = (await prove(house, ada.key)).body.token;
    for (const passkey_token of [proof, "wrong"]) {
      const answer = await house.post("/auth/sessions/current/confirm", { passkey_token }, { token });
      expect([answer.status, answer.body.error.code]).toEqual([400, "PASSKEY_REJECTED"]);
    }
    const own = await house.post("/auth/sessions", { method: "passkey", email: "ada", token: proof });
    expect(own.status).toBe(201);
  });
});

test("one's own is renamed, which ends nothing", async () => {
  const [token, other] = [await addSession(ada), await addSession(ada)];
  house.advance(901);
  const renamed = await house.call("PATCH", `/api/v1/auth/passkey/${ada.id}`, {
    token,
    body: { name: "Old phone" },
  });
  expect([renamed.status, renamed.body.name]).toEqual([200, "Old phone"]);
  expect((await house.get("/auth/sessions/current", { token: other })).status).toBe(200);
  for (const name of ["", "x".repeat(65), 5, undefined])
    expect(
      (await house.call("PATCH", `/api/v1/auth/passkey/${ada.id}`, { token, body: { name } })).status,
    ).toBe(400);
});

describe("the last way in", () => {
  let lone: Holder;
  let n = 0;

  beforeEach(async () => {
    await house.core.store.write((tx) => tx.settings.put({ localLogin: true, mailLogin: true }));
    lone = await addHolder(house, `lone${n++}`);
    await house.core.store.write((tx) => tx.users.update(lone.user.id, { passwordHash: null }));
  });

  const remove = async (id = lone.id) => {
    const { status, body } = await house.delete(`/auth/passkeys/${id}`, { token: await addSession(lone) });
    return body?.error.code ?? status;
  };
  const settle = (facts: object) => house.core.store.write((tx) => tx.users.update(lone.user.id, facts));

  test("cannot be removed", async () => {
    expect(await remove()).toBe("LAST_SIGN_IN_METHOD");
    expect(await passkeysOf(house, lone)).toHaveLength(1);
    expect((await prove(house, lone.key)).status).toBe(200);
  });

  test("is not the last beside another passkey, and of two removed at once one stays", async () => {
    const token = await addSession(lone);
    const second = (await enrol(house, token, makeKey())).body.id;
    const both = await Promise.all(
      [lone.id, second].map((id) => house.delete(`/auth/passkeys/${id}`, { token })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([204, 409]);
    expect(await passkeysOf(house, lone)).toHaveLength(1);
  });

  test("is not the last beside a password, while passwords are taken", async () => {
    await settle({ passwordHash: ada.user.passwordHash });
    await house.core.store.write((tx) => tx.settings.put({ localLogin: false }));
    expect(await remove()).toBe("LAST_SIGN_IN_METHOD");
    await house.core.store.write((tx) => tx.settings.put({ localLogin: true, mailLogin: true }));
    expect(await remove()).toBe(204);
  });

  test("is not the last beside a proved address, while codes are mailed", async () => {
    await settle({ emailVerified: true });
    await house.core.store.write((tx) => tx.settings.put({ mailLogin: false }));
    expect(await remove()).toBe("LAST_SIGN_IN_METHOD");
    await house.core.store.write((tx) => tx.settings.put({ localLogin: true, mailLogin: true }));
    expect(await remove()).toBe(204);
  });

  test("is the last beside a proved address in a house that mails nothing", async () => {
    const opened = await openHouse();
    await using own = opened.house;
    const { user, id } = opened.ada;
    await own.core.store.write((tx) => tx.users.update(user.id, { passwordHash: null, emailVerified: true }));
    const { token } = await own.addSession(user);
    expect((await own.delete(`/auth/passkeys/${id}`, { token })).body.error.code).toBe("LAST_SIGN_IN_METHOD");
  });
});

test("passwords can be switched off once an admin has a passkey", async () => {
  const opened = await openHouse();
  await using own = opened.house;
  const root = await own.addUser("root", { role: "admin" });
  const { token } = await own.addSession(root);
  const off = () => own.call("PATCH", "/auth/settings", { token, body: { local_login: false } });
  expect((await off()).body.error.code).toBe("LAST_SIGN_IN_METHOD");
  expect((await enrol(own, token, makeKey())).status).toBe(201);
  expect((await off()).status).toBe(200);
});

test("an account with a passkey and no password is confirmed by the passkey, not by a mailed code", async () => {
  const lone = await addHolder(house, "lena");
  await house.core.store.write((tx) => tx.users.update(lone.user.id, { passwordHash: null }));
  await house.core.store.write((tx) => tx.settings.put({ localLogin: true, mailLogin: true }));
  const token = await addSession(lone);
  await house.post("/auth/verify", { email: "lena" });
  const code = await house.codeFor("lena@example.com");
  const answer = await house.post("/auth/sessions/current/confirm", { code }, { token });
  expect([answer.status, answer.body.error.details[0].path]).toEqual([400, "passkey_token"]);
  const proof = (await prove(house, lone.key)).body.token;
  expect(
    (await house.post("/auth/sessions/current/confirm", { passkey_token: proof }, { token })).status,
  ).toBe(204);
});

test("wrong passwords slow no passkey down, and a passkey forgets them", async () => {
  const opened = await openHouse({ limit_signin: { count: 1000, seconds: 60 } });
  await using own = opened.house;
  const { key } = opened.ada;
  const login = (word: string) =>
    own.post(
      "/auth/local/login",
      { username: "ada", password: word },
      { headers: { "x-forwarded-for": "192.0.2.9" } },
    );
  for (let tries = 0; tries < 6; tries++) await login("wrong");
  expect((await login(password)).status).toBe(429);
  const { token } = (await prove(own, key)).body;
  expect((await login(password)).status).toBe(429);
  expect((await own.post("/auth/sessions", { method: "passkey", email: "ada", token })).status).toBe(201);
  expect((await login(password)).status).toBe(201);
});

test("wrong passkeys are counted by address, all surfaces together", async () => {
  const opened = await openHouse({ limit_signin: { count: 10, seconds: 60 } });
  await using own = opened.house;
  own.advance(120);
  const wrong = { ...opened.ada.key.get({ rpId: "localhost", challenge: "A" }) };
  const statuses = [];
  for (let tries = 0; tries < 4; tries++) {
    statuses.push((await own.post("/auth/passkeys/authenticate/verify", wrong)).status);
    statuses.push((await own.post("/api/v1/auth/passkey/login/options", {})).status);
    const body = { response: wrong, origin: "http://localhost:8420" };
    statuses.push((await own.post("/api/auth/passkey/verify", body)).status);
  }
  expect(statuses).toEqual([401, 200, 401, 401, 200, 401, 401, 200, 401, 401, 429, 429]);
});
