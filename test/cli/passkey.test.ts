/** Passkeys on the executable, with an authenticator that somebody else wrote and one that lies. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bootstrap, emptyFolder, type House, requireBinary, speak, startHouse } from "../binary.ts";
import { BE, type Bend, BS, makeKey, UP, UV } from "../passkey/authenticator.ts";
import { type Emulator, emulator } from "../passkey/emulator.ts";

const url = "https://auth.example.org";
const app = "android:apk-key-hash:9fJHcyWfjoeF4u6nXvFJrrDxzWYKOqRJxWJqAHeCZ4k";
const env = {
  HOUSEKEY_URL: url,
  HOUSEKEY_ORIGINS: app,
  HOUSEKEY_LIMIT_SIGNIN: "off",
  HOUSEKEY_LIMIT_REGISTER: "off",
};

const folder = emptyFolder();
let house: House;
let token: string;

beforeAll(async () => {
  requireBinary();
  house = await startHouse({ cwd: folder.path, env });
  token = (await bootstrap(house)).body.token;
});

afterAll(async () => {
  await house.stop();
  folder[Symbol.dispose]();
});

const post = (path: string, body?: unknown, own?: string) =>
  speak(house, "POST", path, {
    ...(body !== undefined && { body }),
    ...(own !== undefined && { token: own }),
  });
const creation = async () => (await post("/auth/passkeys/register/options", undefined, token)).body;
const request = async () => (await post("/auth/passkeys/authenticate/options")).body;
const keep = (answer: object) => post("/auth/passkeys/register/verify", { name: "Key", ...answer }, token);
const use = (answer: object) => post("/auth/passkeys/authenticate/verify", answer);

async function enrolled(authenticator: Emulator, at = url): Promise<string> {
  const { status, body } = await keep(authenticator.createJSON(at, await creation()));
  expect([status, body.name]).toEqual([201, "Key"]);
  return body.id;
}

test("one enrolment signs in a browser, a single-page app and a phone, also after kill -9, until it is removed", async () => {
  const authenticator = emulator();
  const id = await enrolled(authenticator);
  const signIns = {
    async web() {
      const { body } = await use(authenticator.getJSON(url, await request()));
      const answer = await post("/auth/sessions", { method: "passkey", email: "ada", token: body.token });
      return [answer.status, answer.body.token];
    },
    async spa() {
      const options = (await post("/api/v1/auth/passkey/login/options", { email: "ada" })).body;
      const answer = await post("/api/v1/auth/passkey/login/verify", authenticator.getJSON(url, options));
      return [answer.status, answer.body.access_token];
    },
    async mobile() {
      const options = (await post("/api/auth/passkey/options", { username: "ada", origin: url })).body;
      const response = authenticator.getJSON(url, options);
      const answer = await post("/api/auth/passkey/verify", { response, origin: url });
      expect(answer.headers.get("authorization")).toBe(answer.body.token ?? null);
      return [answer.status, answer.body.token];
    },
  };
  for (const [kind, signIn] of Object.entries(signIns)) {
    const [, opened] = await signIn();
    const { body } = await speak(house, "GET", "/auth/sessions/current", { token: opened });
    expect([body.session.kind, body.session.methods]).toEqual([kind, ["passkey"]]);
  }
  // A question that was put before the process died may still be answered.
  const asked = await request();
  await house.kill();
  house = await startHouse({ cwd: folder.path, env });
  expect((await use(authenticator.getJSON(url, asked))).status).toBe(200);
  const statuses = [];
  for (const signIn of Object.values(signIns)) statuses.push((await signIn())[0]);
  expect(statuses).toEqual([201, 200, 200]);
  expect((await speak(house, "DELETE", `/auth/passkeys/${id}`, { token })).status).toBe(204);
  expect((await use(authenticator.getJSON(url, await request()))).status).toBe(401);
});

test("an authenticator that verified nobody, or asked nobody, gets nowhere", async () => {
  const verifications = { userVerified: false, userPresent: true };
  const lax = emulator({
    verifications,
    userMakeCredentialInteraction: () => ({ options: { uv: false, up: true } }),
  });
  expect((await keep(lax.createJSON(url, await creation()))).status).toBe(400);
});

test("whatever is wrong with an answer, it is told the same, and the audit why", async () => {
  const key = makeKey({ origin: url });
  expect((await keep(key.create(await creation()))).status).toBe(201);
  const bends: readonly (readonly [Bend, string])[] = [
    [{ origin: "https://auth.example.org.evil" }, "origin"],
    [{ origin: "https://login.auth.example.org" }, "origin"],
    [{ origin: "https://example.org" }, "origin"],
    [{ origin: "http://auth.example.org" }, "origin"],
    [{ origin: "https://auth.example.org:8443" }, "origin"],
    [{ origin: "https://auth.example.org." }, "origin"],
    [{ origin: "https://xn--uth-7la.example.org" }, "origin"],
    [{ origin: house.url }, "origin"],
    [{ origin: `${app}A` }, "origin"],
    [{ rpId: "example.org" }, "rp_id"],
    [{ crossOrigin: true }, "cross_origin"],
    [{ topOrigin: "https://evil.example" }, "cross_origin"],
    [{ type: "webauthn.create" }, "type"],
    [{ flags: UV | BE | BS }, "user_absent"],
    [{ flags: UP | BE | BS }, "user_unverified"],
    [{ flags: UP | UV | BS }, "backup"],
    [{ flags: UP | UV }, "backup"],
    [{ userHandle: null }, "user_handle"],
    [{ userHandle: "dXNyXw" }, "user_handle"],
    [{ signWith: makeKey().privateKey }, "signature"],
    [{ id: makeKey().id }, "credential"],
    [{ challenge: "A".repeat(43) }, "challenge"],
  ];
  const bodies = new Set<string>();
  for (const [bend] of bends) {
    const { status, body } = await use(key.get(await request(), bend));
    bodies.add(JSON.stringify([status, body]));
  }
  expect([...bodies].map((one) => JSON.parse(one))).toEqual([
    [401, { ok: false, error: { code: "PASSKEY_REJECTED", message: "This passkey was not accepted." } }],
  ]);
  const path = `/auth/audit?event=passkey.refused&limit=${bends.length}`;
  const { events } = (await speak(house, "GET", path, { token })).body;
  const reasons = events.map(({ reason }: { reason: string }) => reason).reverse();
  expect(reasons).toEqual(bends.map(([, reason]) => reason));
  expect((await use(key.get(await request()))).status).toBe(200);
  expect((await use(key.get(await request(), { origin: app }))).status).toBe(200);
});

test("of fifty at once over real sockets one sign-in wins, and one registration", async () => {
  const key = makeKey({ origin: url });
  const made = key.create(await creation());
  const kept = await Promise.all(Array.from({ length: 50 }, () => keep(made)));
  expect(kept.map(({ status }) => status).sort()).toEqual([201, ...Array(49).fill(400)]);
  const answer = key.get(await request());
  const used = await Promise.all(Array.from({ length: 50 }, () => use(answer)));
  expect(used.map(({ status }) => status).sort()).toEqual([200, ...Array(49).fill(401)]);
});

test("challenges and proofs are in no file and in no line of the log", async () => {
  const key = makeKey({ origin: url });
  const asked = await creation();
  expect((await keep(key.create(asked))).status).toBe(201);
  const open = await request();
  const { body } = await use(key.get(await request()));
  const kept = readdirSync(house.data).map((name) => readFileSync(join(house.data, name)).toString("latin1"));
  for (const secret of [asked.challenge, open.challenge, body.token])
    for (const text of [...kept, house.output()]) expect(text.includes(secret)).toBe(false);
});
