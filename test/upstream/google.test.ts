import { expect, test } from "bun:test";
import type { Values } from "../../src/names.ts";
import { type Appliance, type Asked, startAppliance } from "../harness.ts";
import { codeAt, enrol } from "../two-factor/app.ts";
import { lies } from "./lies.ts";
import { client, grace, keyNamed, type Provider, startProvider } from "./provider.ts";
import { settings } from "./visit.ts";

const api = "/api/v1/auth";

interface Visited {
  readonly house: Appliance;
  readonly google: Provider;
  [Symbol.asyncDispose](): Promise<void>;
}

/** `google` stands in for the real one: the house is told that it is. */
async function openHouse(values: Values = {}): Promise<Visited> {
  let now = () => new Date("2026-01-01T00:00:00Z");
  const google = await startProvider({ now: () => now() });
  const house = await startAppliance({
    values: { registration: "open", google_client_id: client.id, google_issuer: google.issuer, ...values },
  });
  now = house.core.clock;
  return {
    house,
    google,
    async [Symbol.asyncDispose]() {
      await google[Symbol.asyncDispose]();
      await house[Symbol.asyncDispose]();
    },
  };
}

const show = (house: Appliance, id_token: unknown, asked: Asked = {}) =>
  house.post(`${api}/google`, { id_token }, asked);

async function reasonOf(house: Appliance): Promise<string | null> {
  const page = { after: null, limit: 1 };
  const [line] = await house.core.store.read.audit.list({ userId: null, event: "signin.failed" }, page);
  return line?.reason ?? null;
}

/** Switches joining by address on. */
async function joinByEmail({ house, google }: Visited): Promise<void> {
  const admin = await house.addUser("root", { role: "admin" });
  const { token } = await house.addSession(admin);
  const body = settings(google, { link_by_email: true });
  const { status } = await house.call("PUT", "/auth/provider/oidc", { token, body });
  expect(status).toBe(204);
}

test("a newcomer gets an account and tokens, and comes back to it", async () => {
  await using visited = await openHouse();
  const { house, google } = visited;
  const first = await show(house, await google.idToken(grace));
  expect(first.status).toBe(200);
  expect(first.body).toMatchObject({
    token_type: "Bearer",
    user: { username: "grace", email: grace.email, email_verified: true },
  });
  const token = first.body.access_token;
  const { sessions } = (await house.get(`${api}/sessions`, { token })).body;
  expect(sessions).toHaveLength(1);
  expect((await house.post(`${api}/refresh`, { refresh_token: first.body.refresh_token })).status).toBe(200);
  house.advance(1);
  const second = await show(house, await google.idToken(grace));
  expect(second.body.user.id).toBe(first.body.user.id);
});

test("without a client id there is no such endpoint", async () => {
  await using house = await startAppliance();
  const { status, body } = await show(house, "a.b.c");
  expect([status, body.error.code]).toEqual([404, "NOT_FOUND"]);
  expect((await house.get("/auth/options")).body.google_client_id).toBeNull();
});

test("a closed house makes no account, and lets in whom it knows", async () => {
  for (const registration of ["closed", "invite"] as const) {
    await using visited = await openHouse({ registration });
    const { house, google } = visited;
    const token = await google.idToken(grace);
    const refused = await show(house, token);
    expect([refused.status, refused.body.error.code]).toEqual([403, "REGISTRATION_CLOSED"]);
    await house.core.store.write((tx) => tx.settings.put({ registration: "open" }));
  }
});

test("an ID token opens one session: shown again, in other spellings too, it is refused", async () => {
  await using visited = await openHouse();
  const { house, google } = visited;
  const token = await google.idToken(grace);
  const answers = await Promise.all(Array.from({ length: 50 }, () => show(house, token)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(answers.filter(({ body }) => body.error?.code === "INVALID_TOKEN")).toHaveLength(49);
  expect(await reasonOf(house)).toBe("The ID token was used before.");
  // The last letter of a signature has bits that mean nothing.
  for (const last of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    expect((await show(house, token.slice(0, -1) + last)).body.error.code).toBe("INVALID_TOKEN");
  // To the last second in which it would be taken, and after.
  for (const seconds of [359, 1, 3600]) {
    house.advance(seconds);
    await house.core.store.write((tx) => tx.assertions.sweep(house.core.clock()));
    expect((await show(house, token)).body.error.code).toBe("INVALID_TOKEN");
  }
});

test("a refused token is not used up by being refused", async () => {
  await using visited = await openHouse({ registration: "closed" });
  const { house, google } = visited;
  const token = await google.idToken({ sub: "ada" });
  expect((await show(house, token)).status).toBe(403);
  const ada = await house.addUser("ada");
  const rest = {
    issuer: google.issuer,
    subject: "ada",
    email: null,
    lastUsedAt: null,
    createdAt: house.core.clock(),
  };
  await house.core.store.write((tx) =>
    tx.identities.insert({ ...rest, userId: ada.id, id: "idn_01kg0q2v9hexq8t4n7c5m3b2za" }),
  );
  expect((await show(house, token)).body.user.username).toBe("ada");
});

/** What is wrong with the token itself; the rest is about the flow. */
const aboutTokens = Object.entries(lies).filter(
  ([what, { lies }]) =>
    (lies.claims || lies.header || lies.token) &&
    !lies.userinfo &&
    !lies.serve &&
    !/sign-in|nonce/.test(what),
);

for (const [what, { lies }] of aboutTokens)
  test(`nobody gets tokens for ${what}`, async () => {
    await using visited = await openHouse();
    const { house, google } = visited;
    expect((await show(house, await google.idToken({ sub: "before" }))).status).toBe(200);
    Object.assign(google.lies, lies);
    const { status, body, headers } = await show(house, await google.idToken(grace));
    expect([status, body.error.code, headers.get("www-authenticate")]).toEqual([
      401,
      "INVALID_TOKEN",
      "Bearer",
    ]);
    expect(await reasonOf(house)).toMatch(/^[A-Z]/);
  });

test("what is no ID token at all is refused", async () => {
  await using visited = await openHouse();
  const { house } = visited;
  for (const wrong of ["x", "a.b", "a.b.c", "a.b.c.d", ".", "..", "é.é.é", "x".repeat(4096)])
    expect([wrong.slice(0, 9), (await show(house, wrong)).body.error.code]).toEqual([
      wrong.slice(0, 9),
      "INVALID_TOKEN",
    ]);
  for (const wrong of [undefined, "", 5, {}, [], "x".repeat(4097)])
    expect((await show(house, wrong)).body.error.code).toBe("INVALID_REQUEST");
});

test("tokens of another kind are none here: an access token of the house, and an ID token of the other provider", async () => {
  await using visited = await openHouse();
  const { house, google } = visited;
  const { access_token } = (await show(house, await google.idToken(grace))).body;
  expect((await show(house, access_token)).body.error.code).toBe("INVALID_TOKEN");
  await using other = await startProvider({ now: house.core.clock });
  expect((await show(house, await other.idToken(grace))).body.error.code).toBe("INVALID_TOKEN");
  expect((await house.get("/auth/sessions/current", { token: await google.idToken(grace) })).status).toBe(
    401,
  );
});

for (const here of [true, false])
  for (const there of [true, "true", false] as const)
    for (const wanted of [true, false])
      test(`an address joins only when both sides verified it and the admin wants it: ${here}, ${JSON.stringify(there)}, ${wanted}`, async () => {
        await using visited = await openHouse();
        const { house, google } = visited;
        if (wanted) await joinByEmail(visited);
        const user = await house.addUser("owner", { email: "grace@example.com", emailVerified: here });
        const { status, body } = await show(house, await google.idToken({ ...grace, email_verified: there }));
        const joins = here && wanted && there === true;
        expect(body.user?.id === user.id).toBe(joins);
        // A verified address that cannot join makes no second account of the same address.
        if (here && there === true && !wanted)
          expect([status, body.error.code]).toEqual([403, "REGISTRATION_CLOSED"]);
        else expect([status, body.user.email]).toEqual([200, there === true ? "grace@example.com" : null]);
      });

test("with two-factor on there is a challenge, and the identity is joined only with the code", async () => {
  await using visited = await openHouse();
  const { house, google } = visited;
  await joinByEmail(visited);
  const user = await house.addUser("grace", { emailVerified: true });
  const { secret } = await enrol(house, (await house.addSession(user)).token);
  const { status, body } = await show(house, await google.idToken(grace));
  expect([status, Object.keys(body)]).toEqual([
    200,
    ["two_factor_required", "challenge_token", "methods", "expires_in"],
  ]);
  const listed = () => house.core.store.read.identities.listOf(user.id);
  expect(await listed()).toEqual([]);
  house.advance(30);
  const asked = { challenge_token: body.challenge_token, code: codeAt(secret, house.core.clock()) };
  const done = await house.post(`${api}/2fa/verify`, asked);
  expect([done.status, done.body.user.id]).toEqual([200, user.id]);
  expect(await listed()).toHaveLength(1);
});

test("keys that cannot be had are 503 with words, never a pass, and the failure is in the audit", async () => {
  await using visited = await openHouse();
  const { house, google } = visited;
  const token = await google.idToken(grace);
  await google.stop();
  const { status, body, headers } = await show(house, token);
  expect([status, body.error.code, headers.get("retry-after")]).toEqual([503, "UPSTREAM_UNAVAILABLE", "5"]);
  expect(body.error.message).toMatch(/refuses the connection/);
  expect(await reasonOf(house)).toMatch(/refuses the connection/);
});

test("keys are kept, and fetched anew for one that is not known, at most once a minute", async () => {
  await using visited = await openHouse();
  const { house, google } = visited;
  const asked = () => google.asked.filter((one) => one === "GET /keys").length;
  await show(house, await google.idToken({ sub: "1" }));
  await show(house, await google.idToken({ sub: "2" }));
  expect(asked()).toBe(1);
  const { privateKey } = await keyNamed("nobody's");
  google.lies.token = async (header, claims) => {
    const { SignJWT } = await import("jose");
    return new SignJWT(claims)
      .setProtectedHeader({ ...header, alg: "RS256", kid: crypto.randomUUID() })
      .sign(privateKey);
  };
  for (let n = 0; n < 10; n++) await show(house, await google.idToken({ sub: `x${n}` }));
  expect(asked()).toBe(1);
  house.advance(60);
  for (let n = 0; n < 10; n++) await show(house, await google.idToken({ sub: `y${n}` }));
  expect(asked()).toBe(2);
});

test("it counts among the sign-ins of an address", async () => {
  await using visited = await openHouse({ limit_signin: { count: 2, seconds: 60 } });
  const { house } = visited;
  const answers = [await show(house, "a.b.c"), await show(house, "a.b.c"), await show(house, "a.b.c")];
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 429]);
  expect(answers[0]?.headers.get("ratelimit-limit")).toBe("2");
});
