/** What a session check costs: figures that do not depend on the machine. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { issueAccessToken } from "../../src/identity/access-token.ts";
import { createKey } from "../../src/identity/api-key.ts";
import { openSession } from "../../src/identity/session.ts";
import { type Appliance, type Asked, startAppliance } from "../harness.ts";

let house: Appliance;
let statements = 0;
let looks = 0;
const credentials: Record<string, Asked> = {};

beforeAll(async () => {
  const values = { url: "http://localhost:8420", trusted_proxies: ["127.0.0.1"] };
  house = await startAppliance({ values, store: { onStatement: () => statements++, onLook: () => looks++ } });
  const { core } = house;
  const user = await house.addUser("ada");
  const { token } = await house.addSession(user);
  const place = { address: "127.0.0.1", userAgent: null, device: null, browser: null };
  const opened = (kind: "web" | "spa") =>
    core.store.write((tx) => openSession(core, tx, { userId: user.id, kind, methods: ["pwd"], place }));
  credentials["a session token"] = { token };
  credentials["a cookie"] = { cookie: `theme=dark; housekey=${token}` };
  const { session } = await opened("spa");
  credentials["an access token"] = { token: (await issueAccessToken(core, session)).token };
  const asked = { name: "backup", scopes: ["profile:read" as const], days: null, place };
  credentials["an API key"] = { token: (await createKey(core, await opened("web"), asked)).token };
});
afterAll(() => house[Symbol.asyncDispose]());

for (const path of ["/auth/sessions/current", "/auth/sessions/current/permissions", "/v1/auth/me"])
  for (const name of ["a session token", "a cookie", "an access token", "an API key"])
    test(`${path} by ${name} takes no statement and one look for other processes' commits`, async () => {
      const asked: Asked = { ...credentials[name], origin: null };
      const first = await house.get(path, asked);
      expect(first.status).toBe(200);
      [statements, looks] = [0, 0];
      expect(await house.get(path, asked)).toMatchObject({ status: 200, body: first.body });
      expect({ statements, looks }).toEqual({ statements: 0, looks: 1 });
    });

for (const name of ["a session token", "a cookie", "an access token"])
  test(`a proxy's question about ${name} takes no statement and one look`, async () => {
    const headers = {
      "x-forwarded-method": "GET",
      "x-forwarded-proto": "http",
      "x-forwarded-host": "localhost",
      "x-forwarded-uri": "/photos",
    };
    const asked: Asked = { ...credentials[name], origin: null, headers };
    expect((await house.get("/auth/forward", asked)).status).toBe(200);
    [statements, looks] = [0, 0];
    expect((await house.get("/auth/forward", asked)).headers.get("remote-user")).toBe("ada");
    expect({ statements, looks }).toEqual({ statements: 0, looks: 1 });
  });

test("requests that come together look together, and one that comes later looks anew", async () => {
  const asked: Asked = { ...credentials["a session token"], origin: null };
  const url = "http://localhost:8420/auth/sessions/current";
  const headers = { authorization: `Bearer ${asked.token}` };
  await using server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: house.app.fetch });
  house.app.server = server;
  looks = 0;
  const answers = await Promise.all(
    Array.from({ length: 200 }, () => fetch(new URL(new URL(url).pathname, server.url), { headers })),
  );
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(looks).toBeLessThan(200);
  for (let alone = 0; alone < 5; alone++) {
    looks = 0;
    expect((await fetch(new URL(new URL(url).pathname, server.url), { headers })).status).toBe(200);
    expect(looks).toBe(1);
  }
});

test("an answer follows what changes: a name, a use, another process's hand", async () => {
  const asked: Asked = { ...credentials["a session token"] };
  const current = async () => (await house.get("/auth/sessions/current", asked)).body;
  const { user, session } = await current();
  expect((await house.call("PATCH", "/auth/me", { ...asked, body: { name: "Countess" } })).status).toBe(200);
  expect(await current()).toEqual({ session, user: { ...user, name: "Countess" } });
  const seenAt = new Date(house.core.clock().getTime() + 1000);
  await house.core.store.write((tx) => tx.sessions.seen(session.id, seenAt));
  expect((await current()).session).toEqual({ ...session, last_seen_at: seenAt.toISOString() });
});
