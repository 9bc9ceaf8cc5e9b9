import { expect, test } from "bun:test";
import { makeLog } from "../../src/host/log.ts";
import { withAccessLog } from "../../src/http/access.ts";
import { makePlaceOf } from "../../src/http/place.ts";
import { makeReachable } from "../../src/http/reach.ts";
import { password, startAppliance } from "../harness.ts";

const own = "https://auth.example.org";
const values = { url: own, origins: ["https://dash.example.org", "myapp://callback"] };

test("pages of the house's own origins may read answers, without credentials; others may not", async () => {
  await using house = await startAppliance({ values });
  for (const origin of [own, "https://dash.example.org", "myapp://callback"]) {
    const { headers } = await house.get("/auth/options", { origin });
    expect(headers.get("access-control-allow-origin")).toBe(origin);
    expect(headers.get("access-control-allow-credentials")).toBeNull();
    for (const name of ["Authorization", "x-request-id", "Retry-After", "RateLimit-Limit", "RateLimit-Reset"])
      expect(headers.get("access-control-expose-headers")).toContain(name);
    expect(headers.get("vary")).toContain("Origin");
  }
  for (const origin of [
    "https://evil.example",
    "null",
    "https://dash.example.org.evil.example",
    "myapp://other",
  ]) {
    const { headers } = await house.get("/auth/options", { origin });
    expect(headers.get("access-control-allow-origin")).toBeNull();
    expect(headers.get("vary")).toContain("Origin");
  }
  const refused = await house.get("/auth/sessions/current", { origin: own });
  expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([401, own]);
});

test("a browser's question before a request is answered for own origins, and for nobody else", async () => {
  await using house = await startAppliance({ values });
  const ask = (origin: string) =>
    house.call("OPTIONS", "/auth/local/login", {
      origin,
      headers: { "access-control-request-method": "POST" },
    });
  const { status, headers } = await ask("https://dash.example.org");
  expect(status).toBe(204);
  expect(headers.get("access-control-allow-methods")).toContain("DELETE");
  expect(headers.get("access-control-allow-headers")).toContain("Authorization");
  expect(headers.get("x-request-id")).not.toBeNull();
  const foreign = await ask("https://evil.example");
  expect([foreign.status, foreign.headers.get("access-control-allow-origin")]).toEqual([404, null]);
  expect((await house.call("OPTIONS", "/auth/options", { origin: own })).status).toBe(404);
});

test("over https browsers are told to stay there", async () => {
  await using house = await startAppliance({ values });
  await house.get("/auth/options");
  for (const path of ["/auth/options", "/nowhere", "/auth/sessions/current"])
    expect((await house.get(path)).headers.get("strict-transport-security")).toBe("max-age=31536000");
  await using plain = await startAppliance();
  await plain.get("/auth/options");
  expect((await plain.get("/auth/options")).headers.get("strict-transport-security")).toBeNull();
});

test("a Host that is not one host is refused, and none that is changes an answer", async () => {
  await using house = await startAppliance({ values });
  await house.addUser("ada");
  // `seen` is there to tell a page how its question arrived, and nothing is made of it.
  const ask = async (host: string) => {
    const { status, body } = await house.get("/auth/options", { headers: { host } });
    if (status === 200) expect(body.seen).toEqual({ origin: `http://${host}`, proxy: "none" });
    return { status, text: JSON.stringify({ ...body, seen: null }) };
  };
  for (const host of ["a.example, b.example", "a b", "a/b", "user@a", "a:b", "", "[::1", "a:123456"])
    expect([host, (await ask(host)).status]).toEqual([host, 400]);
  const right = await ask("auth.example.org");
  for (const host of ["evil.example", "localhost:1", "[::1]:8420", "nas"]) {
    expect((await ask(host)).text).toBe(right.text);
    const login = await house.post(
      "/auth/local/login",
      { username: "ada", password },
      { origin: own, headers: { host, "x-forwarded-host": host, "x-forwarded-proto": "http" } },
    );
    expect(login.cookie).toStartWith("__Host-housekey=");
  }
});

test("odd paths are nobody's", async () => {
  await using house = await startAppliance();
  for (const path of [
    "//auth/options",
    "/auth//options",
    "//evil.example/",
    "/auth/options/x",
    "/AUTH/options",
    "/auth/options%2f",
  ])
    expect([path, (await house.get(path)).status]).toEqual([path, 404]);
  for (const method of ["TRACE", "CONNECT", "PROPFIND"])
    try {
      expect((await house.call(method, "/auth/options")).status).toBe(404);
    } catch (error) {
      // Some methods cannot even be asked for in here; the socket's test has them.
      expect(error).toBeInstanceOf(TypeError);
    }
});

test("a short host name reaches the same endpoints as a long one", async () => {
  await using house = await startAppliance();
  for (const host of ["a", "pi", "nas", "housekey.lan"]) {
    for (const scheme of ["http", "https"]) {
      const asked = new Request(`${scheme}://${host}/auth/options?x=1`);
      const response = await house.app.handle(makeReachable(asked));
      expect([scheme, host, response.status]).toEqual([scheme, host, 200]);
    }
  }
});

test("every request leaves one line, without query, header or body, that nothing can break in two", async () => {
  await using house = await startAppliance();
  const lines: string[] = [];
  for (const form of ["json", "pretty"] as const) {
    const log = makeLog({
      form,
      level: "info",
      clock: () => new Date(0),
      write: (line) => void lines.push(line),
    });
    const core = { ...house.core, log };
    const fetch = withAccessLog(core, makePlaceOf([]), (request) => house.app.handle(request));
    const ask = (path: string, init?: RequestInit) =>
      fetch(new Request(`http://localhost${path}`, init), { requestIP: () => null } as never);
    await ask("/auth/options?token=canary-in-query");
    await ask("/auth/%0a%0dforged?x#canary-in-fragment");
    await ask("/auth/local/login", {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Bearer canary-in-header" },
      body: JSON.stringify({ username: "canary-in-body", password: "canary-in-body" }),
    });
    await ask("/healthz");
  }
  expect(lines).toHaveLength(6);
  for (const line of lines) {
    expect(line.match(/\n/g)).toHaveLength(1);
    expect(line).not.toContain("canary");
  }
  expect(JSON.parse(lines[0] ?? "")).toEqual({
    time: "1970-01-01T00:00:00.000Z",
    level: "info",
    message: "request",
    id: expect.any(String),
    method: "GET",
    path: "/auth/options",
    status: 200,
    ms: expect.any(Number),
    address: "127.0.0.1",
  });
});

test("probes may ask with HEAD, and hear what GET would have said without the body", async () => {
  await using house = await startAppliance();
  for (const path of ["/healthz", "/readyz"]) {
    const asked = new Request(`http://localhost:8420${path}`, { method: "HEAD" });
    const response = await house.app.handle(asked);
    expect([path, response.status]).toEqual([path, 200]);
    expect(response.headers.get("x-request-id")).not.toBeNull();
  }
});
