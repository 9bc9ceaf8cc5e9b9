/** What is asked on every click has a way of its own, and nobody can tell by the answer which way it took. */
import { expect, test } from "bun:test";
import { app, asks, cookieName, forwarded, house as guarded, openGuard } from "../forward/guard.ts";
import { type Answered, type Appliance, type Asked, origin, startAppliance } from "../harness.ts";
import { jwtFor, made, owner } from "../keys/keys.ts";

const check = "/auth/sessions/current";

/** All that an answer says, without what is new in each and what is for the pages of an origin. */
function said({ status, text, headers }: Answered) {
  const own = /^(?:x-request-id|vary|access-control-.*)$/;
  return { status, text, headers: [...headers].filter(([name]) => !own.test(name)).sort() };
}

/** By the way of its own, and, because it names its page, by the usual one. */
async function bothWays(house: Appliance, asked: Asked, at = origin) {
  const quick = await house.get(check, { ...asked, origin: null });
  const usual = await house.get(check, { ...asked, origin: at });
  expect(usual.headers.get("access-control-allow-origin")).toBe(at);
  expect(quick.headers.get("x-request-id")).not.toBe(usual.headers.get("x-request-id"));
  return { quick: said(quick), usual: said(usual) };
}

test("a check is answered alike on both ways, whatever is shown, right or wrong", async () => {
  await using house = await startAppliance();
  const ada = await owner(house);
  const { key } = await made(house, ada);
  const narrow = await made(house, ada, { scopes: ["forward:auth"] });
  const jwt = await jwtFor(house, key);
  const ended = await house.addSession(ada.user);
  await house.delete(`/auth/sessions/${ended.id}`, { token: ada.token });
  const yes: Asked[] = [
    { token: ada.token },
    { cookie: `housekey=${ada.token}` },
    { token: key },
    { token: jwt },
  ];
  for (const asked of yes) {
    const { quick, usual } = await bothWays(house, asked);
    expect(quick).toEqual(usual);
    expect(quick.status).toBe(200);
  }
  const no: Asked[] = [
    {},
    { token: ended.token },
    { token: ada.token.slice(1) },
    { token: ada.token.toUpperCase() },
    { token: narrow.key },
    { token: `${jwt}x` },
    { cookie: `housekey=${jwt}` },
    { cookie: `__Host-housekey=${ada.token}` },
    { headers: { authorization: `Basic ${ada.token}` }, cookie: `housekey=${ada.token}` },
    { token: ada.token, headers: { host: "two hosts" } },
  ];
  for (const asked of no) {
    const { quick, usual } = await bothWays(house, asked).catch(async () => {
      // A Host that is none is refused before anybody looks at the origin.
      const refused = said(await house.get(check, { ...asked, origin: null }));
      return { quick: refused, usual: said(await house.get(check, asked)) };
    });
    expect(quick).toEqual(usual);
    expect(quick.status).toBeGreaterThanOrEqual(400);
  }
});

test("over https both ways tell browsers to stay there", async () => {
  await using house = await openGuard();
  const { token } = await owner(house);
  const { quick, usual } = await bothWays(house, { token }, guarded);
  expect(quick).toEqual(usual);
  expect(quick.headers).toContainEqual(["strict-transport-security", "max-age=31536000"]);
});

test("a proxy hears the same by GET, on the way of its own, and by any other method", async () => {
  await using house = await openGuard();
  const { token } = await owner(house, "ada", { name: "Ada Lovelace", email: "ada@example.org" });
  await house.get("/healthz");
  for (const cookie of [`${cookieName}=${token}`, `${cookieName}=${token.slice(1)}`, "theme=dark"]) {
    const quick = await asks(house, forwarded(app), { cookie });
    const usual = await house.call("POST", "/auth/forward", {
      origin: null,
      cookie,
      headers: forwarded(app),
    });
    expect(said(quick)).toEqual(said(usual));
    expect(quick.status).toBe(cookie.endsWith(token) ? 200 : 401);
  }
});

test("fifty people who ask at once are each told of themselves, on both ways", async () => {
  await using house = await openGuard();
  const people = [];
  for (let index = 0; index < 50; index++)
    people.push(await owner(house, `person${index}`, { name: `Person ${index} von Neumann` }));
  for (let turn = 0; turn < 3; turn++) {
    const asked = people.map(({ token }) => ({ cookie: `${cookieName}=${token}` }));
    // All are answered before the first answer is read.
    const forwards = await Promise.all(asked.map((showing) => asks(house, forwarded(app), showing)));
    const checks = await Promise.all(asked.map((showing) => house.get(check, { ...showing, origin: null })));
    const ids = new Set<string | null>();
    for (const [index, { user }] of people.entries()) {
      expect(forwards[index]?.headers.get("remote-user")).toBe(`person${index}`);
      expect(forwards[index]?.headers.get("remote-name")).toBe(`Person ${index} von Neumann`);
      expect(forwards[index]?.headers.get("content-type")).not.toBe("application/json;charset=utf-8");
      expect(checks[index]?.body.user.id).toBe(user.id);
      expect(checks[index]?.headers.get("remote-user")).toBeNull();
      for (const { headers } of [forwards[index], checks[index]].filter((answer) => answer !== undefined))
        ids.add(headers.get("x-request-id"));
    }
    expect(ids.size).toBe(100);
  }
});

test("the address becomes https, and back: the next answer of either way says so or is silent", async () => {
  await using house = await startAppliance();
  const { token } = await owner(house);
  for (const url of ["https://auth.example.org", origin, "https://auth.example.org"]) {
    await house.core.store.write((tx) => tx.settings.put({ url }));
    for (let turn = 0; turn < 2; turn++) {
      const { headers } = await house.get(check, { token, origin: null });
      expect(headers.get("strict-transport-security")).toBe(
        url.startsWith("https:") ? "max-age=31536000" : null,
      );
    }
  }
});

test("a store that is out of order is told on both ways alike", async () => {
  await using house = await startAppliance();
  const { token } = await owner(house);
  await house.core.store.close();
  const quick = await house.get(check, { token, origin: null });
  const usual = await house.get(check, { token });
  expect([quick.status, quick.body.error.code]).toEqual([usual.status, usual.body.error.code]);
  expect(quick.status).toBeGreaterThanOrEqual(500);
});
