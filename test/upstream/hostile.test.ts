/** A provider that lies, dawdles or points elsewhere: refused each time, with the reason in the audit. */
import { expect, test } from "bun:test";
import { lies } from "./lies.ts";
import { grace, keyNamed, type Provider, startProvider } from "./provider.ts";
import { comeBack, leave, locationOf, openHouse, visit, whoIs } from "./visit.ts";

for (const [what, { lies: told, reason, code = "UPSTREAM_DENIED" }] of Object.entries(lies))
  test(`nobody is signed in by ${what}`, async () => {
    await using visited = await openHouse({ auto_provision: true });
    Object.assign(visited.provider.lies, told);
    const back = await visit(visited);
    expect([locationOf(back), await whoIs(visited, back)]).toEqual([`/login?error=${code}`, null]);
    expect(await visited.reason()).toMatch(new RegExp(`^${code}: [A-Z0-9]`));
    expect(await visited.reason()).toMatch(reason);
    expect((await visited.house.get("/auth/users", { token: visited.admin.token })).body.users).toHaveLength(
      1,
    );
    expect(visited.house.lines.filter((line) => line.startsWith("error"))).toEqual([]);
  });

test("an ID token that names no key is taken while there is one, and refused when there are several", async () => {
  await using visited = await openHouse({ auto_provision: true });
  const { house, provider } = visited;
  provider.lies.header = ({ alg }) => ({ alg });
  expect(locationOf(await visit(visited))).toBe("/");
  const { jwk } = await keyNamed("second");
  provider.lies.keys = ({ keys }) => ({ keys: [...keys, jwk] });
  house.advance(601);
  expect(locationOf(await visit(visited))).toBe("/login?error=UPSTREAM_DENIED");
  expect(await visited.reason()).toMatch(/does not say which of the provider's keys/);
});

for (const alg of ["ES256", "EdDSA"])
  test(`a provider may sign with ${alg}`, async () => {
    await using visited = await openHouse({ auto_provision: true });
    Object.assign(visited.provider.state, { alg, kid: `one of ${alg}` });
    visited.house.advance(601);
    expect(locationOf(await visit(visited))).toBe("/");
  });

test("other algorithms are refused, although the provider offers them and publishes the key", async () => {
  for (const alg of ["RS512", "PS256", "ES384"]) {
    await using visited = await openHouse({ auto_provision: true });
    Object.assign(visited.provider.state, { alg, kid: `one of ${alg}` });
    visited.house.advance(601);
    expect(locationOf(await visit(visited))).toBe("/login?error=UPSTREAM_DENIED");
  }
});

test("a new key is found at once, and asking for it is limited to once a minute", async () => {
  await using visited = await openHouse({ auto_provision: true });
  const { house, provider } = visited;
  const keysAsked = () => provider.asked.filter((one) => one === "GET /keys").length;
  expect(keysAsked()).toBe(1);
  house.advance(60);
  provider.state.kid = "second";
  expect(locationOf(await visit(visited))).toBe("/");
  expect(keysAsked()).toBe(2);
  provider.lies.header = (honest) => ({ ...honest, kid: "unknown" });
  for (let n = 0; n < 5; n++) expect(locationOf(await visit(visited))).toBe("/login?error=UPSTREAM_DENIED");
  expect(keysAsked()).toBe(2);
  house.advance(60);
  await visit(visited);
  expect(keysAsked()).toBe(3);
});

test("a key that the provider took back is of no use ten minutes later", async () => {
  await using visited = await openHouse({ auto_provision: true });
  const { house, provider } = visited;
  provider.lies.keys = async () => ({ keys: [(await keyNamed("second")).jwk] });
  const { jwk } = await keyNamed("second");
  provider.lies.keys = () => ({ keys: [jwk] });
  expect(locationOf(await visit(visited))).toBe("/");
  house.advance(600);
  expect(locationOf(await visit(visited))).toBe("/login?error=UPSTREAM_DENIED");
});

test("of keys without end no more is read than the limit, whatever the provider sends", async () => {
  await using visited = await openHouse({ auto_provision: true });
  const { house, provider } = visited;
  const block = new Uint8Array(64 * 1024).fill(32);
  let sent = 0;
  provider.lies.serve = (path) =>
    path === "/keys"
      ? new Response(
          new ReadableStream({
            pull(controller) {
              if (sent >= 100 * 1024 * 1024) return controller.close();
              sent += block.length;
              controller.enqueue(block);
            },
          }),
        )
      : undefined;
  house.advance(601);
  expect(locationOf(await visit(visited))).toBe("/login?error=UPSTREAM_UNAVAILABLE");
  expect(await visited.reason()).toMatch(/more than 256 KiB/);
  await Bun.sleep(100);
  expect(sent).toBeLessThan(20 * 1024 * 1024);
});

test("keys that cannot be had let nobody in, and are not asked for by everybody who waits", async () => {
  await using visited = await openHouse({ auto_provision: true });
  const { house, provider } = visited;
  provider.lies.serve = (path) => (path === "/keys" ? new Response("no", { status: 503 }) : undefined);
  house.advance(601);
  const before = provider.asked.filter((one) => one === "GET /keys").length;
  const backs = await Promise.all(Array.from({ length: 10 }, () => visit(visited)));
  expect(new Set(backs.map(locationOf))).toEqual(new Set(["/login?error=UPSTREAM_UNAVAILABLE"]));
  expect(provider.asked.filter((one) => one === "GET /keys").length - before).toBe(1);
  house.advance(6);
  provider.lies.serve = () => undefined;
  expect(locationOf(await visit(visited))).toBe("/");
});

test("an address counts as verified by the JSON true alone", async () => {
  await using visited = await openHouse({ auto_provision: true });
  for (const [n, verified] of ["true", 1, "yes", null, undefined, {}, [true]].entries()) {
    const whose = { sub: `s${n}`, email: `s${n}@example.com`, email_verified: verified };
    const { user } = await whoIs(visited, await visit(visited, whose));
    expect([verified, user.email, user.email_verified]).toEqual([verified, null, false]);
  }
  const { user } = await whoIs(visited, await visit(visited, { ...grace, sub: "s", email: "S@Example.com" }));
  expect([user.email, user.email_verified]).toEqual(["s@example.com", true]);
});

test("a verified address that no letter could be sent to is not kept, nor made into one that could", async () => {
  await using visited = await openHouse({ auto_provision: true });
  const addresses = [
    "evil@example.com, victim@example.com",
    "victim@example.com\r\nBcc: evil@example.com",
    "victim@example.com\u0000",
    "victim@evil@example.com",
    "victim\uff20example.com",
    "vict\u0456m@example.com",
    " victim@example.com",
    "<victim@example.com>",
    `${"x".repeat(65)}@example.com`,
    "@example.com",
    "",
    5,
    ["victim@example.com"],
  ];
  for (const [n, email] of addresses.entries()) {
    const { user } = await whoIs(
      visited,
      await visit(visited, { sub: `s${n}`, email, email_verified: true }),
    );
    expect([email, user.email]).toEqual([email, null]);
  }
});

/** An honest provider beside the house's own, run by somebody else. */
async function another(now: () => Date): Promise<Provider> {
  return startProvider({ now, person: { ...grace, sub: "attacker" } });
}

test("what one provider gives is nothing at another: a callback that was swapped is refused (RFC 9207)", async () => {
  await using visited = await openHouse({ auto_provision: true });
  await using other = await another(visited.house.core.clock);
  const gone = await leave(visited);
  const swapped = await visited.house.get(other.authorize(gone.url), { cookie: gone.cookie });
  expect(locationOf(swapped)).toBe("/login?error=UPSTREAM_DENIED");
  expect(await visited.reason()).toMatch(/"iss"/);
  expect(visited.provider.asked).not.toContain("POST /token");

  const second = await leave(visited);
  const nameless = other.authorize(second.url).replace(/&iss=.*/, "");
  expect(locationOf(await visited.house.get(nameless, { cookie: second.cookie }))).toBe(
    "/login?error=UPSTREAM_DENIED",
  );
  expect(await visited.reason()).toMatch(/"iss"/);
});

test("a sign-in that began at one provider does not end at another that an admin chose meanwhile", async () => {
  await using visited = await openHouse({ auto_provision: true });
  await using other = await another(visited.house.core.clock);
  const gone = await leave(visited);
  await visited.put({ issuer: other.issuer });
  expect(locationOf(await comeBack(visited, gone))).toBe("/login?error=INVALID_CHALLENGE");
  expect(locationOf(await visited.house.get(other.authorize(gone.url), { cookie: gone.cookie }))).toBe(
    "/login?error=INVALID_CHALLENGE",
  );
  expect(await visited.reason()).toMatch(/came back before|another provider/);
});

test("the same subject at another provider is another person", async () => {
  await using visited = await openHouse({ auto_provision: true });
  const first = await whoIs(visited, await visit(visited, { sub: "1" }));
  await using other = await startProvider({ now: visited.house.core.clock });
  await visited.put({ issuer: other.issuer });
  const second = await whoIs(visited, await visit({ ...visited, provider: other }, { sub: "1" }));
  expect(second.user.id).not.toBe(first.user.id);
});
