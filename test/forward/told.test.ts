/** What the proxy says of the request: all of it, once, and readable; otherwise nobody is let in, whoever they are. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Appliance } from "../harness.ts";
import {
  app,
  asks,
  basic,
  forwarded,
  identity,
  makeKey,
  nobody,
  openGuard,
  original,
  page,
} from "./guard.ts";

let guard: Appliance;
let token: string;
let key: string;

beforeAll(async () => {
  guard = await openGuard();
  token = (await guard.addSession(await guard.addUser("ada"))).token;
  key = (await makeKey(guard, token)).key;
});

afterAll(() => guard[Symbol.asyncDispose]());

const told = forwarded(app);
const without = (name: string) => Object.fromEntries(Object.entries(told).filter(([one]) => one !== name));

const bad: Readonly<Record<string, Record<string, string>>> = {
  "nothing at all": {},
  ...Object.fromEntries(Object.keys(told).map((name) => [`no ${name}`, without(name)])),
  ...Object.fromEntries(Object.keys(told).map((name) => [`an empty ${name}`, { ...told, [name]: "" }])),
  "two methods": { ...told, "x-forwarded-method": "GET, GET" },
  "two schemes": { ...told, "x-forwarded-proto": "https, https" },
  "two schemes without a space": { ...told, "x-forwarded-proto": "https,http" },
  "two hosts": { ...told, "x-forwarded-host": "app.example.org, app.example.org" },
  "two hosts without a space": { ...told, "x-forwarded-host": "app.example.org,evil.example" },
  "two paths": { ...told, "x-forwarded-uri": "/public, /reports" },
  "two addresses": original(`${app}, ${app}`),
  "a method that is none": { ...told, "x-forwarded-method": "G E T" },
  "a method in lower case": { ...told, "x-forwarded-method": "get" },
  "a method without end": { ...told, "x-forwarded-method": "G".repeat(100) },
  "a scheme that is none": { ...told, "x-forwarded-proto": "gopher" },
  "a scheme of every object": { ...told, "x-forwarded-proto": "constructor" },
  "a scheme with a colon": { ...told, "x-forwarded-proto": "https:" },
  "a host with a path": { ...told, "x-forwarded-host": "app.example.org/x" },
  "a host with a user": { ...told, "x-forwarded-host": "ada@app.example.org" },
  "a host with a backslash": { ...told, "x-forwarded-host": "app.example.org\\evil" },
  "a host with a dot behind it": { ...told, "x-forwarded-host": "app.example.org." },
  "a host with a dot before it": { ...told, "x-forwarded-host": ".example.org" },
  "a host with two dots": { ...told, "x-forwarded-host": "app..example.org" },
  "a host with a space": { ...told, "x-forwarded-host": "app example.org" },
  "a host that is encoded": { ...told, "x-forwarded-host": "app%2eexample.org" },
  "a host that is not ASCII": { ...told, "x-forwarded-host": "äpp.example.org" },
  "a host with a number that is no port": { ...told, "x-forwarded-host": "app.example.org:70000" },
  "a host with port 0": { ...told, "x-forwarded-host": "app.example.org:0" },
  "a host with a port that is a word": { ...told, "x-forwarded-host": "app.example.org:https" },
  "a host with a port that is nothing": { ...told, "x-forwarded-host": "app.example.org:" },
  "a host that is longer than any": { ...told, "x-forwarded-host": `${"a.".repeat(200)}example.org` },
  "a label that is longer than any": { ...told, "x-forwarded-host": `${"a".repeat(64)}.example.org` },
  "an address that is none in brackets": { ...told, "x-forwarded-host": "[::::]" },
  "a path that is none": { ...told, "x-forwarded-uri": "reports" },
  "a star": { ...told, "x-forwarded-uri": "*" },
  "a whole address as the path": { ...told, "x-forwarded-uri": app },
  "a query alone": { ...told, "x-forwarded-uri": "?page=2" },
  "a path with a space": { ...told, "x-forwarded-uri": "/a b" },
  "a path with a tab": { ...told, "x-forwarded-uri": "/a\tb" },
  "a path that is not ASCII": { ...told, "x-forwarded-uri": "/ä" },
  "a path that is longer than any": { ...told, "x-forwarded-uri": `/${"x".repeat(8192)}` },
  "an address that is none": original("nonsense"),
  "an empty address": original(""),
  "an address without a scheme": original("//app.example.org/"),
  "an address with another scheme": original("ftp://app.example.org/"),
  "an address without a host": original("https:///reports"),
  "an address without a path": original("https://app.example.org"),
  "an address with a user": original("https://ada:key@app.example.org/"),
  "an address with a query right behind the host": original("https://app.example.org?x=/"),
  "an address with a backslash for a slash": original("https:\\\\app.example.org\\"),
  "an address with a space": original("https://app.example.org/a b"),
  "an address that is longer than any": original(`https://app.example.org/${"x".repeat(8192)}`),
  "a path alone where the address goes": original("/reports"),
  "nginx's older header": { "x-original-uri": "/reports" },
  "an address and another host": { ...original(app), "x-forwarded-host": "evil.example.org" },
  "an address and another port": { ...original(app), "x-forwarded-host": "app.example.org:8443" },
  "an address and another scheme": { ...original(app), "x-forwarded-proto": "http" },
  "an address and another path": { ...original(app), "x-forwarded-uri": "/public" },
  "an address and two hosts": { ...original(app), "x-forwarded-host": "app.example.org, app.example.org" },
  "an address and two methods": {
    ...original(app),
    "x-original-method": "GET",
    "x-forwarded-method": "POST",
  },
  "an address and a method that is none": { ...original(app), "x-original-method": "g" },
  "parts and another method": { ...told, "x-original-method": "POST" },
  "parts and an address that is none": { ...told, "x-original-url": "" },
  "parts and another address": { ...told, "x-original-url": "https://app.example.org/public" },
};

for (const [what, headers] of Object.entries(bad))
  test(`${what}: 403, for strangers, for people and for keys`, async () => {
    for (const credential of [{}, { authorization: `Bearer ${token}` }, basic("ada", key)]) {
      const answer = await asks(guard, { ...page, ...headers, ...credential });
      expect([answer.status, answer.body?.error?.code]).toEqual([403, "FORBIDDEN"]);
      expect(answer.body.error.message).toMatch(/^The proxy does not say|^Which request this is about /);
      expect(identity(answer)).toEqual(nobody);
      expect([answer.headers.has("location"), answer.headers.get("cache-control")]).toEqual([
        false,
        "no-store",
      ]);
      for (const sent of Object.values(headers).filter((value) => value.length > 20))
        expect(answer.text).not.toContain(sent);
    }
  });

const good: Readonly<Record<string, Record<string, string>>> = {
  "all four parts": told,
  "upper case in scheme and host": {
    ...told,
    "x-forwarded-proto": "HTTPS",
    "x-forwarded-host": "APP.example.org",
  },
  "a host with its port": { ...told, "x-forwarded-host": "app.example.org:443" },
  "a host with another port": { ...told, "x-forwarded-host": "app.example.org:8443" },
  "a host by number": { ...told, "x-forwarded-host": "[2001:db8::1]:8443" },
  "a host with an underscore": { ...told, "x-forwarded-host": "my_app.example.org" },
  "a WebSocket": { ...told, "x-forwarded-proto": "wss" },
  "a method of WebDAV's": { ...told, "x-forwarded-method": "VERSION-CONTROL" },
  "a path with commas": { ...told, "x-forwarded-uri": "/map,1,2?at=1,2" },
  "a path that is long": { ...told, "x-forwarded-uri": `/${"x".repeat(8000)}` },
  "an address": original(app),
  "an address and its method": { ...original(app), "x-original-method": "POST" },
  "an address and parts that say the same": { ...original(app), ...told },
  "an address and the host's name": {
    ...original("https://app.example.org:8443/"),
    "x-forwarded-host": "app.example.org",
  },
};

for (const [what, headers] of Object.entries(good))
  test(`${what}: told well enough`, async () => {
    const answer = await asks(guard, headers, { token });
    expect([answer.status, answer.text]).toEqual([200, ""]);
    expect(identity(answer)[0]).toBe("ada");
  });

test("nobody but a proxy that was named is believed, and the log says so once", async () => {
  await using stranger = await openGuard({ trusted_proxies: ["10.0.0.0/8", "::1"] });
  const { token: own } = await stranger.addSession(await stranger.addUser("ada", { role: "admin" }));
  for (const headers of [told, original(app), {}, { ...told, "x-forwarded-for": "10.0.0.1" }])
    for (const credential of [{}, { authorization: `Bearer ${own}` }]) {
      const answer = await asks(stranger, { ...page, ...headers, ...credential });
      expect([answer.status, answer.body.error.code]).toEqual([403, "FORBIDDEN"]);
      expect(answer.body.error.message).toContain("HOUSEKEY_TRUSTED_PROXIES does not name 127.0.0.1");
      expect(identity(answer)).toEqual(nobody);
    }
  expect(stranger.lines.filter((line) => line.includes("was refused"))).toHaveLength(1);
});

test("a house that names no proxy lets nobody in", async () => {
  await using alone = await openGuard({ trusted_proxies: [] });
  const { token: own } = await alone.addSession(await alone.addUser("ada"));
  expect((await asks(alone, told, { token: own })).status).toBe(403);
});

test("what a client sends of the house's own headers is of no weight", async () => {
  const spoofed = {
    "remote-user": "root",
    "remote-groups": "admin",
    "x-forwarded-user": "root",
    remote_user: "root",
  };
  const answer = await asks(guard, { ...told, ...spoofed });
  expect([answer.status, identity(answer)]).toEqual([401, nobody]);
  const known = await asks(guard, { ...told, ...spoofed }, { token });
  expect([known.status, ...identity(known)]).toEqual([200, "ada", "ada", "ada@example.com", "member"]);
});

test("underscores are no dashes", async () => {
  const answer = await asks(
    guard,
    { ...told, x_forwarded_uri: "/evil", x_original_url: "nonsense" },
    { token },
  );
  expect(answer.status).toBe(200);
});
