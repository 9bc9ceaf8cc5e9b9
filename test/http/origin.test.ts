import { expect, test } from "bun:test";
import { type Appliance, type ApplianceOptions, password, startAppliance } from "../harness.ts";

async function withCookie(
  options: ApplianceOptions,
  work: (ask: (headers: Record<string, string>) => Promise<number>, house: Appliance) => Promise<void>,
): Promise<void> {
  await using house = await startAppliance(options);
  const { token } = await house.addSession(await house.addUser("ada"));
  const name = options.values?.url?.startsWith("https") ? "__Host-housekey" : "housekey";
  const ask = async (headers: Record<string, string>) => {
    const asked = { cookie: `${name}=${token}`, origin: null, headers };
    const body = { password };
    return (await house.post("/auth/sessions/current/confirm", body, asked)).status;
  };
  await work(ask, house);
}

test("a cookie vouches for an unsafe request only from an own page that says so", () =>
  withCookie({ values: { url: "https://auth.example.org" } }, async (ask) => {
    const own = "https://auth.example.org";
    expect(await ask({ origin: own })).toBe(204);
    expect(await ask({ "sec-fetch-site": "same-origin" })).toBe(204);
    expect(await ask({})).toBe(403);
    for (const site of ["cross-site", "same-site", "none"])
      expect(await ask({ "sec-fetch-site": site })).toBe(403);
    for (const origin of [
      "https://evil.example",
      "http://auth.example.org",
      "https://auth.example.org:8443",
      "https://auth.example.org.evil.example",
      "https://evil.auth.example.org",
      "https://auth.example.org.",
      "null",
      "",
    ]) {
      expect([origin, await ask({ origin })]).toEqual([origin, 403]);
      // A browser that is told a foreign origin beside "same-origin" sits behind a proxy that is set up wrongly.
      expect([origin, await ask({ origin, "sec-fetch-site": "same-origin" })]).toEqual([origin, 403]);
    }
  }));

test("the further origins of the house count as own, apps' schemes too", () =>
  withCookie(
    { values: { url: "https://auth.example.org", origins: ["https://dash.example.org", "myapp://"] } },
    async (ask) => {
      expect(await ask({ origin: "https://dash.example.org" })).toBe(204);
      expect(await ask({ origin: "myapp://" })).toBe(204);
      expect(await ask({ origin: "myapp://evil" })).toBe(403);
    },
  ));

test("a house whose address nobody set answers to local names of its own, and to no other", () =>
  withCookie({}, async (ask) => {
    for (const host of [
      "localhost:9000",
      "192.168.1.5:8420",
      "[fd00::5]:8420",
      "nas:8420",
      "housekey.local",
      "housekey.lan",
      "housekey.home.arpa",
      "housekey.internal:8420",
    ]) {
      expect([host, await ask({ origin: `http://${host}`, host })]).toEqual([host, 204]);
      expect([host, await ask({ origin: `https://${host}`, host })]).toEqual([host, 204]);
      expect([host, await ask({ origin: `http://${host}`, host: "other.lan" })]).toEqual([host, 403]);
      expect([host, await ask({ origin: `ftp://${host}`, host })]).toEqual([host, 403]);
    }
    for (const host of ["auth.example.org", "evil.example", "local.evil.example", "1.2.3.4.nip.io"])
      expect([host, await ask({ origin: `http://${host}`, host })]).toEqual([host, 403]);
  }));

test("once the address is set, local names are foreign again", () =>
  withCookie({ values: { url: "http://192.168.1.5:8420" } }, async (ask) => {
    expect(await ask({ origin: "http://192.168.1.5:8420", host: "192.168.1.5:8420" })).toBe(204);
    expect(await ask({ origin: "http://localhost:8420", host: "localhost:8420" })).toBe(403);
  }));

test("a foreign origin is refused on every unsafe request of the browser surface, cookie or not", async () => {
  await using house = await startAppliance();
  await house.addUser("ada");
  const body = { username: "ada", password };
  const foreign = await house.post("/auth/local/login", body, { origin: "https://evil.example" });
  expect([foreign.status, foreign.body.error.code]).toEqual([403, "ORIGIN_NOT_ALLOWED"]);
  expect((await house.post("/auth/nothing", {}, { origin: "https://evil.example" })).status).toBe(403);
  expect((await house.get("/auth/options", { origin: "https://evil.example" })).status).toBe(200);
  expect((await house.post("/auth/local/login", body, { origin: null })).status).toBe(201);
});

test("the refusal says where the page is, where the house is, and what to set", async () => {
  const say = async (origin: string, values = {}) => {
    await using own = await startAppliance({ values });
    return (await own.post("/auth/local/login", {}, { origin })).body.error.message;
  };
  expect(await say("https://auth.example.org")).toBe(
    "This page is at https://auth.example.org, but the house is at http://localhost:8420. If https://auth.example.org is its address, set HOUSEKEY_URL to it.",
  );
  expect(await say("https://auth.example.org", { url: "http://nas.lan" })).toEndWith(
    "Open it there, or correct HOUSEKEY_URL.",
  );
  expect(await say("https://x/<script>")).not.toContain("script");
});

test("a bearer token needs no origin", async () => {
  await using house = await startAppliance();
  const { token } = await house.addSession(await house.addUser("ada"));
  const asked = { token, origin: null };
  expect((await house.post("/auth/sessions/current/confirm", { password }, asked)).status).toBe(204);
});
