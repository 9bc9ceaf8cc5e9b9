import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { writeSightings } from "../../src/identity/session.ts";
import { startAppliance } from "../harness.ts";
import { create, exchange, jwtFor, made, owner, status } from "./keys.ts";

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

test("a key is 256 random bits in base 62 and the CRC-32 of that, and is shown once", async () => {
  await using house = await startAppliance();
  const ada = await owner(house);
  const answer = await create(house, ada.token, { expires_in_days: 30 });
  expect([answer.status, answer.headers.get("cache-control")]).toEqual([201, "no-store"]);
  const now = house.core.clock().getTime() / 1000;
  const { data } = answer.body;
  expect(answer.body).toEqual({
    ok: true,
    data: {
      id: expect.stringMatching(/^key_[0-9a-z]{26}$/),
      name: "backup",
      prefix: data.key.slice(0, 9),
      key: expect.stringMatching(/^hk_[0-9A-Za-z]{49}$/),
      scopes: ["profile:read"],
      expires_at: now + 30 * 86_400,
    },
  });
  const sum = [...data.key.slice(46)].reduce((value, digit) => value * 62 + digits.indexOf(digit), 0);
  expect(sum).toBe(crc32(data.key.slice(3, 46)));
  const listed = await house.get("/v1/auth/api-keys", { token: ada.token });
  const { key, ...rest } = data;
  expect(listed.body).toEqual({
    ok: true,
    data: [{ ...rest, created_at: "2026-01-01T00:00:00.000Z", last_used_at: null }],
  });
  expect(listed.text).not.toContain(key.slice(9));
});

test("five hundred keys use all digits in every place, and no two are alike", async () => {
  await using house = await startAppliance();
  const keys: string[] = [];
  for (let n = 0; n < 10; n++) {
    const someone = await owner(house, `u${n}`);
    for (let m = 0; m < 50; m++) keys.push((await made(house, someone)).key);
  }
  expect(new Set(keys).size).toBe(500);
  for (const position of [4, 20, 45])
    expect(new Set(keys.map((key) => key[position])).size).toBeGreaterThan(55);
});

test("one that is cut, longer, re-cased, mistyped or of no key is 401, and costs no look at the store", async () => {
  const statements: string[] = [];
  await using house = await startAppliance({ store: { onStatement: (sql) => statements.push(sql) } });
  const ada = await owner(house);
  const { key } = await made(house, ada);
  expect(await status(house, key)).toBe(200);
  const body = key.slice(3, 46);
  const other = (digit: string) => digits[(digits.indexOf(digit) + 1) % 62];
  const wrong: Record<string, string> = {
    cut: key.slice(0, -1),
    longer: `${key}0`,
    padded: `${key}=`,
    "in lower case": key.toLowerCase(),
    "in upper case": key.toUpperCase(),
    "with another prefix": `hq_${key.slice(3)}`,
    "with its prefix in capitals": `HK_${key.slice(3)}`,
    "with a wrong checksum": key.slice(0, -1) + other(key.at(-1)),
    "without its checksum": `hk_${body}`,
    "mistyped in one digit": `hk_${other(body[0])}${body.slice(1)}${key.slice(46)}`,
    "with two digits swapped": `hk_${body.slice(0, 20)}${body[21]}${body[20]}${body.slice(22)}${key.slice(46)}`,
    "its prefix alone": key.slice(0, 9),
  };
  const before = statements.length;
  for (const [how, token] of Object.entries(wrong).filter(([, token]) => token !== key)) {
    const answer = await house.get("/v1/auth/me", { token });
    expect([how, answer.status, answer.body.error.code]).toEqual([how, 401, "UNAUTHORIZED"]);
    expect([how, (await exchange(house, token)).status]).toEqual([how, 401]);
  }
  expect(statements.slice(before)).toEqual([]);
  const unknown = `${"0".repeat(42)}1`;
  let sum = crc32(unknown);
  let check = "";
  for (; check.length < 6; sum = Math.floor(sum / 62)) check = digits[sum % 62] + check;
  expect(await status(house, `hk_${unknown}${check}`)).toBe(401);
  expect(statements.length).toBe(before + 1);
});

test("it counts in the header alone: in a cookie, a query, a body or another scheme it is nothing", async () => {
  await using house = await startAppliance();
  const { key } = await made(house, await owner(house));
  for (const asked of [
    { cookie: `housekey=${key}` },
    { headers: { authorization: key } },
    { headers: { authorization: `Basic ${btoa(`ada:${key}`)}` } },
    { headers: { "x-api-key": key } },
  ])
    expect((await house.get("/v1/auth/me", asked)).status).toBe(401);
  expect((await house.get(`/v1/auth/me?token=${key}&access_token=${key}`)).status).toBe(401);
  expect((await house.get("/v1/auth/me", { headers: { authorization: `bEARER ${key}` } })).status).toBe(200);
});

test("the database has its hash and nothing else, and no log has it at all", async () => {
  await using house = await startAppliance();
  const ada = await owner(house);
  const { key } = await made(house, ada);
  const jwt = await jwtFor(house, key);
  await house.get("/auth/sessions", { token: key });
  await house.get("/nothing", { token: jwt });
  await house.mailTo("ada@example.com");
  const kept = readdirSync(house.folder)
    .map((name) => readFileSync(join(house.folder, name)).toString("latin1"))
    .join("");
  expect(kept).toContain(new Bun.CryptoHasher("sha256").update(key).digest("base64url"));
  for (const text of [kept, house.lines.join("\n"), JSON.stringify(house.outbox)])
    for (const secret of [key.slice(3), key.slice(9, 46), jwt]) expect(text).not.toContain(secret);
});

test("its owner is told by mail, and the log of what happened says who, when and which", async () => {
  await using house = await startAppliance();
  const ada = await owner(house);
  const { id, prefix } = await made(house, ada, { name: "nightly http://evil.example\r\nBcc: x" });
  const [letter] = await house.mailTo("ada@example.com");
  expect(letter?.subject).toBe("A new API key for your Housekey account");
  expect(letter?.text).toContain("Key: nightly http:// evil. example Bcc: x\n");
  await house.delete(`/v1/auth/api-keys/${id}`, { token: ada.token });
  const { events } = (await house.get("/auth/audit", { token: ada.token })).body;
  const lines = events.filter(({ event }: { event: string }) => event.startsWith("api_key."));
  const line = { actor_id: ada.user.id, user_id: ada.user.id, reason: `${id} ${prefix}`, result: "ok" };
  expect(lines).toMatchObject([
    { ...line, event: "api_key.deleted" },
    { ...line, event: "api_key.created" },
  ]);
  expect((await house.mailTo("ada@example.com")).length).toBe(1);
});

test("what a body says of another owner, an identifier or a hash is nothing to it", async () => {
  await using house = await startAppliance();
  const [ada, eve] = [await owner(house), await owner(house, "eve")];
  const { id } = await made(house, eve, {
    user_id: ada.user.id,
    userId: ada.user.id,
    id: "key_mine",
    key: "hk_mine",
    token_hash: "x",
    prefix: "hk_zzzzzz",
    role: "admin",
    last_used_at: 1,
    expires_at: 1,
    __proto__: { scopes: ["users:write"] },
    constructor: { prototype: { role: "admin" } },
  });
  const [key] = await house.core.store.read.apiKeys.list(eve.user.id);
  expect(key).toMatchObject({ id, userId: eve.user.id, scopes: ["profile:read"], expiresAt: null });
  expect(id).not.toBe("key_mine");
  expect(await house.core.store.read.apiKeys.list(ada.user.id)).toEqual([]);
});

test("wrong, missing and oversized fields are named, and make nothing", async () => {
  await using house = await startAppliance();
  const ada = await owner(house);
  const wrong: [object, string][] = [
    [{ name: undefined }, "name"],
    [{ name: null }, "name"],
    [{ name: "" }, "name"],
    [{ name: "x".repeat(65) }, "name"],
    [{ name: 5 }, "name"],
    [{ name: ["backup"] }, "name"],
    [{ scopes: "profile:read" }, "scopes"],
    [{ scopes: [] }, "scopes"],
    [{ scopes: ["profile:burn"] }, "scopes"],
    [{ scopes: ["*"] }, "scopes"],
    [{ scopes: ["PROFILE:READ"] }, "scopes"],
    [{ scopes: [5] }, "scopes"],
    [{ scopes: [["profile:read"]] }, "scopes"],
    [{ scopes: Array(1000).fill("profile:read") }, "scopes"],
    [{ expires_in_days: 0 }, "expires_in_days"],
    [{ expires_in_days: 3651 }, "expires_in_days"],
    [{ expires_in_days: 1.5 }, "expires_in_days"],
    [{ expires_in_days: -1 }, "expires_in_days"],
    [{ expires_in_days: "30" }, "expires_in_days"],
    [{ expires_in_days: 1e300 }, "expires_in_days"],
  ];
  for (const [body, field] of wrong) {
    const { status, body: answer } = await create(house, ada.token, body);
    expect([body, status, answer.error?.code]).toEqual([body, 400, "INVALID_REQUEST"]);
    expect(answer.error.details[0].path).toStartWith(field);
  }
  expect(await house.core.store.read.apiKeys.count(ada.user.id)).toBe(0);
  for (const days of [1, 3650, null]) await made(house, ada, { expires_in_days: days });
  await made(house, ada, { name: "x".repeat(64), scopes: ["profile:read", "profile:read", "audit:read"] });
  const [twice] = (await house.get("/v1/auth/api-keys", { token: ada.token })).body.data;
  expect(twice.scopes).toEqual(["profile:read", "audit:read"]);
});

test("nobody makes or deletes one without a fresh sign-in, and nobody by a key", async () => {
  await using house = await startAppliance();
  const ada = await owner(house);
  const { id, key } = await made(house, ada, { scopes: ["keys:write", "profile:read"] });
  const remove = (token: string) => house.delete(`/v1/auth/api-keys/${id}`, { token });
  for (const token of [key, await jwtFor(house, key)])
    for (const answer of [await create(house, token), await remove(token)])
      expect([answer.status, answer.body.error.code]).toEqual([403, "API_KEY_NOT_ALLOWED"]);
  expect((await house.post("/v1/auth/api-keys", { name: "x" })).status).toBe(401);
  house.advance(901);
  for (const answer of [await create(house, ada.token), await remove(ada.token)])
    expect([answer.status, answer.body.error.code]).toEqual([403, "FRESH_LOGIN_REQUIRED"]);
  expect((await house.get("/v1/auth/api-keys", { token: ada.token })).body.data.length).toBe(1);
});

test("people see and delete their own, and nobody else's; admins see everybody's", async () => {
  await using house = await startAppliance();
  const [ada, eve] = [await owner(house), await owner(house, "eve", { role: "admin" })];
  const { id, name, prefix, scopes } = await made(house, ada, { expires_in_days: 1 });
  expect((await house.get("/v1/auth/api-keys", { token: eve.token })).body.data).toEqual([]);
  const theirs = await house.delete(`/v1/auth/api-keys/${id}`, { token: eve.token });
  const nobodys = await house.delete("/v1/auth/api-keys/key_none", { token: eve.token });
  expect([theirs.status, theirs.body]).toEqual([404, nobodys.body]);
  const path = `/auth/users/${ada.user.id}/api-keys`;
  expect((await house.get(path, { token: eve.token })).body).toEqual([
    {
      id,
      name,
      prefix,
      scopes,
      created_at: "2026-01-01T00:00:00.000Z",
      last_used_at: null,
      expires_at: "2026-01-02T00:00:00.000Z",
    },
  ]);
  expect((await house.get(path, { token: ada.token })).status).toBe(403);
  expect((await house.delete(`/v1/auth/api-keys/${id}`, { token: ada.token })).status).toBe(204);
  expect((await house.delete(`/v1/auth/api-keys/${id}`, { token: ada.token })).status).toBe(404);
});

test("of fifty made at once by somebody who has 49, one more is there, and the others hear why", async () => {
  await using house = await startAppliance();
  const ada = await owner(house);
  for (let n = 0; n < 49; n++) await made(house, ada);
  const answers = await Promise.all(Array.from({ length: 50 }, () => create(house, ada.token)));
  const refused = answers.filter(({ status }) => status !== 201);
  expect(refused.length).toBe(49);
  for (const { status, body } of refused) {
    expect([status, body.error.code]).toEqual([400, "INVALID_REQUEST"]);
    expect(body.error.message).toBe(
      "An account has room for 50 API keys. Delete one that is no longer used.",
    );
  }
  const { data } = (await house.get("/v1/auth/api-keys", { token: ada.token })).body;
  expect(data.length).toBe(50);
  expect((await house.mailTo("ada@example.com")).length).toBe(50);
  const eve = await owner(house, "eve");
  expect((await create(house, eve.token)).status).toBe(201);
  await house.delete(`/v1/auth/api-keys/${data[0].id}`, { token: ada.token });
  expect((await create(house, ada.token)).status).toBe(201);
});

test("when it was last used is seen at once, and written at most once a minute", async () => {
  await using house = await startAppliance();
  const ada = await owner(house);
  const { key } = await made(house, ada);
  const jwt = await jwtFor(house, key);
  const seen = async () =>
    (await house.get("/v1/auth/api-keys", { token: ada.token })).body.data[0].last_used_at;
  const stored = async () => (await house.core.store.read.apiKeys.list(ada.user.id))[0]?.lastUsedAt;
  expect([await seen(), await stored()]).toEqual(["2026-01-01T00:00:00.000Z", null]);
  await writeSightings(house.core);
  expect(await stored()).toEqual(new Date("2026-01-01T00:00:00Z"));
  house.advance(59);
  await status(house, key);
  expect(house.core.sightings.size).toBe(0);
  house.advance(1);
  await status(house, jwt);
  expect(await seen()).toBe("2026-01-01T00:01:00.000Z");
  await writeSightings(house.core);
  expect(await stored()).toEqual(new Date("2026-01-01T00:01:00Z"));
});

test("checking one takes two statements the first time, and none after that", async () => {
  const statements: string[] = [];
  await using house = await startAppliance({ store: { onStatement: (sql) => statements.push(sql) } });
  const { key } = await made(house, await owner(house));
  const counted = async () => {
    const before = statements.length;
    await status(house, key);
    return statements.length - before;
  };
  expect([await counted(), await counted(), await counted()]).toEqual([2, 0, 0]);
});
