/** How long a key works: until somebody ends it, and not one request longer. */
import { expect, test } from "bun:test";
import { host } from "../../src/identity/actor.ts";
import { createKey, liveKey } from "../../src/identity/api-key.ts";
import { authenticate } from "../../src/identity/caller.ts";
import { exchangeKey } from "../../src/identity/key-token.ts";
import { patchUser } from "../../src/identity/people.ts";
import { createRecovery } from "../../src/identity/recovery.ts";
import { sweepDead } from "../../src/identity/sweep.ts";
import { type Appliance, password, startAppliance } from "../harness.ts";
import { reset, send } from "../spa/tokens.ts";
import { both, exchange, jwtFor, keySessions, made, type Owner, owner, status } from "./keys.ts";

const place = { address: "127.0.0.1", userAgent: null, device: null, browser: null };

interface Ended {
  readonly house: Appliance;
  readonly ada: Owner;
  readonly root: Owner;
  readonly keyId: string;
}

/** Everything after which a key is dead, with all it was exchanged for. */
const ends: Readonly<Record<string, (ended: Ended) => Promise<unknown>>> = {
  "its deletion": ({ house, ada, keyId }) => house.delete(`/v1/auth/api-keys/${keyId}`, { token: ada.token }),
  "its owner's disabling": ({ house, ada, root }) =>
    house.call("PATCH", `/auth/users/${ada.user.id}`, { token: root.token, body: { disabled: true } }),
  "its owner's deletion": ({ house, ada, root }) =>
    house.delete(`/auth/users/${ada.user.id}`, { token: root.token }),
  "its owner's own deletion": ({ house, ada }) => house.delete("/auth/me", { token: ada.token }),
  "a password reset by mail": async ({ house }) => {
    await send(house, "reset");
    return reset(house, await house.codeFor("ada@example.com"));
  },
  "a recovery": async ({ house, ada }) => {
    const { url } = await createRecovery(house.core, host, ada.user.id);
    const body = { token: url.split("#token=")[1], password: "difference engine" };
    return house.post("/auth/recovery/complete", body);
  },
};

async function scene(house: Appliance) {
  const ada = await owner(house);
  const root = await owner(house, "root", { role: "admin" });
  const { id, key } = await made(house, ada, { expires_in_days: 2 });
  return { house, ada, root, keyId: id, key, jwt: await jwtFor(house, key) };
}

for (const [what, end] of Object.entries(ends))
  test(`after ${what} the very next request is refused, by key and by JWT, also after a restart`, async () => {
    await using first = await startAppliance();
    const { key, jwt, ...ended } = await scene(first);
    expect(await both(first, key, jwt)).toEqual([200, 200]);
    const { status: answered } = (await end(ended)) as { status: number };
    expect([200, 201, 204]).toContain(answered);
    expect([...(await both(first, key, jwt)), (await exchange(first, key)).status]).toEqual([401, 401, 401]);
    await using again = await startAppliance({ folder: first.folder });
    expect([...(await both(again, key, jwt)), (await exchange(again, key)).status]).toEqual([401, 401, 401]);
    const { apiKeys, sessions } = first.core.store.read;
    expect(await apiKeys.count(ended.ada.user.id)).toBe(0);
    const left = await sessions.listOpen(ended.ada.user.id, {
      now: first.core.clock(),
      idleSince: new Date(0),
      createdSince: new Date(0),
    });
    expect(left.filter(({ kind }) => kind === "api_key")).toEqual([]);
  });

test("an account that is enabled again has its old keys no more", async () => {
  await using house = await startAppliance();
  const { ada, key, jwt } = await scene(house);
  for (const disabled of [true, false]) await patchUser(house.core, host, ada.user.id, { disabled });
  expect([...(await both(house, key, jwt)), (await exchange(house, key)).status]).toEqual([401, 401, 401]);
});

test("it works to its last second, and no JWT outlives it", async () => {
  await using house = await startAppliance();
  const { key } = await scene(house);
  house.advance(2 * 86_400 - 60);
  const { data } = (await exchange(house, key)).body;
  expect(data.expires_at).toBe(house.core.clock().getTime() / 1000 + 60);
  house.advance(59);
  expect(await both(house, key, data.token)).toEqual([200, 200]);
  house.advance(1);
  expect(await both(house, key, data.token)).toEqual([401, 401]);
  expect((await exchange(house, key)).status).toBe(401);
});

test("one that expired is listed for a month, then it is swept", async () => {
  await using house = await startAppliance();
  const { ada } = await scene(house);
  const count = () => house.core.store.read.apiKeys.count(ada.user.id);
  house.advance(32 * 86_400);
  await sweepDead(house.core);
  expect(await count()).toBe(1);
  house.advance(1);
  await sweepDead(house.core);
  expect(await count()).toBe(0);
});

test("a password change keeps keys, and ends the JWTs they had", async () => {
  await using house = await startAppliance();
  const { ada, key, jwt } = await scene(house);
  const body = { current_password: password, new_password: "difference engine" };
  expect((await house.post("/auth/password", body, { token: ada.token })).status).toBe(204);
  expect(await both(house, key, jwt)).toEqual([200, 401]);
  expect(await status(house, await jwtFor(house, key))).toBe(200);
});

test("revoking every session keeps keys, too", async () => {
  await using house = await startAppliance();
  const { root, key, jwt } = await scene(house);
  expect((await house.post("/auth/sessions/revoke-all", {}, { token: root.token })).status).toBe(204);
  expect(await both(house, key, jwt)).toEqual([200, 401]);
});

test("no scope is more than its owner has, and a demotion narrows at once, as it widens back", async () => {
  await using house = await startAppliance();
  const [ada, root] = [await owner(house), await owner(house, "root", { role: "admin" })];
  await owner(house, "spare", { role: "admin" });
  for (const scopes of [["users:read"], ["profile:read", "settings:write"]]) {
    const refused = await house.post("/v1/auth/api-keys", { name: "x", scopes }, { token: ada.token });
    expect([refused.status, refused.body.error.code]).toEqual([403, "FORBIDDEN"]);
  }
  const { key } = await made(house, root, { scopes: ["profile:read", "users:read", "settings:write"] });
  const jwt = await jwtFor(house, key);
  const may = async (token: string) =>
    (await house.get("/auth/sessions/current/permissions", { token })).body;
  const all = { role: "admin", permissions: ["profile:read", "users:read", "settings:write"] };
  expect([await may(key), await may(jwt)]).toEqual([all, all]);
  const less = { role: "member", permissions: ["profile:read"] };
  await patchUser(house.core, host, root.user.id, { role: "member" });
  expect([await may(key), await may(jwt)]).toEqual([less, less]);
  await patchUser(house.core, host, root.user.id, { role: "admin" });
  expect([await may(key), await may(jwt)]).toEqual([all, all]);
});

test("a key for something else does not read the profile, and says which scope it lacks", async () => {
  await using house = await startAppliance();
  const { key } = await made(house, await owner(house), { scopes: ["forward:auth"] });
  for (const token of [key, await jwtFor(house, key)]) {
    for (const path of ["/v1/auth/me", "/api/v1/auth/me", "/auth/sessions/current"]) {
      const { status, body } = await house.get(path, { token });
      expect([path, status, body.error.code]).toEqual([path, 403, "FORBIDDEN"]);
      expect(body.error.message).toContain("profile:read");
    }
    const { body } = await house.get("/auth/sessions/current/permissions", { token });
    expect(body.permissions).toEqual(["forward:auth"]);
  }
});

test("whoever was let in before a reset, and is slow, makes no key after it", async () => {
  await using house = await startAppliance();
  const ada = await owner(house);
  const caller = await authenticate(house.core, ada.token);
  await send(house, "reset");
  expect((await reset(house, await house.codeFor("ada@example.com"))).status).toBe(204);
  const late = createKey(house.core, caller, { name: "late", scopes: ["profile:read"], days: null, place });
  await expect(late).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  expect(await house.core.store.read.apiKeys.count(ada.user.id)).toBe(0);
});

test("a key that is left although its owner was shut out is dead all the same", async () => {
  await using house = await startAppliance({ tampered: true });
  const { ada, key, jwt } = await scene(house);
  await house.core.store.write((tx) => tx.users.update(ada.user.id, { disabledAt: new Date(0) }));
  expect([...(await both(house, key, jwt)), (await exchange(house, key)).status]).toEqual([401, 401, 401]);
});

test("a key that expires, or goes, between its check and its exchange opens no session", async () => {
  await using house = await startAppliance();
  const ada = await owner(house);
  const { id, key } = await made(house, ada, { expires_in_days: 1 });
  const owned = await liveKey(house.core, key);
  if (!owned) throw new Error("no key");
  house.advance(86_400);
  await expect(exchangeKey(house.core, owned, place)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  await house.core.store.write((tx) => tx.apiKeys.delete(id, ada.user.id));
  await expect(exchangeKey(house.core, owned, place)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  expect(await keySessions(house, (await house.addSession(ada.user)).token)).toEqual([]);
});

test("deleting while fifty use it: whoever is let in was let in before", async () => {
  await using house = await startAppliance();
  const { ada, keyId, key, jwt } = await scene(house);
  let gone = false;
  const asking = Array.from({ length: 50 }, async (_, n) => {
    for (let m = 0; m < 4; m++) {
      const late = gone;
      const answered = await status(house, n % 2 === 0 ? key : jwt);
      if (late) expect(answered).toBe(401);
    }
  });
  const deleted = await house.delete(`/v1/auth/api-keys/${keyId}`, { token: ada.token });
  gone = true;
  await Promise.all(asking);
  expect(deleted.status).toBe(204);
  expect(await both(house, key, jwt)).toEqual([401, 401]);
  expect(await keySessions(house, ada.token)).toEqual([]);
});

test("exchanging against disabling: in the end nothing works and no session is left open", async () => {
  await using house = await startAppliance();
  const { ada, key } = await scene(house);
  const exchanges = Array.from({ length: 50 }, () => exchange(house, key));
  await patchUser(house.core, host, ada.user.id, { disabled: true });
  for (const answer of await Promise.all(exchanges))
    if (answer.status === 200) expect(await status(house, answer.body.data.token)).toBe(401);
  expect(await status(house, key)).toBe(401);
});
