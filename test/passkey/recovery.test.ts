/** A recovery link may be answered with a passkey in place of a password. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { type Appliance, password } from "../harness.ts";
import { codeAt, enrol as enrolApp } from "../two-factor/app.ts";
import { makeKey } from "./authenticator.ts";
import { addHolder, from, type Holder, lastReason, openHouse, passkeysOf, prove } from "./house.ts";

let house: Appliance;
let root: string;
let lost: Holder;
let link: string;
let n = 0;

beforeAll(async () => {
  ({ house } = await openHouse());
});

afterAll(() => house[Symbol.asyncDispose]());

beforeEach(async () => {
  root = (await house.addSession(await house.addUser(`root${n}`, { role: "admin" }))).token;
  lost = await addHolder(house, `lost${n++}`);
  link = await newLink();
});

async function newLink(): Promise<string> {
  const { body } = await house.post(`/auth/users/${lost.user.id}/recovery`, undefined, { token: root });
  return body.url.split("#token=")[1];
}

const options = (token = link) => house.post("/auth/recovery/passkey/options", { token });
const complete = (body: object, asked = {}) => house.post("/auth/recovery/complete", body, asked);

test("the passkey is added, everything else ends, two-factor is gone, and its owner is signed in", async () => {
  const app = await enrolApp(house, lost.token);
  const proof = (await prove(house, lost.key)).body.token;
  const key = makeKey();
  const asked = await options();
  expect([asked.status, asked.body.excludeCredentials.map(({ id }: { id: string }) => id)]).toEqual([
    200,
    [lost.key.id],
  ]);
  const answer = await complete({ token: link, passkey: key.create(asked.body) });
  expect([answer.status, answer.body.user]).toEqual([
    201,
    expect.objectContaining({ username: lost.user.username, two_factor_enabled: false }),
  ]);
  const { body } = await house.get("/auth/sessions", { token: answer.body.token });
  expect(body.map(({ methods }: { methods: string[] }) => methods)).toEqual([["passkey"]]);
  expect((await house.get("/auth/sessions/current", { token: lost.token })).status).toBe(401);
  const spent = await house.post("/auth/sessions", {
    method: "passkey",
    email: lost.user.username,
    token: proof,
  });
  expect(spent.body.error.code).toBe("INVALID_TOKEN");
  expect((await prove(house, key)).body.username).toBe(lost.user.username);
  const letters = await house.mailTo(lost.user.email ?? "");
  expect(letters.at(-1)?.text).toContain("passkey");
  const login = { username: lost.user.username, password, code: codeAt(app.secret, house.core.clock(), 1) };
  expect((await house.post("/auth/local/login", login)).status).toBe(201);
});

test("it takes a password or a passkey, and not both", async () => {
  const passkey = makeKey().create((await options()).body);
  for (const body of [{ token: link }, { token: link, password: "difference engine", passkey }]) {
    const answer = await complete(body);
    expect([answer.status, answer.body.error.code, answer.body.error.details[0].path]).toEqual([
      400,
      "INVALID_REQUEST",
      "password",
    ]);
  }
  expect((await complete({ token: link, passkey })).status).toBe(201);
  expect((await complete({ token: link, passkey })).body.error.code).toBe("INVALID_TOKEN");
});

test("what is wrong with the passkey leaves the link as it was, and spends the question", async () => {
  const asked = (await options()).body;
  const wrong = await complete({ token: link, passkey: makeKey().create(asked, { flags: 0x41 }) });
  expect([wrong.status, wrong.body.error.code, await lastReason(house)]).toEqual([
    401,
    "PASSKEY_REJECTED",
    "user_unverified",
  ]);
  expect((await complete({ token: link, passkey: makeKey().create(asked) })).status).toBe(401);
  expect(await lastReason(house)).toBe("challenge");
  expect((await house.get("/auth/sessions/current", { token: lost.token })).status).toBe(200);
  expect((await complete({ token: link, passkey: makeKey().create((await options()).body) })).status).toBe(
    201,
  );
});

test("the question of one link answers no other, nor a registration, and a registration's answers no link", async () => {
  const first = (await options()).body;
  const other = await addHolder(house, `other${n++}`);
  const mine = link;
  lost = other;
  link = await newLink();
  expect((await complete({ token: link, passkey: makeKey().create(first) })).status).toBe(401);
  expect(await lastReason(house)).toBe("challenge");
  const second = (await options(mine)).body;
  const registering = { name: "x", ...makeKey().create(second) };
  expect(
    (await house.post("/auth/passkeys/register/verify", registering, { token: other.token })).status,
  ).toBe(400);
  const creation = (await house.post("/auth/passkeys/register/options", undefined, { token: other.token }))
    .body;
  expect((await complete({ token: link, passkey: makeKey().create(creation) })).status).toBe(401);
  expect(await passkeysOf(house, other)).toHaveLength(1);
});

test("a link that was replaced, spent or that ran out asks nothing and takes nothing", async () => {
  const asked = (await options()).body;
  const newer = await newLink();
  expect((await options()).body.error.code).toBe("INVALID_TOKEN");
  expect((await complete({ token: link, passkey: makeKey().create(asked) })).body.error.code).toBe(
    "INVALID_TOKEN",
  );
  house.advance(3601);
  expect((await options(newer)).body.error.code).toBe("INVALID_TOKEN");
  for (const token of ["wrong", "x".repeat(256)])
    expect((await options(token)).body.error.code).toBe("INVALID_TOKEN");
});

test("of fifty at once with one answer, one recovers", async () => {
  const body = { token: link, passkey: makeKey().create((await options()).body) };
  const answers = await Promise.all(Array.from({ length: 50 }, () => complete(body, from("192.0.2.7"))));
  const codes = answers.map(({ status }) => status).sort();
  expect(codes).toEqual([201, ...Array(49).fill(401)]);
  expect(await passkeysOf(house, lost)).toHaveLength(2);
});
