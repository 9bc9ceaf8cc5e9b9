/** Where a key may go: asked of every endpoint that the description has. */
import { expect, test } from "bun:test";
import { permissionsOf } from "../../src/identity/permission.ts";
import { startAppliance } from "../harness.ts";
import { documentOf, endpointsOf, takesKeys } from "../openapi/document.ts";
import { exchange, jwtFor, made, owner } from "./keys.ts";

/** Section 6 of the contract, by name. The one that takes nothing else is not for JWTs. */
const open = [
  "GET /api/v1/auth/me",
  "GET /auth/sessions/current",
  "GET /auth/sessions/current/permissions",
  "GET /v1/auth/me",
];
const exchanges = "POST /v1/auth/token";

test("a key of an admin with every scope opens five endpoints, its JWT four, and no other", async () => {
  await using house = await startAppliance();
  const root = await owner(house, "root", { role: "admin" });
  const { key } = await made(house, root, { scopes: permissionsOf("admin") });
  const jwt = await jwtFor(house, key);
  // What a proxy asks is answered to proxies alone; its own tests have the keys that it takes.
  const endpoints = endpointsOf(await documentOf(house)).filter(({ path }) => path !== "/auth/forward");
  expect(
    endpoints
      .filter(takesKeys)
      .map(({ key }) => key)
      .sort(),
  ).toEqual([...open, exchanges].sort());
  for (const [token, reached] of [
    [key, [...open, exchanges]],
    [jwt, open],
  ] as const) {
    const found: string[] = [];
    for (const { key: name, method, path, security } of endpoints.filter(
      ({ security }) => security.length > 0,
    )) {
      const { status, body } = await house.call(method, path.replace(/\{\w+\}/, root.user.id), { token });
      if (status < 300) found.push(name);
      else if (name !== exchanges)
        expect([name, status, body.error.code]).toEqual([name, 403, "API_KEY_NOT_ALLOWED"]);
      expect(security.length).toBeGreaterThan(0);
    }
    expect(found.sort()).toEqual([...reached].sort());
  }
});

test("public endpoints take no notice of a key, good or bad", async () => {
  await using house = await startAppliance();
  const { key } = await made(house, await owner(house));
  for (const token of [key, key.slice(1)]) {
    expect((await house.get("/auth/options", { token })).status).toBe(200);
    const login = { username: "ada", password: "analytical engine" };
    expect((await house.post("/auth/local/login", login, { token })).status).toBe(201);
  }
});

test("asking with a good key is not counted, guessing one is", async () => {
  await using house = await startAppliance();
  const { key } = await made(house, await owner(house));
  for (let n = 0; n < 700; n++) expect((await house.get("/v1/auth/me", { token: key })).status).toBe(200);
  const statuses: number[] = [];
  for (let n = 0; n < 700; n++) statuses.push((await house.get("/v1/auth/me", { token: `hk_${n}` })).status);
  expect([statuses[0], statuses.at(-1)]).toEqual([401, 429]);
  expect((await house.get("/v1/auth/me", { token: key })).status).toBe(200);
  expect((await exchange(house, key)).status).toBe(429);
});
