/** The JWT an API key is exchanged for. */
import { expect, test } from "bun:test";
import { createLocalJWKSet, jwtVerify, SignJWT } from "jose";
import { mintSecret } from "../../src/identity/secret.ts";
import { publicKeys, signer } from "../../src/identity/signing-key.ts";
import { type Appliance, origin, password, startAppliance } from "../harness.ts";
import { decode } from "../spa/tokens.ts";
import { both, create, exchange, jwtFor, keySessions, made, owner, status } from "./keys.ts";

test("it says who, which key, which scopes, which session and until when, under a type of its own", async () => {
  await using house = await startAppliance();
  const ada = await owner(house);
  const { id, key } = await made(house, ada, { scopes: ["profile:read", "audit:read"] });
  const answer = await exchange(house, key);
  const now = house.core.clock().getTime() / 1000;
  expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "no-store"]);
  expect(answer.body).toEqual({
    ok: true,
    data: { token: expect.any(String), user_id: ada.user.id, expires_at: now + 3600 },
  });
  const { header, claims } = decode(answer.body.data.token);
  expect(header).toEqual({ alg: "RS256", typ: "key+jwt", kid: expect.any(String) });
  expect(claims).toEqual({
    iss: origin,
    aud: origin,
    sub: ada.user.id,
    sid: expect.stringMatching(/^ses_/),
    key_id: id,
    scopes: ["profile:read", "audit:read"],
    iat: now,
    exp: now + 3600,
    jti: expect.any(String),
  });
  const jwks = createLocalJWKSet(await publicKeys(house.core));
  const verified = await jwtVerify(answer.body.data.token, jwks, {
    issuer: origin,
    audience: origin,
    typ: "key+jwt",
    currentDate: house.core.clock(),
  });
  expect(verified.payload.key_id).toBe(id);
  house.advance(3599);
  expect(await status(house, answer.body.data.token)).toBe(200);
  house.advance(1);
  expect(await both(house, key, answer.body.data.token)).toEqual([200, 401]);
});

test("all its JWTs have one session, which every list shows and none calls its own", async () => {
  await using house = await startAppliance();
  const ada = await owner(house);
  const { key } = await made(house, ada);
  expect(await keySessions(house, ada.token)).toEqual([]);
  const [one, two] = [decode(await jwtFor(house, key)).claims, decode(await jwtFor(house, key)).claims];
  expect([one.sid, one.jti === two.jti]).toEqual([two.sid, false]);
  const [session, ...more] = await keySessions(house, ada.token);
  expect(more).toEqual([]);
  expect(session).toMatchObject({
    id: one.sid,
    kind: "api_key",
    device: "backup",
    methods: ["key"],
    current: false,
    ip: "127.0.0.1",
  });
  const spa = (await house.get("/api/v1/auth/sessions", { token: ada.token })).body.sessions;
  const mobile = (await house.get("/api/session/list", { token: ada.token })).body;
  for (const list of [spa, mobile]) expect(list.map(({ id }: { id: string }) => id)).toContain(one.sid);
  const stats = await house.core.store.read.sessions.stats(
    { now: house.core.clock(), idleSince: new Date(0), createdSince: new Date(0) },
    new Date(0),
  );
  expect(stats.byKind.api_key).toBe(1);
});

test("of fifty exchanges at once all are answered, and one session is opened", async () => {
  await using house = await startAppliance();
  const ada = await owner(house);
  const { key } = await made(house, ada);
  const answers = await Promise.all(Array.from({ length: 50 }, () => exchange(house, key)));
  const sids = answers.map(({ body }) => decode(body.data.token).claims.sid);
  expect(new Set(sids).size).toBe(1);
  const all = await house.core.store.read.sessions.stats(
    { now: house.core.clock(), idleSince: new Date(0), createdSince: new Date(0) },
    new Date(0),
  );
  expect([all.byKind.api_key, (await keySessions(house, ada.token)).length]).toEqual([1, 1]);
});

for (const [where, path] of [
  ["the browser's list", "/auth/sessions/"],
  ["a dashboard's list", "/api/v1/auth/sessions/"],
  ["a phone's list", "/api/session/"],
] as const)
  test(`ended from ${where} its JWTs are refused at once, the key is not, and a new one opens another`, async () => {
    await using house = await startAppliance();
    const ada = await owner(house);
    const { key } = await made(house, ada);
    const jwts = [await jwtFor(house, key), await jwtFor(house, key)];
    const { sid } = decode(jwts[0] ?? "").claims;
    expect((await house.delete(path + sid, { token: ada.token })).status).toBeLessThan(300);
    for (const jwt of jwts) expect(await both(house, key, jwt)).toEqual([200, 401]);
    const next = await jwtFor(house, key);
    expect(decode(next).claims.sid).not.toBe(sid);
    expect(await status(house, next)).toBe(200);
    for (const jwt of jwts) expect(await status(house, jwt)).toBe(401);
    expect((await keySessions(house, ada.token)).length).toBe(1);
  });

test("a session left alone for too long is followed by another, and is not left open beside it", async () => {
  await using house = await startAppliance();
  const ada = await owner(house);
  const { key } = await made(house, ada);
  const { sid } = decode(await jwtFor(house, key)).claims;
  house.advance(6 * 86_400);
  expect(decode(await jwtFor(house, key)).claims.sid).toBe(sid);
  house.advance(7 * 86_400);
  const later = decode(await jwtFor(house, key)).claims.sid;
  expect(later).not.toBe(sid);
  expect((await house.core.store.read.sessions.find(sid))?.endedAt).not.toBeNull();
});

test("who is asking, asked with a key, is its owner and the session its JWTs have, if there is one", async () => {
  await using house = await startAppliance();
  const ada = await owner(house);
  const { key } = await made(house, ada);
  const ask = async (token: string) => (await house.get("/auth/sessions/current", { token })).body;
  expect(await ask(key)).toMatchObject({ session: null, user: { username: "ada" } });
  const jwt = await jwtFor(house, key);
  const { sid } = decode(jwt).claims;
  const shown = { session: { id: sid, kind: "api_key", current: true }, user: { username: "ada" } };
  for (const token of [key, jwt]) expect(await ask(token)).toMatchObject(shown);
  await house.delete(`/auth/sessions/${sid}`, { token: ada.token });
  expect((await ask(key)).session).toBeNull();
});

test("a key ends no session: signing out is refused on every surface, and ends nothing", async () => {
  await using house = await startAppliance();
  const ada = await owner(house);
  const { key } = await made(house, ada);
  const jwt = await jwtFor(house, key);
  const spa = (await house.post("/api/v1/auth/login", { email: "ada", password })).body;
  for (const token of [key, jwt])
    for (const [method, path, body] of [
      ["DELETE", "/auth/sessions/current", undefined],
      ["DELETE", "/auth/sessions", undefined],
      ["POST", "/api/v1/auth/logout", {}],
      ["POST", "/api/v1/auth/logout", { refresh_token: spa.refresh_token }],
    ] as const) {
      const answer = await house.call(method, path, { token, ...(body && { body }) });
      expect([path, answer.status, answer.body.error.code]).toEqual([path, 403, "API_KEY_NOT_ALLOWED"]);
    }
  for (const token of [ada.token, jwt, spa.access_token]) expect(await status(house, token)).toBe(200);
  await house.post(
    "/auth/sessions/revoke-all",
    {},
    { token: (await owner(house, "root", { role: "admin" })).token },
  );
  expect((await house.post("/api/v1/auth/logout", {}, { token: jwt })).status).toBe(204);
});

test("only the key itself is exchanged, and sixty times a minute", async () => {
  await using house = await startAppliance();
  const ada = await owner(house);
  const { key } = await made(house, ada);
  const spa = (await house.post("/api/v1/auth/login", { email: "ada", password })).body;
  for (const token of [await jwtFor(house, key), ada.token, spa.access_token, spa.refresh_token, "x", ""]) {
    const answer = await exchange(house, token);
    expect([answer.status, answer.body.error.code]).toEqual([401, "UNAUTHORIZED"]);
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
  }
  expect((await house.post("/v1/auth/token", undefined, { cookie: `housekey=${ada.token}` })).status).toBe(
    401,
  );
  expect((await house.post("/v1/auth/token", { token: key })).status).toBe(401);
  const other = await made(house, ada);
  for (let n = 1; n < 60; n++) expect((await exchange(house, key)).status).toBe(200);
  const refused = await exchange(house, key);
  expect([refused.status, refused.body.error.code]).toEqual([429, "RATE_LIMITED"]);
  expect(refused.headers.get("retry-after")).toBe("60");
  expect((await exchange(house, other.key)).status).toBe(200);
  house.advance(60);
  expect((await exchange(house, key)).status).toBe(200);
});

/** Every kind of token there is, and where each is at home. */
async function tokens(house: Appliance): Promise<Record<string, string>> {
  const root = await owner(house, "root", { role: "admin" });
  const { key } = await made(house, root);
  const spa = (await house.post("/api/v1/auth/login", { email: "root", password })).body;
  const minted = async (path: string) => (await house.post(path, {}, { token: root.token })).body;
  const { url } = await minted(`/auth/users/${root.user.id}/recovery`);
  return {
    session: root.token,
    access: spa.access_token,
    refresh: spa.refresh_token,
    key,
    jwt: await jwtFor(house, key),
    invite: (await minted("/auth/invites")).token,
    bootstrap: (await minted("/auth/bootstrap/tokens")).token,
    recovery: url.split("#token=")[1],
    nobody: mintSecret(48),
  };
}

test("no kind of token works as another", async () => {
  await using house = await startAppliance();
  const all = await tokens(house);
  const uses: Record<string, [string[], (token: string) => Promise<number>]> = {
    "as Bearer": [["session", "access", "key", "jwt"], (token) => status(house, token)],
    "as Bearer of a person": [
      ["session", "access"],
      async (token) => (await house.get("/auth/sessions", { token })).status,
    ],
    "as a cookie": [
      ["session"],
      async (token) => (await house.get("/auth/sessions", { cookie: `housekey=${token}` })).status,
    ],
    "to be exchanged": [["key"], async (token) => (await exchange(house, token)).status],
    "to be looked up as an invitation": [
      ["invite"],
      async (token) => (await house.post("/auth/invites/info", { token })).status,
    ],
    "to be looked up as a recovery": [
      ["recovery"],
      async (token) => (await house.post("/auth/recovery/info", { token })).status,
    ],
    "to be refreshed": [
      ["refresh"],
      async (token) => (await house.post("/api/v1/auth/refresh", { refresh_token: token })).status,
    ],
  };
  for (const [how, [kinds, use]] of Object.entries(uses))
    for (const [kind, token] of Object.entries(all))
      expect([how, kind, (await use(token)) < 300]).toEqual([how, kind, kinds.includes(kind)]);
});

test("a signed JWT that is neither a person's nor a key's by the letter is none", async () => {
  await using house = await startAppliance();
  const ada = await owner(house);
  const { key } = await made(house, ada);
  const jwt = await jwtFor(house, key);
  const other = await made(house, ada);
  const spa = (await house.post("/api/v1/auth/login", { email: "ada", password })).body;
  const { kid, key: signing } = await signer(house.core);
  const mint = (from: string, typ: string, over: object) => {
    const claims = Object.entries({ ...decode(from).claims, ...over }).filter(([, one]) => one !== undefined);
    return new SignJWT(Object.fromEntries(claims))
      .setProtectedHeader({ alg: "RS256", typ, kid })
      .sign(signing);
  };
  expect(await status(house, await mint(jwt, "key+jwt", {}))).toBe(200);
  expect(await status(house, await mint(spa.access_token, "at+jwt", {}))).toBe(200);
  const { claims } = decode(spa.access_token);
  for (const [from, typ, over] of [
    [jwt, "at+jwt", {}],
    [jwt, "at+jwt", { key_id: undefined }],
    [jwt, "JWT", {}],
    [jwt, "key+jwt", { key_id: undefined }],
    [jwt, "key+jwt", { key_id: 5 }],
    [jwt, "key+jwt", { key_id: other.id }],
    [jwt, "key+jwt", { key_id: "key_none" }],
    [jwt, "key+jwt", { sid: claims.sid }],
    [jwt, "key+jwt", { sub: "usr_other" }],
    [spa.access_token, "key+jwt", {}],
    [spa.access_token, "key+jwt", { key_id: decode(jwt).claims.key_id }],
    [spa.access_token, "at+jwt", { key_id: decode(jwt).claims.key_id }],
    [spa.access_token, "at+jwt", { sid: decode(jwt).claims.sid }],
  ] as const)
    expect([typ, over, await status(house, await mint(from, typ, over))]).toEqual([typ, over, 401]);
  // Scopes are what the key has, whatever its JWT says.
  const grown = await mint(jwt, "key+jwt", { scopes: ["profile:read", "audit:read"] });
  const { body } = await house.get("/auth/sessions/current/permissions", { token: grown });
  expect(body.permissions).toEqual(["profile:read"]);
  expect((await create(house, grown)).status).toBe(403);
});
