/** From an application to the sign-in, by whatever way, and back; and what the application's own pages may not do. */
import { expect, test } from "bun:test";
import { password } from "../harness.ts";
import { enrol } from "../two-factor/app.ts";
import { comeBack, leave, linked, locationOf, openHouse } from "../upstream/visit.ts";
import { app, asks, cookie, cookieName, forwarded, guarding, house, identity, openGuard } from "./guard.ts";

test("the cookie of a sign-in is for the whole domain, and opens what is under it", async () => {
  await using guard = await openGuard();
  await guard.addUser("ada");
  const login = await guard.post("/auth/local/login", { username: "ada", password }, { origin: house });
  const [line] = login.headers.getSetCookie();
  expect(line).toMatch(
    /^__Secure-housekey=[0-9a-f]{96}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure; Domain=example\.org$/,
  );
  const answer = await asks(guard, forwarded(app), { cookie: login.cookie });
  expect([answer.status, identity(answer)[0]]).toEqual([200, "ada"]);
  const out = await guard.delete("/auth/sessions/current", { cookie: login.cookie, origin: house });
  expect(out.headers.get("set-cookie")).toMatch(/^__Secure-housekey=; .*Max-Age=0; .*Domain=example\.org$/);
  expect((await asks(guard, forwarded(app), { cookie: login.cookie })).status).toBe(401);
});

test("by another provider a person is back at the application, with the cookie", async () => {
  await using visited = await openHouse({ auto_provision: true }, guarding);
  const back = await comeBack(visited, await leave(visited, app));
  expect(locationOf(back)).toBe(app);
  expect((await asks(visited.house, forwarded(app), { cookie: back.cookie })).status).toBe(200);
});

test("with a second factor in between, the page that asks for it still knows where to go", async () => {
  await using visited = await openHouse({}, guarding);
  const whose = await linked(visited, "ada");
  await enrol(visited.house, whose.token);
  const back = await comeBack(visited, await leave(visited, app), whose);
  expect(locationOf(back)).toBe(`/login?step=code&return_to=${encodeURIComponent(app)}`);
});

test("a cookie domain that is taken back while somebody is away leads home, not to the application", async () => {
  await using visited = await openHouse({ auto_provision: true }, guarding);
  const gone = await leave(visited, app);
  Object.assign(visited.house.core.fixed, { cookieDomain: null });
  expect(locationOf(await comeBack(visited, gone))).toBe("/");
});

test("a page of an application gets the cookie along, and may do nothing with it", async () => {
  await using guard = await openGuard();
  const { token } = await guard.addSession(await guard.addUser("root", { role: "admin" }));
  const origin = "https://app.example.org";
  for (const [method, path, body] of [
    ["POST", "/auth/sessions/revoke-all", {}],
    ["PATCH", "/auth/settings", { forward_bypass: [{ host: "app.example.org", path_prefix: "/" }] }],
    ["DELETE", "/auth/sessions/current", undefined],
    ["POST", "/v1/auth/api-keys", { name: "x" }],
  ] as const) {
    for (const from of [{ origin }, { origin: null, headers: { "sec-fetch-site": "same-site" } }]) {
      const answer = await guard.call(method, path, { ...cookie(token), ...from, body });
      expect([path, answer.status, answer.body.error.code]).toEqual([path, 403, "ORIGIN_NOT_ALLOWED"]);
    }
  }
  const read = await guard.get("/auth/sessions/current", { cookie: `${cookieName}=${token}`, origin });
  expect(read.headers.has("access-control-allow-origin")).toBe(false);
});
