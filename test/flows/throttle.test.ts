import { expect, test } from "bun:test";
import { sweepThrottles, waitAfter } from "../../src/identity/throttle.ts";
import { type Appliance, type ApplianceOptions, type Asked, password, startAppliance } from "../harness.ts";

/** The slow-down per account in force; the limits per address out of the way. */
const slowed = (options: ApplianceOptions = {}) =>
  startAppliance({
    ...options,
    values: {
      trusted_proxies: ["127.0.0.1"],
      limit_signin: { count: 1_000_000, seconds: 60 },
      ...options.values,
    },
  });
const from = (address: string, cookie?: string): Asked => ({
  headers: { "x-forwarded-for": address },
  ...(cookie !== undefined && { cookie }),
});
const login = (house: Appliance, username: string, own: string, asked: Asked = from("6.6.6.6")) =>
  house.post("/auth/local/login", { username, password: own }, asked);

/** Counts the passwords that are really checked. */
function counted(house: Appliance): { hashes: number } {
  const seen = { hashes: 0 };
  const { verify } = house.core.hasher;
  Object.assign(house.core.hasher, {
    verify(...args: Parameters<typeof verify>) {
      seen.hashes++;
      return verify(...args);
    },
  });
  return seen;
}

test("four failures are free; then waits double from a second to a quarter of an hour", () => {
  expect([1, 4, 5, 6, 7, 14, 15, 16, 99].map(waitAfter)).toEqual([0, 0, 1, 2, 4, 512, 900, 900, 900]);
});

test("from the fifth failure on the next try has to wait, also with the right password", async () => {
  await using house = await slowed();
  await house.addUser("ada");
  for (let n = 0; n < 5; n++) expect((await login(house, "ada", "wrong")).status).toBe(401);
  const early = await login(house, "ada", password);
  expect([early.status, early.body.error.code, early.headers.get("retry-after")]).toEqual([
    429,
    "RATE_LIMITED",
    "1",
  ]);
  house.advance(1);
  expect((await login(house, "ada", "wrong")).status).toBe(401);
  house.advance(1);
  expect((await login(house, "ada", password)).headers.get("retry-after")).toBe("1");
  house.advance(1);
  expect((await login(house, "ada", password)).status).toBe(201);
  // A completed sign-in forgets them all.
  for (let n = 0; n < 4; n++) expect((await login(house, "ada", "wrong")).status).toBe(401);
  expect((await login(house, "ada", password)).status).toBe(201);
});

test("a clock that is set back keeps nobody out until it has caught up, and lets no guessing go faster", async () => {
  await using house = await slowed();
  await house.addUser("ada");
  for (let n = 0; n < 5; n++) await login(house, "ada", "wrong");
  house.advance(-0.5);
  expect((await login(house, "ada", password)).headers.get("retry-after")).toBe("2");
  house.advance(-3600);
  expect((await login(house, "ada", "wrong")).status).toBe(401);
  expect((await login(house, "ada", "wrong")).headers.get("retry-after")).toBe("2");
  house.advance(-3600);
  expect((await login(house, "ada", password)).status).toBe(201);
});

test("every spelling of a name is one count, and a name that is nobody's is slowed alike", async () => {
  await using house = await slowed();
  await house.addUser("ada");
  for (const [known, unknown] of [
    ["ada", "eve"],
    ["ADA", "EVE"],
    [" ada ", " eve "],
    ["ada@example.com", "eve"],
    ["Ada@Example.COM", "Eve"],
    ["ada", "eve"],
  ] as const) {
    const [one, other] = [await login(house, known, "wrong"), await login(house, unknown, "wrong")];
    expect([one.status, one.text, one.headers.get("retry-after")]).toEqual([
      other.status,
      other.text,
      other.headers.get("retry-after"),
    ]);
  }
  expect((await login(house, "ada@example.com", password)).status).toBe(429);
});

test("two hundred wrong passwords at once are checked no more often than one after the other", async () => {
  await using house = await slowed({ hasher: { depth: 500 } });
  await house.addUser("ada");
  for (const name of ["ada", "nobody"]) {
    const seen = counted(house);
    const answers = await Promise.all(Array.from({ length: 200 }, () => login(house, name, "wrong")));
    expect([name, answers.filter(({ status }) => status === 401).length <= 5]).toEqual([name, true]);
    expect(seen.hashes).toBeLessThanOrEqual(6);
    expect(answers.every(({ status }) => status === 401 || status === 429)).toBe(true);
  }
  expect((await login(house, "ada", password)).status).toBe(429);
});

test("a stranger's thousand tries over a day are few, and never stop the owner's address or browser", async () => {
  await using house = await slowed();
  await house.addUser("ada");
  const home = await login(house, "ada", password, from("10.0.0.1"));
  const device = /housekey-device=\w+/.exec(home.cookie)?.[0] ?? "";
  const seen = counted(house);
  for (let n = 0; n < 1000; n++) {
    const address = `6.6.${n % 250}.${n % 50}`;
    expect((await login(house, n % 2 ? "ada" : "ADA@example.com", "wrong", from(address))).status).not.toBe(
      201,
    );
    house.advance(86.4);
  }
  expect(seen.hashes).toBeLessThanOrEqual(100);
  // The owner, from home and from a café with the browser that signed in before.
  expect((await login(house, "ada", password, from("10.0.0.1"))).status).toBe(201);
  for (let n = 0; n < 110; n++) {
    await login(house, "ada", "wrong");
    house.advance(900);
  }
  expect((await login(house, "ada", password, from("7.7.7.7", device))).status).toBe(201);
});

test("after a hundred failures new addresses are refused until the owner signs in from a known one", async () => {
  await using house = await slowed();
  await house.addUser("ada");
  await login(house, "ada", password, from("10.0.0.1"));
  for (let n = 0; n < 100; n++) {
    expect((await login(house, "ada", "wrong")).status).toBe(401);
    house.advance(900);
  }
  house.advance(5 * 86_400);
  expect((await login(house, "ada", password, from("8.8.8.8"))).status).toBe(429);
  expect((await login(house, "ada", password, from("10.0.0.1"))).status).toBe(201);
  expect((await login(house, "ada", password, from("8.8.8.8"))).status).toBe(201);
});

test("a known address and a known browser that guess are slowed too, each alone", async () => {
  await using house = await slowed();
  await house.addUser("ada");
  await login(house, "ada", password, from("10.0.0.1"));
  await login(house, "ada", password, from("10.0.0.2"));
  for (let n = 0; n < 5; n++) await login(house, "ada", "wrong", from("10.0.0.1"));
  expect((await login(house, "ada", password, from("10.0.0.1"))).status).toBe(429);
  expect((await login(house, "ada", password, from("10.0.0.2"))).status).toBe(201);
});

test("a signed-in person confirms while a stranger hammers the name, and cannot guess without end either", async () => {
  await using house = await slowed();
  const ada = await house.addUser("ada");
  const { token } = await house.addSession(ada);
  for (let n = 0; n < 5; n++) await login(house, "ada", "wrong");
  const confirm = (own: string) =>
    house.post("/auth/sessions/current/confirm", { password: own }, { ...from("9.9.9.9"), token });
  expect((await confirm(password)).status).toBe(204);
  for (let n = 0; n < 5; n++) expect((await confirm("wrong")).status).toBe(400);
  expect((await confirm(password)).status).toBe(429);
});

test("the counts survive a restart", async () => {
  await using first = await slowed();
  await first.addUser("ada");
  for (let n = 0; n < 6; n++) {
    for (const name of ["ada", "nobody"]) expect((await login(first, name, "wrong")).status).toBe(401);
    first.advance(1);
  }
  await using again = await slowed({ folder: first.folder });
  again.advance(6);
  for (const name of ["ada", "nobody"])
    expect([name, (await login(again, name, password)).status]).toEqual([name, 429]);
  again.advance(1);
  expect((await login(again, "ada", password)).status).toBe(201);
});

test("a try that is cut short by a full queue is no failure", async () => {
  await using house = await slowed({ hasher: { width: 1, depth: 0 } });
  await house.addUser("ada");
  for (let round = 0; round < 10; round++) {
    const pair = await Promise.all([login(house, "ada", password), login(house, "ada", password)]);
    expect(pair.map(({ status }) => status).sort()).toEqual([201, 503]);
  }
});

test("old counts are forgotten, and names nobody has cannot fill the disk", async () => {
  await using house = await slowed();
  for (let n = 0; n < 20; n++) await login(house, `nobody${n}`, "wrong");
  const { core } = house;
  await core.store.write((tx) => tx.throttles.sweep(new Date(0), 5));
  const rows = () => core.store.write((tx) => tx.throttles.sweep(new Date(0), 0));
  expect(await rows()).toBe(5);
  await login(house, "nobody", "wrong");
  house.advance(30 * 86_400 + 1);
  expect(await sweepThrottles(core)).toBe(1);
});

test("switched off, nobody is slowed", async () => {
  await using house = await slowed({ values: { limit_signin: "off" } });
  await house.addUser("ada");
  for (let n = 0; n < 20; n++) expect((await login(house, "ada", "wrong")).status).toBe(401);
  expect((await login(house, "ada", password)).status).toBe(201);
});
