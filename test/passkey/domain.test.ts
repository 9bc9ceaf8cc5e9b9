/** A house that gets another host name, and the passkeys that were made before. */
import { expect, test } from "bun:test";
import { host } from "../../src/identity/actor.ts";
import { endMove, moveHouse, whereabouts } from "../../src/identity/domain.ts";
import { patchUser } from "../../src/identity/people.ts";
import type { Refusal } from "../../src/identity/refusal.ts";
import type { Values } from "../../src/names.ts";
import { type Appliance, origin, startAppliance } from "../harness.ts";
import { type Bend, type Key, makeKey } from "./authenticator.ts";
import { addHolder, enrol, type Holder, lastReason } from "./house.ts";

const url = "https://id.example.org";
const [former, present, third] = ["localhost", "id.example.org", "example.org"];
const move = { from: former, url };

/** `ada`, whose passkey was made at the former host. */
async function openHouse(values: Values = {}): Promise<{ house: Appliance; ada: Holder }> {
  const house = await startAppliance({ values });
  return { house, ada: await addHolder(house, "ada") };
}

async function movedHouse() {
  const opened = await openHouse();
  await moveHouse(opened.house.core, move);
  return opened;
}

/** As a page of the present host asks. */
const post = (house: Appliance, path: string, body?: unknown, token?: string) =>
  house.post(path, body, { origin: url, ...(token !== undefined && { token }) });

const request = async (house: Appliance) => (await post(house, "/auth/passkeys/authenticate/options")).body;

const prove = async (house: Appliance, key: Key, bend: Bend) =>
  post(house, "/auth/passkeys/authenticate/verify", key.get(await request(house), { origin: url, ...bend }));

const named = async (house: Appliance, email: string) =>
  (await post(house, "/api/v1/auth/passkey/login/options", { email })).body;

const idsOf = ({ allowCredentials }: { allowCredentials: { id: string }[] }) =>
  allowCredentials.map(({ id }) => id);

/** Another passkey for `holder`, made at the present host. */
async function enrolAnew(house: Appliance, { token }: Pick<Holder, "token">): Promise<Key> {
  const key = makeKey({ origin: url });
  const options = (await post(house, "/auth/passkeys/register/options", undefined, token)).body;
  const answer = { name: "New", ...key.create(options) };
  expect((await post(house, "/auth/passkeys/register/verify", answer, token)).status).toBe(201);
  return key;
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => null,
    ({ code, words, details }: Refusal) => [code, details?.[0]?.message ?? words],
  );

test("a passkey of the former host signs in on every surface, for pages of the present one alone", async () => {
  const { house, ada } = await movedHouse();
  await using _ = house;
  const { key } = ada;
  expect((await prove(house, key, { rpId: former })).status).toBe(200);
  const spa = key.get(await named(house, "ada"), { origin: url });
  expect((await post(house, "/api/v1/auth/passkey/login/verify", spa)).status).toBe(200);
  const asked = (await post(house, "/api/auth/passkey/options", { username: "ada", origin: url })).body;
  const response = key.get(asked, { origin: url });
  expect((await post(house, "/api/auth/passkey/verify", { response, origin: url })).status).toBe(200);
  for (const elsewhere of [origin, "https://localhost", "https://example.org"]) {
    expect((await prove(house, key, { rpId: former, origin: elsewhere })).status).toBe(401);
    expect(await lastReason(house)).toBe("origin");
  }
});

test("it signs the name it was made with, and no other", async () => {
  const { house, ada } = await movedHouse();
  await using _ = house;
  const anew = await enrolAnew(house, ada);
  for (const [key, rpId, status] of [
    [ada.key, former, 200],
    [ada.key, present, 401],
    [ada.key, third, 401],
    [ada.key, "", 401],
    [anew, present, 200],
    [anew, former, 401],
    [anew, third, 401],
  ] as const) {
    expect([rpId, (await prove(house, key, { rpId })).status]).toEqual([rpId, status]);
    if (status === 401) expect(await lastReason(house)).toBe("rp_id");
  }
  expect((await prove(house, makeKey(), { rpId: former })).status).toBe(401);
  expect(await lastReason(house)).toBe("credential");
});

test("without a move the other name is a stranger's, and an address that was merely set is no move", async () => {
  const { house, ada } = await openHouse();
  await using _ = house;
  const at = { origin };
  expect((await house.post("/auth/passkeys/authenticate/verify", {}, at)).status).toBe(400);
  const asked = (await house.post("/auth/passkeys/authenticate/options")).body;
  const answer = ada.key.get(asked, { rpId: present });
  expect((await house.post("/auth/passkeys/authenticate/verify", answer)).status).toBe(401);
  expect(await lastReason(house)).toBe("rp_id");
  await house.core.store.write((tx) => tx.settings.put({ url }));
  expect((await prove(house, ada.key, { rpId: former })).status).toBe(401);
  expect(await lastReason(house)).toBe("rp_id");
  // Whoever moved like that makes up for it.
  await moveHouse(house.core, move);
  expect((await prove(house, ada.key, { rpId: former })).status).toBe(200);
});

test("options ask under the name that somebody's passkeys need, and without a name under the present one", async () => {
  const { house, ada } = await openHouse();
  await using _ = house;
  const before = await house.get("/auth/options");
  expect(before.body.former_rp_id).toBeNull();
  await moveHouse(house.core, move);
  expect((await house.get("/auth/options")).body.former_rp_id).toBe(former);
  expect(await request(house)).toMatchObject({ rpId: present, allowCredentials: [] });
  const first = await named(house, "ada");
  expect([first.rpId, idsOf(first)]).toEqual([former, [ada.key.id]]);
  house.advance(1);
  const anew = await enrolAnew(house, ada);
  const then = await named(house, "ada");
  expect([then.rpId, idsOf(then)]).toEqual([present, [ada.key.id, anew.id]]);
});

test("the same authenticator may enrol anew, once", async () => {
  const { house, ada } = await movedHouse();
  await using _ = house;
  const options = async () =>
    (await post(house, "/auth/passkeys/register/options", undefined, ada.token)).body;
  expect(await options()).toMatchObject({ rp: { id: present }, excludeCredentials: [] });
  const anew = await enrolAnew(house, ada);
  expect((await options()).excludeCredentials.map(({ id }: { id: string }) => id)).toEqual([anew.id]);
  const key = makeKey({ origin: url });
  const answer = { name: "Old", ...key.create(await options(), { rpId: former }) };
  expect((await post(house, "/auth/passkeys/register/verify", answer, ada.token)).status).toBe(400);
  expect(await lastReason(house)).toBe("rp_id");
});

test("after the end the former host's sign in no more, and are no way in", async () => {
  const { house, ada } = await movedHouse();
  await using _ = house;
  const anew = await enrolAnew(house, ada);
  await endMove(house.core, { force: false });
  expect((await prove(house, ada.key, { rpId: former })).status).toBe(401);
  expect(await lastReason(house)).toBe("rp_id");
  expect((await prove(house, anew, { rpId: present })).status).toBe(200);
  expect(idsOf(await named(house, "ada"))).toEqual([anew.id]);
  expect((await house.get("/auth/options")).body.former_rp_id).toBeNull();
  await house.core.store.write((tx) => tx.users.update(ada.user.id, { passwordHash: null }));
  const { body } = await house.get("/auth/passkeys", { token: ada.token });
  const [, { id }] = body;
  const gone = await house.delete(`/auth/passkeys/${id}`, { token: ada.token, origin: url });
  expect([gone.status, gone.body.error.code]).toEqual([409, "LAST_SIGN_IN_METHOD"]);
});

test("the end waits for those who would be locked out, unless it is forced", async () => {
  const { house } = await openHouse();
  await using _ = house;
  const cut = { passwordHash: null };
  for (const name of ["bob", "eve"]) await addHolder(house, name, { facts: cut });
  const { user: carl } = await addHolder(house, "carl", { facts: cut });
  await moveHouse(house.core, move);
  await patchUser(house.core, host, carl.id, { disabled: true });
  expect(await codeOf(endMove(house.core, { force: false }))).toEqual([
    "LAST_SIGN_IN_METHOD",
    "Without their passkeys of localhost these could not sign in any more: bob, eve.",
  ]);
  expect((await whereabouts(house.core)).former?.host).toBe(former);
  await endMove(house.core, { force: true });
  expect(await whereabouts(house.core)).toMatchObject({ host: present, former: null, holders: [] });
  expect(await codeOf(endMove(house.core, { force: true }))).toEqual([
    "NOT_FOUND",
    "The house has no former host.",
  ]);
});

test("of fifty uses of one answer at once one wins, and of fifty ends one", async () => {
  const { house, ada } = await movedHouse();
  await using _ = house;
  const answer = ada.key.get(await request(house), { rpId: former, origin: url });
  const uses = Array.from({ length: 50 }, () => post(house, "/auth/passkeys/authenticate/verify", answer));
  const statuses = (await Promise.all(uses)).map(({ status }) => status);
  expect(statuses.sort()).toEqual([200, ...Array(49).fill(401)]);
  const ends = Array.from({ length: 50 }, () => codeOf(endMove(house.core, { force: false })));
  expect((await Promise.all(ends)).filter((code) => code === null)).toHaveLength(1);
});

test("no session is opened behind the end, whenever its answer was judged", async () => {
  const statements: string[] = [];
  await using house = await startAppliance({ store: { onStatement: (sql) => statements.push(sql) } });
  const ada = await addHolder(house, "ada");
  await moveHouse(house.core, move);
  const answers: object[] = [];
  for (let n = 0; n < 50; n++) answers.push(ada.key.get(await named(house, "ada"), { origin: url }));
  statements.length = 0;
  const path = "/api/v1/auth/passkey/login/verify";
  const uses = answers.map((answer) => post(house, path, answer));
  await Promise.race(uses);
  await endMove(house.core, { force: false });
  const statuses = (await Promise.all(uses)).map(({ status }) => status);
  const end = statements.findIndex((sql) => /^delete from "settings"/i.test(sql));
  const opened = statements.flatMap((sql, n) => (/^insert into "sessions"/i.test(sql) ? [n] : []));
  expect(end).toBeGreaterThan(-1);
  expect(opened.length).toBe(statuses.filter((status) => status === 200).length);
  expect(opened.filter((n) => n > end)).toEqual([]);
});

test("of fifty moves at once one is written, and moving back is a move", async () => {
  const { house, ada } = await openHouse();
  await using _ = house;
  await Promise.all(Array.from({ length: 50 }, () => moveHouse(house.core, move)));
  const page = { after: null, limit: 9 };
  const lines = () => house.core.store.read.audit.list({ userId: null, event: "settings.changed" }, page);
  expect((await lines()).map(({ reason, actorId }) => [reason, actorId])).toEqual([
    [`moved ${former} ${present}`, null],
  ]);
  await moveHouse(house.core, { from: present, url: origin });
  expect(await whereabouts(house.core)).toMatchObject({ host: former, former: { host: present } });
  const asked = (await house.post("/auth/passkeys/authenticate/options")).body;
  expect((await house.post("/auth/passkeys/authenticate/verify", ada.key.get(asked))).status).toBe(200);
});

test("a move starts where the house is, and follows one that is over", async () => {
  const { house } = await openHouse();
  await using _ = house;
  const said = (from: string, to: string) => codeOf(moveHouse(house.core, { from, url: to }));
  expect(await said(third, url)).toEqual(["INVALID_REQUEST", `The house is at ${origin}.`]);
  expect(await said(former, "https://localhost:8443")).toEqual([
    "INVALID_REQUEST",
    "This is the host that is moved from.",
  ]);
  await moveHouse(house.core, move);
  expect(await said(third, url)).toEqual([
    "INVALID_REQUEST",
    `The house is at ${present} already, and nobody has a passkey of ${third}.`,
  ]);
  expect(await said(present, "https://id.example.com")).toEqual([
    "INVALID_REQUEST",
    `The move from ${former} is not over. End it first.`,
  ]);
});

test("where the environment says where the house is, it is changed there, and the move remembers", async () => {
  const { house, ada } = await openHouse({ url: "http://localhost:8420" });
  const { folder } = house;
  await using _ = house;
  expect(await codeOf(moveHouse(house.core, move))).toEqual([
    "SETTING_FIXED",
    `The environment says that the house is at ${origin}. Set HOUSEKEY_URL to ${url} there, and run this with it.`,
  ]);
  await using again = await startAppliance({ folder, values: { url } });
  expect((await prove(again, ada.key, { rpId: former })).status).toBe(401);
  await moveHouse(again.core, move);
  expect(await again.core.store.read.settings.current()).toEqual({
    formerHost: { host: former, since: "2026-01-01T00:00:00.000Z" },
  });
  expect((await prove(again, ada.key, { rpId: former })).status).toBe(200);
  // The one that was not started anew is where it was.
  expect((await house.get("/auth/options")).body.former_rp_id).toBeNull();
  expect((await enrol(house, ada.token, makeKey())).status).toBe(201);
});
