import { expect, test } from "bun:test";
import { hashSecret } from "../../src/identity/secret.ts";
import { comeBack, leave, linked, locationOf, openHouse, visit, whoIs } from "./visit.ts";

const failed = (code: string) => `/login?error=${code}`;

test("a callback works once: shown again, by the same browser too, it is refused", async () => {
  await using visited = await openHouse({ auto_provision: true });
  const gone = await leave(visited);
  const path = visited.provider.authorize(gone.url);
  expect(locationOf(await visited.house.get(path, gone))).toBe("/");
  expect(locationOf(await visited.house.get(path, gone))).toBe(failed("INVALID_CHALLENGE"));
  expect(await visited.reason()).toBe("INVALID_CHALLENGE: it came back before");
});

test("of fifty at once with the same callback, one is signed in", async () => {
  await using visited = await openHouse({ auto_provision: true });
  const gone = await leave(visited);
  const path = visited.provider.authorize(gone.url);
  const backs = await Promise.all(Array.from({ length: 50 }, () => visited.house.get(path, gone)));
  const places = backs.map(locationOf);
  expect(places.filter((place) => place === "/")).toHaveLength(1);
  expect(places.filter((place) => place === failed("INVALID_CHALLENGE"))).toHaveLength(49);
  const { active } = (await visited.house.get("/auth/sessions/stats", visited.admin)).body;
  expect(active).toBe(2);
});

test("fifty browsers of one newcomer make one account", async () => {
  await using visited = await openHouse({ auto_provision: true });
  const backs = await Promise.all(Array.from({ length: 50 }, () => visit(visited)));
  expect(new Set(backs.map(locationOf))).toEqual(new Set(["/"]));
  const people = await Promise.all(backs.map((back) => whoIs(visited, back)));
  expect(new Set(people.map(({ user }) => user.id)).size).toBe(1);
});

test("another browser gets nothing out of a callback, and takes nothing from the one it belongs to", async () => {
  await using visited = await openHouse({ auto_provision: true });
  const gone = await leave(visited);
  const path = visited.provider.authorize(gone.url);
  const other = await leave(visited);
  for (const cookie of ["", other.cookie, `housekey-flow=${"0".repeat(64)}`, "housekey-flow=x"])
    expect(locationOf(await visited.house.get(path, { cookie }))).toBe(failed("INVALID_CHALLENGE"));
  expect(locationOf(await visited.house.get(path, gone))).toBe("/");
});

test("a state that was touched, cut, or left out is none", async () => {
  await using visited = await openHouse({ auto_provision: true });
  const gone = await leave(visited);
  const path = visited.provider.authorize(gone.url);
  const state = new URL(gone.url).searchParams.get("state") ?? "";
  for (const wrong of ["", state.slice(1), state.slice(0, -1), `A${state.slice(1)}`, "x".repeat(5000)])
    expect(locationOf(await visited.house.get(path.replace(state, wrong), gone))).toBe(
      failed("INVALID_CHALLENGE"),
    );
  for (const bare of ["/auth/oidc/callback", "/auth/oidc/callback?code=x", path.replace(/state=[^&]*/, "")])
    expect(locationOf(await visited.house.get(bare, gone))).toBe(failed("INVALID_CHALLENGE"));
  const head = new Request(`http://localhost:8420${path}`, {
    method: "HEAD",
    headers: { cookie: gone.cookie },
  });
  expect((await visited.house.app.handle(head)).status).toBe(404);
  expect(locationOf(await visited.house.get(path, gone))).toBe("/");
});

test("ten minutes are given to come back, and no more", async () => {
  await using visited = await openHouse({ auto_provision: true });
  for (const [seconds, place] of [
    [599, "/"],
    [600, failed("INVALID_CHALLENGE")],
  ] as const) {
    const gone = await leave(visited);
    visited.house.advance(seconds);
    expect(locationOf(await comeBack(visited, gone))).toBe(place);
  }
  expect(await visited.reason()).toMatch(/longer than ten minutes/);
});

test("two tabs of one browser may be under way at once", async () => {
  await using visited = await openHouse({ auto_provision: true });
  const first = await leave(visited, "/first");
  const second = await leave(visited, "/second", first.cookie);
  expect(second.cookie).toBe(first.cookie);
  expect(locationOf(await comeBack(visited, second))).toBe("/second");
  expect(locationOf(await comeBack(visited, first))).toBe("/first");
});

test("a provider that is switched off sends nobody away, and lets nobody back in", async () => {
  await using visited = await openHouse({ auto_provision: true });
  const gone = await leave(visited);
  const whose = await linked(visited, "ada");
  await visited.put({ enabled: false });
  const { status, body } = await visited.house.get("/auth/oidc/login");
  expect([status, body.error.code]).toEqual([404, "NOT_FOUND"]);
  expect(locationOf(await comeBack(visited, gone, whose))).toBe(failed("INVALID_CHALLENGE"));
  expect((await visited.house.get("/auth/options")).body.oidc).toBeNull();
});

test("what is kept of a sign-in under way is that it was used, and that goes with its time", async () => {
  await using visited = await openHouse({ auto_provision: true });
  const { core, folder } = visited.house;
  const gone = await leave(visited);
  const state = new URL(gone.url).searchParams.get("state") ?? "";
  await comeBack(visited, gone);
  expect(await core.store.write((tx) => tx.assertions.use(hashSecret(state), new Date(0)))).toBeNull();
  const file = Buffer.from(await Bun.file(`${folder}/housekey.db-wal`).arrayBuffer());
  for (const secret of [state, gone.cookie.split("=")[1] ?? "", "a secret of many characters"])
    expect(file.includes(secret)).toBe(false);
});

test("failures are counted among the sign-ins of an address, and beyond their limit there is no line for each", async () => {
  await using visited = await openHouse(
    { auto_provision: true },
    { limit_signin: { count: 3, seconds: 60 } },
  );
  for (let n = 0; n < 6; n++) {
    const gone = await leave(visited);
    const path = visited.provider.authorize(gone.url).replace(/code=[^&]*/, "error=access_denied");
    expect(locationOf(await visited.house.get(path, gone))).toBe(failed("UPSTREAM_DENIED"));
  }
  const { events } = (await visited.house.get("/auth/audit?event=signin.failed", visited.admin)).body;
  expect(events).toHaveLength(3);
  expect(locationOf(await visit(visited))).toBe("/");
});
