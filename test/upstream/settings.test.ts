import { expect, test } from "bun:test";
import { startAppliance } from "../harness.ts";
import { client, keyNamed, startProvider } from "./provider.ts";
import { openHouse, settings, type Visited } from "./visit.ts";

const shown = async ({ house, admin }: Visited) => (await house.get("/auth/provider/oidc", admin)).body;

const put = ({ house, admin }: Visited, body: object) =>
  house.call("PUT", "/auth/provider/oidc", { token: admin.token, body });

/** The settings as they are kept. */
const kept = ({ house }: Visited) => house.core.store.read.providers.current();

test("what is set up is shown, but for the secret", async () => {
  await using visited = await openHouse();
  await using other = await openHouse();
  await other.house.core.store.write((tx) => tx.settings.put({ url: "https://auth.example.org" }));
  expect(await shown(visited)).toEqual({
    configured: true,
    enabled: true,
    name: "Example ID",
    issuer: visited.provider.issuer,
    client_id: client.id,
    has_client_secret: true,
    scopes: ["openid", "email", "profile"],
    auto_provision: false,
    link_by_email: false,
    redirect_uri: "http://localhost:8420/auth/oidc/callback",
  });
  expect((await shown(other)).redirect_uri).toBe("https://auth.example.org/auth/oidc/callback");
  expect((await visited.house.get("/auth/options")).body.oidc).toEqual({ name: "Example ID" });
});

test("absent fields keep their value, and the secret is sealed and never shown", async () => {
  await using visited = await openHouse({ auto_provision: true, scopes: ["openid", "email"] });
  const before = await kept(visited);
  const { issuer } = visited.provider;
  expect((await put(visited, { issuer, client_id: client.id, link_by_email: true, name: null })).status).toBe(
    204,
  );
  expect(await kept(visited)).toEqual({ ...before, linkByEmail: true, revision: 2 } as typeof before);
  expect(before?.sealedSecret).not.toContain(client.secret);
  const everything = [await shown(visited), (await visited.house.get("/auth/audit", visited.admin)).body];
  expect(JSON.stringify(everything) + visited.house.lines.join()).not.toContain(client.secret);
  expect(
    (await visited.house.get("/auth/audit?event=provider.changed", visited.admin)).body.events,
  ).toHaveLength(2);
});

test("another issuer or client wants the secret again, and null is a public client", async () => {
  await using visited = await openHouse();
  await using other = await startProvider({ now: visited.house.core.clock });
  const { issuer } = visited.provider;
  for (const body of [
    { issuer, client_id: "another" },
    { issuer: other.issuer, client_id: client.id },
  ]) {
    const before = await kept(visited);
    const refused = await put(visited, body);
    expect([refused.status, refused.body.error.details[0].path]).toEqual([400, "client_secret"]);
    expect(await kept(visited)).toEqual(before);
  }
  expect(other.asked).toEqual([]);
  expect(
    (await put(visited, { issuer: other.issuer, client_id: client.id, client_secret: null })).status,
  ).toBe(204);
  expect((await shown(visited)).has_client_secret).toBe(false);
  expect((await put(visited, { issuer, client_id: client.id })).status).toBe(204);
  expect((await shown(visited)).has_client_secret).toBe(false);
  expect((await put(visited, { issuer, client_id: client.id, client_secret: "new" })).status).toBe(204);
  expect((await put(visited, { issuer, client_id: client.id, client_secret: null })).status).toBe(204);
  expect((await shown(visited)).has_client_secret).toBe(false);
});

test("what is not as it should be is named, and nothing changes", async () => {
  await using visited = await openHouse();
  const before = await kept(visited);
  for (const [field, value] of [
    ["issuer", undefined],
    ["issuer", ""],
    ["issuer", "not an address"],
    ["issuer", 5],
    ["client_id", undefined],
    ["client_id", ""],
    ["client_secret", ""],
    ["client_secret", 5],
    ["scopes", []],
    ["scopes", ["email"]],
    ["scopes", ["openid", "two words"]],
    ["enabled", "yes"],
    ["name", "x".repeat(65)],
  ] as const) {
    const { status, body } = await put(visited, settings(visited.provider, { [field]: value }));
    expect([field, value, status, body?.error.code]).toEqual([field, value, 400, "INVALID_REQUEST"]);
    expect(body.error.details[0].path).toStartWith(field);
  }
  expect(await kept(visited)).toEqual(before);
});

const unusable: Readonly<Record<string, readonly [lies: object, says: RegExp]>> = {
  "calls itself otherwise": [
    { description: (honest: object) => ({ ...honest, issuer: "https://x.example" }) },
    /calls itself https:\/\/x\.example/,
  ],
  "calls itself with a slash more": [
    { description: (honest: { issuer: string }) => ({ ...honest, issuer: `${honest.issuer}/` }) },
    /with or without the slash/,
  ],
  "describes itself in prose": [{ description: () => "hello" }, /is not JSON/],
  "describes itself as a list": [{ description: () => [] }, /is not JSON/],
  "has no token endpoint": [
    { description: ({ token_endpoint: _, ...rest }: Record<string, unknown>) => rest },
    /has no token_endpoint/,
  ],
  "sends people to where nothing is encrypted": [
    {
      description: (honest: object) => ({
        ...honest,
        authorization_endpoint: "http://id.example.org/authorize",
      }),
    },
    /has no authorization_endpoint/,
  ],
  "keeps its keys where clouds keep theirs": [
    { description: (honest: object) => ({ ...honest, jwks_uri: "http://169.254.169.254/latest/meta-data" }) },
    /has no jwks_uri/,
  ],
  "keeps its keys in a file": [
    { description: (honest: object) => ({ ...honest, jwks_uri: "file:///etc/passwd" }) },
    /has no jwks_uri/,
  ],
  "hides a password in an address": [
    { description: (honest: object) => ({ ...honest, token_endpoint: "https://a:b@id.example.org/" }) },
    /has no token_endpoint/,
  ],
  "signs with secrets alone": [
    {
      description: (honest: object) => ({
        ...honest,
        id_token_signing_alg_values_supported: ["HS256", "none"],
      }),
    },
    /signs with HS256, none alone/,
  ],
  "does not offer the code flow": [
    { description: (honest: object) => ({ ...honest, response_types_supported: ["id_token"] }) },
    /code flow/,
  ],
  "has no keys": [{ keys: () => ({ keys: [] }) }, /publishes no key/],
  "has only secret keys": [{ keys: () => ({ keys: [{ kty: "oct", k: "x" }] }) }, /publishes no key/],
  "is not there": [{ serve: () => new Response("no", { status: 404 }) }, /answers 404/],
  "redirects to itself without end": [
    { serve: (path: string) => Response.redirect(path) },
    /redirects to another path/,
  ],
  "redirects elsewhere": [
    { serve: () => Response.redirect("http://169.254.169.254/") },
    /redirects to 169\.254\.169\.254/,
  ],
  "never answers": [{ serve: () => new Promise(() => {}) }, /did not answer in time/],
  "answers without end": [{ serve: () => new Response("x".repeat(300_000)) }, /more than 256 KiB/],
};

for (const [what, [lies, says]] of Object.entries(unusable))
  test(`a provider that ${what} is refused in words, and everything stays as it was`, async () => {
    await using visited = await openHouse();
    await using other = await startProvider({ now: visited.house.core.clock });
    Object.assign(other.lies, lies);
    const before = await kept(visited);
    const { status, body } = await put(visited, settings(other, { name: "Other" }));
    expect([status, body.error.code, body.error.details[0].path]).toEqual([
      400,
      "INVALID_PROVIDER",
      "issuer",
    ]);
    expect(body.error.message).toMatch(says);
    expect(await kept(visited)).toEqual(before);
  });

for (const [issuer, says] of [
  ["http://id.example.org", /https, or http for this machine alone/],
  ["ftp://127.0.0.1", /https, or http for this machine alone/],
  ["http://127.0.0.1.evil.example", /https, or http for this machine alone/],
  ["http://user:secret@127.0.0.1:1", /https, or http for this machine alone/],
  ["http://127.0.0.1:1", /refuses the connection/],
  ["https://127.0.0.1:1/?a=b", /https, or http for this machine alone/],
  ["https://no-such-name.invalid", /cannot be found/],
] as const)
  test(`${issuer} is refused in words`, async () => {
    await using visited = await openHouse();
    const { status, body } = await put(visited, settings(visited.provider, { issuer }));
    expect([status, body.error.code]).toEqual([400, "INVALID_PROVIDER"]);
    expect(body.error.message).toMatch(says);
  });

test("of many admins at once each has changed a whole: what is kept is never a mixture", async () => {
  await using visited = await openHouse();
  await using other = await startProvider({ now: visited.house.core.clock });
  const whole = (n: number) => ({
    issuer: n % 2 ? other.issuer : visited.provider.issuer,
    client_id: `client-${n % 2}`,
    client_secret: null,
    name: `name-${n % 2}`,
    link_by_email: n % 2 === 1,
  });
  for (let round = 0; round < 5; round++) {
    const answers = await Promise.all([0, 1].map((n) => put(visited, whole(n))));
    expect(answers.map(({ status }) => status)).toEqual([204, 204]);
    const { issuer, client_id, name, link_by_email } = await shown(visited);
    expect([whole(0), whole(1)]).toContainEqual({
      issuer,
      client_id,
      client_secret: null,
      name,
      link_by_email,
    });
  }
});

test("an admin who is one no longer when the provider has answered changes nothing", async () => {
  await using visited = await openHouse();
  const { house, admin, provider } = visited;
  await house.addUser("other", { role: "admin" });
  const before = await kept(visited);
  provider.lies.serve = async (path) => {
    if (path === "/keys")
      await house.core.store.write((tx) => tx.users.update(admin.user.id, { role: "member" }));
    return undefined;
  };
  const { status, body } = await put(visited, settings(provider, { name: "Late" }));
  expect([status, body.error.code]).toEqual([403, "FORBIDDEN"]);
  expect(await kept(visited)).toEqual(before);
});

const tested = async ({ house, admin }: Visited) =>
  (await house.post("/auth/provider/oidc/test", undefined, { token: admin.token })).body;

test("a provider that is well is tried step by step", async () => {
  await using visited = await openHouse({}, { url: "http://localhost:8420" });
  const { ok, steps } = await tested(visited);
  expect(steps.map(({ name, ok }: { name: string; ok: boolean }) => [name, ok])).toEqual([
    ["settings", true],
    ["discovery", true],
    ["keys", true],
    // The house of this test lives in another year than the server of the provider.
    ["clock", false],
    ["client", true],
  ]);
  expect(ok).toBe(false);
  expect(steps[3]).toMatchObject({
    message: expect.stringMatching(/minutes apart/),
    fix: expect.any(String),
  });
});

test("the first step that fails says what to mend", async () => {
  await using visited = await openHouse();
  const { provider } = visited;
  const last = async () => (await tested(visited)).steps.at(-1);
  expect((await tested(visited)).steps[0]).toMatchObject({
    ok: false,
    fix: expect.stringContaining("HOUSEKEY_URL"),
  });
  provider.lies.keys = () => ({ keys: [] });
  expect(await last()).toMatchObject({ name: "keys", ok: false, fix: expect.any(String) });
  const { jwk } = await keyNamed("first");
  provider.lies.keys = () => ({ keys: [jwk] });
  await visited.put({ client_secret: "wrong" });
  expect(await last()).toMatchObject({
    name: "client",
    ok: false,
    message: expect.stringMatching(/id or secret is wrong/),
  });
  await provider.stop();
  expect(await last()).toMatchObject({
    name: "discovery",
    ok: false,
    message: expect.stringMatching(/refuses the connection/),
  });
});

test("without settings there is one step, and it fails", async () => {
  await using house = await startAppliance();
  const { token } = await house.addSession(await house.addUser("root", { role: "admin" }));
  const { body } = await house.post("/auth/provider/oidc/test", undefined, { token });
  expect(body).toMatchObject({ ok: false, steps: [{ name: "settings", ok: false }] });
  expect((await house.get("/auth/provider/oidc", { token })).body).toMatchObject({
    configured: false,
    enabled: false,
    issuer: null,
    has_client_secret: false,
  });
  expect((await house.get("/auth/options")).body.oidc).toBeNull();
});
