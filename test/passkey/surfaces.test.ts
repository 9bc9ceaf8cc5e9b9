/** One enrolment counts on every surface. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Appliance, origin, password } from "../harness.ts";
import { decode } from "../spa/tokens.ts";
import { enrol as enrolApp } from "../two-factor/app.ts";
import { makeKey } from "./authenticator.ts";
import { addHolder, type Holder, lastReason, openHouse, passkeysOf, prove, requestOptions } from "./house.ts";

let house: Appliance;
let ada: Holder;

beforeAll(async () => {
  ({ house, ada } = await openHouse());
});

afterAll(() => house[Symbol.asyncDispose]());

const kinds = async (token: string) => {
  const { body } = await house.get("/auth/sessions", { token });
  return body.map(({ kind, methods }: { kind: string; methods: string[] }) => [kind, methods]);
};

test("the same key signs in through all three, and each sees the others' sessions", async () => {
  const proof = await prove(house, ada.key);
  expect(proof.body).toEqual({
    token: expect.stringMatching(/^[0-9a-f]{64}$/),
    email: "ada@example.com",
    username: "ada",
    expires_at: "2026-01-01T00:02:00.000Z",
  });
  const web = await house.post("/auth/sessions", {
    method: "passkey",
    email: "ada",
    token: proof.body.token,
  });
  expect([web.status, web.body.user.username, web.cookie]).toEqual([
    201,
    "ada",
    expect.stringContaining("housekey="),
  ]);

  const spaOptions = (await house.post("/api/v1/auth/passkey/login/options", { email: "ADA@example.com" }))
    .body;
  const spa = await house.post("/api/v1/auth/passkey/login/verify", { response: ada.key.get(spaOptions) });
  expect([spa.status, spa.body.token_type, decode(spa.body.access_token).claims.sub]).toEqual([
    200,
    "Bearer",
    ada.user.id,
  ]);

  const asked = { username: "Ada", origin };
  const mobileOptions = (await house.post("/api/auth/passkey/options", asked)).body;
  const mobile = await house.post("/api/auth/passkey/verify", {
    response: ada.key.get(mobileOptions),
    origin,
  });
  expect([mobile.status, mobile.body]).toEqual([
    200,
    { token: expect.stringMatching(/^[0-9a-f]{96}$/), message: expect.any(String) },
  ]);
  expect(mobile.headers.get("authorization")).toBe(mobile.body.token);

  for (const token of [web.body.token, spa.body.access_token, mobile.body.token])
    expect(await kinds(token)).toEqual(
      expect.arrayContaining([
        ["web", ["passkey"]],
        ["spa", ["passkey"]],
        ["mobile", ["passkey"]],
      ]),
    );
});

test("a key that was enrolled through the SPA signs in everywhere, and each list shows it", async () => {
  const grace = await house.addUser("grace");
  const { body: signedIn } = await house.post("/api/v1/auth/login", { email: "grace", password });
  const token = signedIn.access_token;
  const options = (await house.post("/api/v1/auth/passkey/register/options", undefined, { token })).body;
  const key = makeKey();
  const made = await house.post("/api/v1/auth/passkey/register/verify", key.create(options), {
    token,
    headers: { "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0" },
  });
  expect([made.status, made.body]).toEqual([
    201,
    {
      id: expect.stringMatching(/^psk_/),
      name: "Firefox on Linux",
      created_at: "2026-01-01T00:00:00.000Z",
      last_used_at: null,
      device_type: "multiDevice",
      backed_up: true,
      transports: ["hybrid", "internal"],
      aaguid: "00000000-0000-0000-0000-000000000000",
    },
  ]);
  house.advance(60);
  expect((await prove(house, key)).body.username).toBe("grace");
  const listed = { ...made.body, last_used_at: "2026-01-01T00:01:00.000Z" };
  expect((await house.get("/auth/passkeys", { token })).body).toEqual([listed]);
  expect((await house.get("/api/v1/auth/passkey/list", { token })).body).toEqual({ passkeys: [listed] });
  expect((await passkeysOf(house, { user: grace }))[0]?.credentialId).toBe(key.id);
});

test("creation options are as the contract and the specification have them", async () => {
  const { body } = await house.post("/auth/passkeys/register/options", undefined, {
    token: (await house.addSession(ada.user)).token,
  });
  expect(body).toEqual({
    rp: { id: "localhost", name: "Housekey" },
    user: {
      id: Buffer.from(ada.user.id).toString("base64url"),
      name: "ada@example.com",
      displayName: "ada@example.com",
    },
    challenge: expect.stringMatching(/^[\w-]{43}$/),
    pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: "public-key", alg })),
    timeout: 300_000,
    excludeCredentials: [{ id: ada.key.id, type: "public-key", transports: ["hybrid", "internal"] }],
    authenticatorSelection: {
      residentKey: "preferred",
      requireResidentKey: false,
      userVerification: "required",
    },
    attestation: "none",
  });
  expect(await requestOptions(house)).toEqual({
    challenge: expect.any(String),
    timeout: 300_000,
    rpId: "localhost",
    allowCredentials: [],
    userVerification: "required",
  });
});

test("answers are taken as browsers write them, with everything that is not needed", async () => {
  const { token } = await house.addSession(await house.addUser("browsing"));
  const key = makeKey();
  const made = key.create((await house.post("/auth/passkeys/register/options", undefined, { token })).body);
  const extra = { authenticatorAttachment: "platform", clientExtensionResults: { credProps: { rk: true } } };
  const response = {
    ...made.response,
    authenticatorData: "AAAA",
    publicKey: "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE",
    publicKeyAlgorithm: -7,
  };
  const body = { name: "Laptop", ...made, ...extra, response, somethingNew: { a: [1] } };
  expect((await house.post("/auth/passkeys/register/verify", body, { token })).status).toBe(201);
  const used = {
    ...key.get(await requestOptions(house)),
    ...extra,
    clientExtensionResults: { appid: false },
  };
  expect((await house.post("/api/v1/auth/passkey/login/verify", used)).status).toBe(200);
  const bare = { ...key.get(await requestOptions(house)), authenticatorAttachment: null };
  expect((await house.post("/auth/passkeys/authenticate/verify", bare)).status).toBe(200);
});

test("the SPA takes an answer bare or wrapped, and says what is missing in it", async () => {
  const verify = (body: object) => house.post("/api/v1/auth/passkey/login/verify", body);
  expect((await verify(ada.key.get(await requestOptions(house)))).status).toBe(200);
  expect((await verify({ response: ada.key.get(await requestOptions(house)) })).status).toBe(200);
  const { signature, ...less } = ada.key.get(await requestOptions(house)).response;
  const missing = await verify({ response: { id: "a", rawId: "a", response: less } });
  const paths = missing.body.error.details.map(({ path }: { path: string }) => path);
  expect([missing.status, signature.length > 0, paths]).toEqual([400, true, ["response.type"]]);
  const inner = await verify({ id: "a", rawId: "a", type: "public-key", response: less });
  expect([inner.status, inner.body.error.details[0].path]).toEqual([400, "response.signature"]);
});

describe("a sign-in by name", () => {
  const options = async (email: string) =>
    (await house.post("/api/v1/auth/passkey/login/options", { email })).body;
  const verify = (body: object) => house.post("/api/v1/auth/passkey/login/verify", body);

  test("takes a key of that account alone", async () => {
    const bob = await addHolder(house, "bob");
    expect((await verify(bob.key.get(await options("ada")))).status).toBe(401);
    expect(await lastReason(house)).toBe("account");
    expect((await verify(bob.key.get(await options("nobody")))).status).toBe(401);
    expect(await lastReason(house)).toBe("account");
    expect((await verify(bob.key.get(await options("bob")))).status).toBe(200);
  });

  test("needs no handle, but a wrong one is wrong", async () => {
    expect((await verify(ada.key.get(await options("ada"), { userHandle: null }))).status).toBe(200);
    expect((await verify(ada.key.get(await options("ada"), { userHandle: "AAAA" }))).status).toBe(401);
    expect(await lastReason(house)).toBe("user_handle");
  });

  test("takes no key that was enrolled since", async () => {
    const dora = await house.addUser("dora");
    const asked = await options("dora");
    house.advance(1);
    const { token } = await house.addSession(dora);
    const key = makeKey();
    const { body } = await house.post("/auth/passkeys/register/options", undefined, { token });
    await house.post("/auth/passkeys/register/verify", { name: "x", ...key.create(body) }, { token });
    expect((await verify(key.get(asked))).status).toBe(401);
    expect(await lastReason(house)).toBe("account");
    expect((await verify(key.get(await options("dora")))).status).toBe(200);
  });
});

test("a proof opens a session of its own account only, once, within two minutes, and nothing else", async () => {
  const bob = await addHolder(house, "bill");
  const spend = (email: string, token: string) =>
    house.post("/auth/sessions", { method: "passkey", email, token });
  const { token } = (await prove(house, bob.key)).body;
  for (const name of ["ada", "nobody", "ada@example.com"]) {
    const answer = await spend(name, token);
    expect([answer.status, answer.body.error.code]).toEqual([401, "INVALID_TOKEN"]);
  }
  expect((await house.get("/auth/sessions/current", { token })).status).toBe(401);
  const challenge = { challenge_token: token, code: "123456" };
  expect((await house.post("/api/v1/auth/2fa/verify", challenge)).body.error.code).toBe("INVALID_CHALLENGE");
  expect((await spend("BILL@example.com", token)).status).toBe(201);
  expect((await spend("bill", token)).body.error.code).toBe("INVALID_TOKEN");
  const late = (await prove(house, bob.key)).body.token;
  house.advance(120);
  expect((await spend("bill", late)).body.error.code).toBe("INVALID_TOKEN");
});

test("two-factor is not asked for: a passkey is two by itself", async () => {
  const eve = await addHolder(house, "eve");
  await enrolApp(house, eve.token);
  const { token } = (await prove(house, eve.key)).body;
  expect((await house.post("/auth/sessions", { method: "passkey", email: "eve", token })).status).toBe(201);
  const verify = await house.post(
    "/api/v1/auth/passkey/login/verify",
    eve.key.get(await requestOptions(house)),
  );
  expect([verify.status, verify.body.two_factor_required]).toEqual([200, undefined]);
});

test("a disabled account hears that it is once its passkey was right, and otherwise what everybody hears", async () => {
  const zoe = await addHolder(house, "zoe");
  await house.core.store.write((tx) => tx.users.update(zoe.user.id, { disabledAt: house.core.clock() }));
  await house.core.store.write((tx) => tx.sessions.endAll(zoe.user.id, null, house.core.clock()));
  const answers = [
    await prove(house, zoe.key),
    await house.post("/api/v1/auth/passkey/login/verify", zoe.key.get(await requestOptions(house))),
    await house.post("/api/auth/passkey/verify", {
      response: zoe.key.get(await requestOptions(house)),
      origin,
    }),
  ];
  for (const { status, body } of answers)
    expect([status, body.error.code]).toEqual([403, "ACCOUNT_DISABLED"]);
  const wrong = await prove(house, zoe.key, { signWith: makeKey().privateKey });
  expect([wrong.status, wrong.body.error.code]).toEqual([401, "PASSKEY_REJECTED"]);
  expect((await passkeysOf(house, zoe))[0]?.lastUsedAt).toBe(null);
});

test("an app says which origin it signs for, and it has to be one of the house's", async () => {
  const app = "android:apk-key-hash:9fJHcyWfjoeF4u6nXvFJrrDxzWYKOqRJxWJqAHeCZ4k";
  const values = { url: "https://auth.example.org", origins: [app, "housekey://app"] };
  await using own = (await openHouse({})).house;
  await using apps = await (await import("../harness.ts")).startAppliance({ values });
  const asked = { username: "ada", origin: app };
  expect((await apps.post("/api/auth/passkey/options", asked, { origin: null })).body.rpId).toBe(
    "auth.example.org",
  );
  for (const [where, wrong] of [
    [own, app],
    [own, "http://localhost:8421"],
    [own, "http://nas.lan"],
    [own, "http://localhost:8420/"],
    [apps, "https://auth.example.org.evil"],
    [apps, "http://auth.example.org"],
  ] as const) {
    const answer = await where.post(
      "/api/auth/passkey/options",
      { username: "ada", origin: wrong },
      { origin: null },
    );
    expect([wrong, answer.status, answer.body.error.code]).toEqual([wrong, 400, "ORIGIN_NOT_ALLOWED"]);
  }
});

test("a key enrolled and used by an app at its own origin is as good as any", async () => {
  const app = "android:apk-key-hash:9fJHcyWfjoeF4u6nXvFJrrDxzWYKOqRJxWJqAHeCZ4k";
  const opened = await openHouse({ origins: [app] });
  await using apps = opened.house;
  const { token } = await apps.addSession(opened.ada.user);
  const key = makeKey({ origin: app });
  const { body } = await apps.post("/auth/passkeys/register/options", undefined, { token });
  const made = await apps.post(
    "/auth/passkeys/register/verify",
    { name: "App", ...key.create(body) },
    { token },
  );
  expect(made.status).toBe(201);
  const options = (await apps.post("/api/auth/passkey/options", { origin: app }, { origin: null })).body;
  const answer = { response: key.get(options), origin: app };
  expect((await apps.post("/api/auth/passkey/verify", answer, { origin: null })).status).toBe(200);
});
