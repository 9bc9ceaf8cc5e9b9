import { expect, test } from "bun:test";
import { setLanguage } from "../../src/web/parts/language.ts";
import { weakness } from "../../src/web/parts/new-password.tsx";
import { blocks, isLocalName, judgeAddress, type Told } from "../../src/web/setup/address.ts";
import { startAppliance } from "../harness.ts";

setLanguage("en");

const told = (facts: Partial<Told> = {}, seen: Partial<Told["seen"]> = {}): Told => ({
  url: "http://localhost:8420",
  url_is_set: false,
  seen: { origin: "http://localhost:8420", proxy: "none", ...seen },
  ...facts,
});

test("a browser at the address of the house has nothing in its way", () => {
  expect(judgeAddress("http://localhost:8420", told())).toEqual([]);
  const house = { url: "https://auth.example.org", url_is_set: true };
  const seen = { origin: "http://auth.example.org", proxy: "trusted" } as const;
  expect(judgeAddress("https://auth.example.org", told(house, seen))).toEqual([]);
});

test("another address, another scheme, an unknown name and a hidden Host are in the way of everything", () => {
  const house = { url: "https://auth.example.org", url_is_set: true };
  expect(judgeAddress("http://192.168.1.5:8420", told(house, { origin: "http://192.168.1.5:8420" }))).toEqual(
    ["elsewhere", "number"],
  );
  expect(judgeAddress("http://auth.example.org", told(house, { origin: "http://auth.example.org" }))).toEqual(
    ["scheme", "insecure"],
  );
  const proxied = { origin: "http://127.0.0.1:8420", proxy: "trusted" } as const;
  expect(judgeAddress("https://auth.example.org", told({}, proxied))).toEqual(["unnamed"]);
  expect(judgeAddress("https://key.lan", told({}, proxied))).toEqual(["host"]);
  for (const finding of ["elsewhere", "scheme", "unnamed", "host"] as const)
    expect(blocks([finding])).toBe(true);
  expect(blocks(["insecure", "number", "untrusted", "silent"])).toBe(false);
});

test("plain http, numbers and proxies that say too little are told, but in nobody's way", () => {
  expect(judgeAddress("http://nas:8420", told({}, { origin: "http://nas:8420" }))).toEqual(["insecure"]);
  expect(judgeAddress("http://[fd00::1]:8420", told({}, { origin: "http://[fd00::1]:8420" }))).toEqual([
    "number",
  ]);
  const lan = (proxy: Told["seen"]["proxy"]) => told({}, { origin: "http://key.lan", proxy });
  expect(judgeAddress("https://key.lan", lan("untrusted"))).toEqual(["untrusted"]);
  expect(judgeAddress("https://key.lan", lan("none"))).toEqual(["silent"]);
});

test("the page calls those names local that the house does", async () => {
  await using house = await startAppliance();
  for (const hostname of [
    "nas",
    "key.lan",
    "key.local",
    "a.home.arpa",
    "x.internal",
    "192.168.1.5",
    "[fd00::1]",
    "auth.example.org",
    "lan.example",
    "1.2.3.4.example",
  ]) {
    const origin = `http://${hostname}`;
    const { status } = await house.post(
      "/auth/verify",
      { email: "x" },
      { origin, headers: { host: hostname } },
    );
    expect([hostname, isLocalName(hostname)]).toEqual([hostname, status !== 403]);
  }
});

test("the house tells how a question arrived, and whether it believes who passed it on", async () => {
  const ask = async (values: object, headers: Record<string, string>) => {
    await using house = await startAppliance({ values });
    return (await house.get("/auth/options", { headers })).body.seen;
  };
  expect(await ask({}, { host: "key.lan" })).toEqual({ origin: "http://key.lan", proxy: "none" });
  const passedOn = { host: "key.lan", "x-forwarded-for": "192.168.1.9" };
  expect((await ask({}, passedOn)).proxy).toBe("untrusted");
  expect((await ask({ trusted_proxies: ["127.0.0.1"] }, passedOn)).proxy).toBe("trusted");
});

test("a password is measured as the house measures it", async () => {
  await using house = await startAppliance();
  const { token } = await house.addSession(await house.addUser("ada"));
  const own = ["ada", "ada@example.com"];
  for (const password of [
    "seven77",
    "eightq88",
    "ﬀﬀﬀﬀ",
    "🔑🔑🔑🔑🔑🔑🔑",
    "🔑🔑🔑🔑🔑🔑🔑🔑",
    "ADA@example.com",
    "housekey",
    "Housekey",
    "x".repeat(255),
    "x".repeat(256),
  ]) {
    const body = { current_password: "analytical engine", new_password: password };
    const answer = await house.post("/auth/password", body, { token });
    expect([password, answer.body?.error.details[0].message ?? null]).toEqual([
      password,
      weakness(password, 8, own),
    ]);
    if (answer.status === 204)
      await house.post(
        "/auth/password",
        { current_password: password, new_password: "analytical engine" },
        { token },
      );
  }
});
