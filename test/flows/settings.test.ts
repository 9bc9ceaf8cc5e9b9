import { expect, test } from "bun:test";
import { type Appliance, type ApplianceOptions, password, startAppliance } from "../harness.ts";

async function withAdmin(
  options: ApplianceOptions,
  work: (
    patch: (body: object) => ReturnType<Appliance["call"]>,
    house: Appliance,
    token: string,
  ) => Promise<void>,
): Promise<void> {
  await using house = await startAppliance(options);
  const { token } = await house.addSession(await house.addUser("root", { role: "admin" }));
  await work((body) => house.call("PATCH", "/auth/settings", { token, body }), house, token);
}

test("settings are shown, changed a field at a time, and felt at once", () =>
  withAdmin({}, async (patch, house, token) => {
    const before = (await house.get("/auth/settings", { token })).body;
    expect(before).toEqual({
      url: "http://localhost:8420",
      url_is_set: false,
      registration: "closed",
      local_login: true,
      mail_login: true,
      audit_days: 365,
      lifetimes: { access: 86_400, refresh: 604_800, session: 2_592_000, idle: 604_800, fresh: 900 },
      cookie_domain: null,
      forward_bypass: [],
      forward_hosts: [],
      fixed: [],
    });
    expect((await patch({ registration: "open" })).body).toEqual({ ...before, registration: "open" });
    const { body } = await patch({ lifetimes: { fresh: 60 }, mail_login: false });
    expect(body).toEqual({
      ...before,
      registration: "open",
      mail_login: false,
      lifetimes: { ...before.lifetimes, fresh: 60 },
    });
    expect((await house.get("/auth/options")).body).toMatchObject({
      registration: "open",
      mail_login: false,
    });
    house.advance(61);
    expect((await patch({ registration: "closed" })).body.error.code).toBe("FRESH_LOGIN_REQUIRED");
  }));

test("what the environment decides is shown as fixed and cannot be patched, nor anything beside it", () =>
  withAdmin({ values: { registration: "invite", session_ttl: 3600 } }, async (patch, house, token) => {
    const { body } = await house.get("/auth/settings", { token });
    expect(body).toMatchObject({ registration: "invite", fixed: ["registration", "lifetimes.session"] });
    expect(body.lifetimes.session).toBe(3600);
    for (const asked of [{ registration: "open" }, { lifetimes: { session: 60 } }]) {
      const refused = await patch({ ...asked, mail_login: false });
      expect([refused.status, refused.body.error.code]).toEqual([409, "SETTING_FIXED"]);
    }
    expect((await house.get("/auth/options")).body).toMatchObject({
      registration: "invite",
      mail_login: true,
    });
    expect((await patch({ lifetimes: { idle: 60 } })).status).toBe(200);
  }));

test("local sign-in stays on as long as no admin has another way in", () =>
  withAdmin({}, async (patch, house) => {
    const refused = await patch({ local_login: false });
    expect([refused.status, refused.body.error.code]).toEqual([409, "LAST_SIGN_IN_METHOD"]);
    expect((await house.post("/auth/local/login", { username: "root", password })).status).toBe(201);
  }));

test("saving the address keeps whoever saved it signed in, under the cookie's new name", async () => {
  await using house = await startAppliance();
  await house.addUser("root", { role: "admin" });
  const host = "housekey.lan";
  const asked = { origin: `https://${host}`, headers: { host } };
  const login = await house.post("/auth/local/login", { username: "root", password }, asked);
  const saved = await house.call("PATCH", "/auth/settings", {
    ...asked,
    cookie: login.cookie,
    body: { url: `https://${host}/` },
  });
  expect([saved.status, saved.body.url, saved.body.url_is_set]).toEqual([200, `https://${host}`, true]);
  expect(saved.cookie).toStartWith("__Host-housekey=");
  expect((await house.get("/auth/sessions/current", { cookie: saved.cookie })).status).toBe(200);
  const after = await house.get("/auth/options");
  expect(after.headers.get("strict-transport-security")).toContain("max-age=");
});

test("an address with anything behind the host and port is refused", () =>
  withAdmin({}, async (patch) => {
    for (const url of [
      "https://a.example/x",
      "https://a.example?x",
      "ftp://a",
      "a.example",
      "https://u:p@a.example",
      "http://999.999.999.999",
      "http://a:99999",
      "http://[::::]",
      "",
    ])
      expect([url, (await patch({ url })).status]).toEqual([url, 400]);
    expect((await patch({ url: "HTTPS://A.example:443" })).status).toBe(400);
    expect((await patch({ url: "https://A.example:443" })).body.url).toBe("https://a.example");
  }));
