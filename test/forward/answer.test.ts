/** What the proxy, and whoever is behind it, hears. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Appliance } from "../harness.ts";
import {
  app,
  asks,
  basic,
  cookieName,
  forwarded,
  house,
  identity,
  makeKey,
  nobody,
  openGuard,
  original,
  page,
} from "./guard.ts";

let guard: Appliance;
let token: string;

beforeAll(async () => {
  guard = await openGuard();
  token = (await guard.addSession(await guard.addUser("ada"))).token;
});

afterAll(() => guard[Symbol.asyncDispose]());

const told = forwarded(app);
const signIn = (url: string) => `${house}/login?return_to=${encodeURIComponent(url)}`;

test("a page leads to the sign-in page and back, and nginx is told where by a 401", async () => {
  const moved = await asks(guard, { ...told, ...page });
  expect([moved.status, moved.headers.get("location"), moved.text]).toEqual([302, signIn(app), ""]);
  const inNginx = await asks(guard, { ...original(app), ...page });
  expect([inNginx.status, inNginx.headers.get("location")]).toEqual([401, signIn(app)]);
  expect(inNginx.body.error.code).toBe("UNAUTHENTICATED");
  for (const answer of [moved, inNginx]) expect(identity(answer)).toEqual(nobody);
});

const noPages: Readonly<Record<string, Record<string, string>>> = {
  "a script's": { ...told, accept: "*/*", "sec-fetch-mode": "cors" },
  "a script's that asks for a page": { ...told, ...page, "sec-fetch-mode": "cors" },
  "a script's that says so": { ...told, ...page, "x-requested-with": "XMLHttpRequest" },
  "a picture's": { ...told, accept: "image/avif,image/webp,*/*", "sec-fetch-mode": "no-cors" },
  "a program's": { ...told, accept: "application/json" },
  "one that takes anything": { ...told, accept: "*/*" },
  "one that does not say what it takes": told,
  "one that takes something like a page": { ...told, accept: "application/text/html-ish, x-text/html" },
  "a form's": { ...forwarded(app, "POST"), ...page },
  "a form's in nginx": { ...original(app), ...page, "x-original-method": "POST" },
  "a WebSocket's": { ...told, ...page, "sec-fetch-mode": "websocket" },
};

for (const [whose, headers] of Object.entries(noPages))
  test(`a request that is no page, ${whose}, hears 401 and is not led anywhere`, async () => {
    const answer = await asks(guard, headers);
    expect([answer.status, answer.body.error.code]).toEqual([401, "UNAUTHENTICATED"]);
    expect(answer.headers.has("location")).toBe(false);
    expect(answer.headers.get("www-authenticate")).toStartWith("Bearer");
  });

test("an old browser's page, and one asked for by its head, are pages", async () => {
  for (const headers of [
    { ...told, accept: "TEXT/HTML" },
    { ...forwarded(app, "HEAD"), accept: "image/png, text/html;q=0.1" },
  ])
    expect((await asks(guard, headers)).status).toBe(302);
});

const hosts: [url: string, leads: string | null][] = [
  ["https://app.example.org/", "https://app.example.org/"],
  ["https://a.b.example.org/x", "https://a.b.example.org/x"],
  ["https://example.org/", "https://example.org/"],
  ["https://auth.example.org/grafana/", "https://auth.example.org/grafana/"],
  ["wss://app.example.org/", "https://app.example.org/"],
  ["https://app.example.org/a\\b", "https://app.example.org/"],
  [`https://app.example.org/${"x".repeat(2000)}`, "https://app.example.org/"],
  ["https://evil.example/", null],
  ["https://evil-example.org/", null],
  ["https://example.org.evil/", null],
  ["https://org/", null],
  ["http://app.example.org/", null],
  ["https://app.example.org:8443/", null],
  ["https://192.0.2.1/", null],
];

for (const [url, leads] of hosts)
  test(`a page at ${url.slice(0, 40)} leads ${leads === null ? "nowhere" : "to sign in"}`, async () => {
    const answer = await asks(guard, { ...forwarded(url), ...page });
    expect([answer.status, answer.headers.get("location")]).toEqual(
      leads === null ? [401, null] : [302, signIn(leads)],
    );
  });

test("without a cookie domain, only the house's own host leads to sign in, and takes the cookie", async () => {
  await using own = await openGuard({ cookie_domain: undefined as never });
  const { token: mine } = await own.addSession(await own.addUser("ada"));
  const cookie = `__Host-housekey=${mine}`;
  expect((await asks(own, { ...forwarded(`${house}/x`), ...page })).status).toBe(302);
  expect((await asks(own, forwarded(`${house}/x`), { cookie })).status).toBe(200);
  expect((await asks(own, { ...told, ...page })).status).toBe(401);
  expect((await asks(own, told, { cookie })).status).toBe(401);
  expect((await asks(own, told, { token: mine })).status).toBe(200);
});

test("any method is the same question, from any page, with any body", async () => {
  const asked = { cookie: `${cookieName}=${token}`, origin: "https://evil.example" };
  for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "REPORT"]) {
    const headers = { ...told, "sec-fetch-site": "cross-site", "access-control-request-method": "PUT" };
    const good = await guard.call(method, "/auth/forward", { ...asked, headers });
    expect([method, good.status, identity(good)[0]]).toEqual([method, 200, "ada"]);
    expect([...good.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
    if (method === "GET" || method === "HEAD") continue;
    const bad = await guard.call(method, "/auth/forward", { headers, origin: "https://evil.example" });
    expect([method, bad.status, identity(bad)]).toEqual([method, 401, nobody]);
    for (const [type, body] of [
      ["text/plain", "{"],
      ["multipart/form-data", "x"],
      ["application/json", "x".repeat(70_000)],
    ] as const) {
      const sent = await guard.call(method, "/auth/forward", { ...asked, headers: told, body, type });
      expect([method, type, sent.status]).toEqual([method, type, 200]);
    }
  }
});

test("the house's own pages get no special answer here either", async () => {
  const preflight = { ...told, "access-control-request-method": "PUT" };
  const answer = await guard.call("OPTIONS", "/auth/forward", { headers: preflight, origin: house });
  expect([answer.status, answer.headers.has("access-control-allow-origin")]).toEqual([401, false]);
});

test("TRACE is no method here either, and a path beside it is nothing", async () => {
  for (const path of ["/auth/forward/x", "/auth/Forward", "/auth/%66orward", "/auth//forward", "/forward"])
    expect([path, (await guard.get(path, { headers: told, token })).status]).toEqual([path, 404]);
  expect((await guard.call("TRACE", "/auth/forward", { headers: told, token })).status).toBe(404);
  expect((await guard.get("/auth/forward/?x=1", { headers: told, token })).status).toBe(200);
});

test("whoever looks like a program is offered Basic, and no browser is", async () => {
  const offered = async (headers: Record<string, string>) =>
    (await asks(guard, { ...told, ...headers })).headers.get("www-authenticate");
  const both = 'Bearer, Basic realm="housekey", charset="UTF-8"';
  const browser = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
  expect(await offered({ "user-agent": "git/2.39.5" })).toBe(both);
  expect(await offered({ "user-agent": browser })).toBe("Bearer");
  expect(await offered({ "user-agent": browser, ...basic("ada", "wrong") })).toBe(both);
});

const names: [name: string | null, told: string][] = [
  ["Ada Lovelace", "Ada Lovelace"],
  [null, "ada"],
  ["Jürgen Łukasz 漢字 🙂", "Jürgen Łukasz 漢字 🙂"],
  ["Ada\r\nRemote-User: root", "Ada Remote-User: root"],
  ["\u0000Ada\u0085\u2028\u2029Lovelace\u007f", "Ada Lovelace"],
  ["  Ada\t ", "Ada"],
  ["\r\n", ""],
  ["\ud800Ada", "\ufffdAda"],
  ["ä".repeat(200), "ä".repeat(200)],
];

for (const [name, written] of names)
  test(`the name ${JSON.stringify(name)?.slice(0, 40)} goes out whole or harmless`, async () => {
    await using own = await openGuard();
    const user = await own.addUser("ada", { name });
    const { token: mine } = await own.addSession(user);
    const answer = await asks(own, told, { token: mine });
    expect(answer.status).toBe(200);
    // A header's characters are bytes.
    expect(Buffer.from(answer.headers.get("remote-name") ?? "none", "latin1").toString("utf8")).toBe(written);
  });

test("an address is told as far as anybody can know that it is theirs", async () => {
  const emailOf = async (mail: boolean, facts: object) => {
    await using own = await openGuard(mail ? { smtp_url: "smtp://127.0.0.1:1" } : {});
    const { token: mine } = await own.addSession(await own.addUser("ada", facts));
    return identity(await asks(own, told, { token: mine }));
  };
  const whole = ["ada", "ada", "ada@example.com", "member"];
  expect(await emailOf(false, {})).toEqual(whole);
  expect(await emailOf(true, { emailVerified: true })).toEqual(whole);
  expect(await emailOf(true, {})).toEqual(["ada", "ada", "", "member"]);
  expect(await emailOf(false, { email: null })).toEqual(["ada", "ada", "", "member"]);
});

test("what an admin is called is told, too, and a change is told at once", async () => {
  await using own = await openGuard();
  const user = await own.addUser("root", { role: "admin" });
  const { token: mine } = await own.addSession(user);
  expect(identity(await asks(own, told, { token: mine }))[3]).toBe("admin");
  await own.core.store.write((tx) => tx.users.update(user.id, { role: "member", name: "Root" }));
  expect(identity(await asks(own, told, { token: mine }))).toEqual([
    "root",
    "Root",
    "root@example.com",
    "member",
  ]);
});

test("fifty at once are answered each for itself", async () => {
  await using own = await openGuard();
  const people = await Promise.all(
    Array.from({ length: 10 }, async (_, n) => {
      const name = `p${n}`;
      return { name, token: (await own.addSession(await own.addUser(name))).token };
    }),
  );
  const { key } = await makeKey(own, people[0]?.token ?? "");
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) => {
      const person = people[n % 10];
      if (n % 5 === 4) return asks(own, told, { token: "0".repeat(96) });
      if (n % 5 === 3) return asks(own, { ...told, ...basic("p0", key) });
      return asks(own, told, { cookie: `${cookieName}=${person?.token}` });
    }),
  );
  for (const [n, answer] of answers.entries()) {
    const expected = n % 5 === 4 ? [401, ""] : [200, n % 5 === 3 ? "p0" : `p${n % 10}`];
    expect([n, answer.status, identity(answer)[0]]).toEqual([n, ...expected] as never);
  }
});
