import { expect, test } from "bun:test";
import { limitKey, makeLimiter } from "../../src/identity/limit.ts";
import { type Appliance, type Asked, password, startAppliance } from "../harness.ts";

/** The limits in force, with the client's address told by a proxy that is trusted. */
const limited = (rows: object = {}) =>
  startAppliance({
    values: {
      trusted_proxies: ["127.0.0.1"],
      limit_signin: { count: 10, seconds: 60 },
      limit_register: { count: 5, seconds: 60 },
      limit_bootstrap: { count: 5, seconds: 60 },
      ...rows,
    },
  });
const from = (address: string): Asked => ({ headers: { "x-forwarded-for": address } });
const login = (house: Appliance, n: number, address: string) =>
  house.post("/auth/local/login", { username: `user${n}`, password: "wrong" }, from(address));

test("the eleventh sign-in of a minute is refused, with when to come back; other addresses go on", async () => {
  await using house = await limited();
  for (let n = 0; n < 10; n++) {
    const { status, headers } = await login(house, n, "10.0.0.1");
    expect([status, headers.get("ratelimit-limit"), headers.get("ratelimit-remaining")]).toEqual([
      401,
      "10",
      String(9 - n),
    ]);
    house.advance(3);
  }
  const refused = await login(house, 10, "10.0.0.1");
  expect([refused.status, refused.body.error.code]).toEqual([429, "RATE_LIMITED"]);
  const { headers } = refused;
  expect([headers.get("retry-after"), headers.get("ratelimit-reset")]).toEqual(["30", "30"]);
  expect(headers.get("ratelimit-remaining")).toBe("0");
  expect((await login(house, 11, "10.0.0.2")).status).toBe(401);
  house.advance(29);
  expect((await login(house, 12, "10.0.0.1")).status).toBe(429);
  house.advance(1);
  expect((await login(house, 13, "10.0.0.1")).status).toBe(401);
});

test("successes, malformed requests and all endpoints of a row count together", async () => {
  await using house = await limited();
  await house.addUser("ada");
  const ask = (body: unknown) => house.post("/auth/local/login", body, from("10.0.0.1"));
  const { token } = await house.addSession(await house.addUser("bob"));
  for (let n = 0; n < 3; n++) {
    expect((await ask({ username: "ada", password })).status).toBe(201);
    expect((await ask("{")).status).toBe(400);
    const confirm = { ...from("10.0.0.1"), token };
    expect((await house.post("/auth/sessions/current/confirm", { password }, confirm)).status).toBe(204);
  }
  expect((await ask({ username: "ada", password })).status).toBe(201);
  expect((await ask({ username: "ada", password })).status).toBe(429);
});

test("a thousand addresses of one /64 are one client, however they are written", async () => {
  await using house = await limited();
  let refused = 0;
  for (let n = 0; n < 1000; n++) {
    const tail = n.toString(16);
    const address = n % 2 ? `2001:DB8:0:7::${tail}` : `2001:0db8:0000:0007:${tail}:0:0:1`;
    if ((await login(house, n, address)).status === 429) refused++;
  }
  expect(refused).toBe(990);
  expect((await login(house, 0, "2001:db8:0:8::1")).status).toBe(401);
  for (let n = 0; n < 10; n++) await login(house, n, "10.9.9.9");
  expect((await login(house, 0, "::ffff:10.9.9.9")).status).toBe(429);
});

test("a forwarding header that is not to be believed changes nothing", async () => {
  await using house = await limited({ trusted_proxies: [] });
  for (let n = 0; n < 10; n++) await login(house, n, `10.0.0.${n}`);
  for (const spoofed of ["10.1.1.1", "garbage", "1.1.1.1, 2.2.2.2", "::1", ""])
    expect((await login(house, 0, spoofed)).status).toBe(429);
  await using proxied = await limited();
  // One that cannot be read is held against the proxy itself: all of them share one count.
  for (let n = 0; n < 10; n++) await login(proxied, n, `not-an-address-${n}`);
  expect((await login(proxied, 0, "also not one")).status).toBe(429);
  expect((await login(proxied, 0, "10.1.1.1")).status).toBe(401);
});

test("set-up has its own row, and the rest a wide one that a good session check is not counted on", async () => {
  await using house = await limited();
  await house.firstRunToken();
  const complete = () => house.post("/auth/bootstrap/complete", { token: "wrong" }, from("10.0.0.1"));
  for (let n = 0; n < 5; n++) expect((await complete()).status).toBe(401);
  expect((await complete()).status).toBe(429);

  const { token } = await house.addSession(await house.addUser("ada"));
  const check = (asked: Asked) => house.get("/auth/sessions/current", { ...from("10.0.0.1"), ...asked });
  for (let n = 0; n < 700; n++) expect((await check({ token })).status).toBe(200);
  let [refused, unauthenticated] = [0, 0];
  for (let n = 0; n < 610; n++) {
    const { status } = await check({ token: "0".repeat(96) });
    if (status === 429) refused++;
    if (status === 401) unauthenticated++;
  }
  expect([unauthenticated, refused]).toEqual([600, 10]);
  expect((await house.get("/auth/options", from("10.0.0.1"))).status).toBe(429);
  expect((await house.get("/api/v1/auth/nothing", from("10.0.0.1"))).status).toBe(429);
  expect((await check({ token })).status).toBe(200);
  expect((await house.get("/healthz", from("10.0.0.1"))).status).toBe(200);
});

test("fifty at once get no more places than there are", async () => {
  await using house = await limited();
  const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => login(house, n, "10.0.0.1")));
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(40);
});

test("a row that is switched off refuses nobody", async () => {
  await using house = await limited({ limit_bootstrap: "off" });
  await house.firstRunToken();
  for (let n = 0; n < 20; n++)
    expect((await house.post("/auth/bootstrap/complete", { token: "wrong" })).status).toBe(401);
});

test("the count never exceeds the limit in any span, and memory has a bound", () => {
  let now = 0;
  const limits = { signin: { count: 3, seconds: 10 } } as Parameters<typeof makeLimiter>[0]["limits"];
  const limiter = makeLimiter({ limits, ticks: () => now, most: 100 });
  const taken: number[] = [];
  for (now = 0; now < 60_000; now += 700) if (limiter.take("signin", "a")?.allowed) taken.push(now);
  for (const start of taken)
    expect(taken.filter((at) => at >= start && at < start + 10_000).length).toBeLessThanOrEqual(3);
  expect(taken.length).toBeGreaterThan(14);

  now = 100_000;
  for (let n = 0; n < 3; n++) limiter.take("signin", "first");
  expect(limiter.take("signin", "first")?.allowed).toBe(false);
  for (let n = 0; n < 100; n++) limiter.take("signin", `other ${n}`);
  // The one unused for longest was let go.
  expect(limiter.take("signin", "first")?.allowed).toBe(true);
});

test("an IPv6 client is its /64", () => {
  for (const [address, key] of [
    ["10.0.0.1", "10.0.0.1"],
    ["2001:db8::1", "2001:db8:0:0"],
    ["2001:db8:0:7:1:2:3:4", "2001:db8:0:7"],
    ["::1", "0:0:0:0"],
    ["fe80::", "fe80:0:0:0"],
  ] as const)
    expect(limitKey(address)).toBe(key);
});
