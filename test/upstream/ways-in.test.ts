/** Nobody saws off the branch they sit on. */
import { expect, test } from "bun:test";
import { insertIdentity } from "../../src/identity/identity.ts";
import type { User } from "../../src/identity/user.ts";
import type { Values } from "../../src/names.ts";
import { passkey } from "../store/sample.ts";
import { linked, openHouse, type Visited } from "./visit.ts";

const mail: Values = { smtp_url: "smtp://127.0.0.1:1" };

async function unlink(visited: Visited, facts: Partial<User>, settings: object = {}): Promise<string> {
  const whose = await linked(visited, "ada", facts);
  await visited.house.core.store.write((tx) => tx.settings.put(settings));
  const [{ id }] = (await visited.house.get("/auth/identities", whose)).body;
  const { status, body } = await visited.house.delete(`/auth/identities/${id}`, whose);
  return status === 204 ? "unlinked" : body.error.code;
}

const bare = { passwordHash: null, email: null };
const readable = { passwordHash: null, emailVerified: true };

for (const [what, facts, settings, values, expected] of [
  ["a password", {}, {}, {}, "unlinked"],
  ["a password, but none is taken", {}, { localLogin: false }, {}, "LAST_SIGN_IN_METHOD"],
  ["nothing", bare, {}, mail, "LAST_SIGN_IN_METHOD"],
  ["a verified address", readable, {}, mail, "unlinked"],
  ["a verified address, but no mail", readable, {}, {}, "LAST_SIGN_IN_METHOD"],
  ["a verified address, but no sign-in by mail", readable, { mailLogin: false }, mail, "LAST_SIGN_IN_METHOD"],
  ["an address that is not verified", { passwordHash: null }, {}, mail, "LAST_SIGN_IN_METHOD"],
] as const)
  test(`what is left is ${what}: ${expected}`, async () => {
    await using visited = await openHouse({}, values);
    expect(await unlink(visited, facts, settings)).toBe(expected);
  });

const secondIdentity = ({ house: { core }, provider: { issuer } }: Visited, { id }: User) =>
  core.store.write((tx) =>
    insertIdentity(core, tx, id, { issuer, subject: "2", email: null, name: null, handle: null }),
  );

test("a passkey is a way in", async () => {
  await using visited = await openHouse();
  const { house } = visited;
  const whose = await linked(visited, "ada", bare);
  const id = "psk_01kg0q2v9hexq8t4n7c5m3b2za";
  await house.core.store.write((tx) => tx.passkeys.insert(passkey("phone", whose.user, { id })));
  const [identity] = (await house.get("/auth/identities", whose)).body;
  expect((await house.delete(`/auth/identities/${identity.id}`, whose)).status).toBe(204);
  expect((await house.delete(`/auth/passkeys/${id}`, whose)).body.error.code).toBe("LAST_SIGN_IN_METHOD");
});

test("another identity is a way in as long as its provider is asked", async () => {
  for (const [enabled, expected] of [
    [true, 204],
    [false, 409],
  ] as const) {
    await using visited = await openHouse();
    const { house } = visited;
    const whose = await linked(visited, "ada", bare);
    await secondIdentity(visited, whose.user);
    await visited.put({ enabled });
    const [{ id }] = (await house.get("/auth/identities", whose)).body;
    expect((await house.delete(`/auth/identities/${id}`, whose)).status).toBe(expected);
  }
});

test("of two that unlink the last two at once, one stays", async () => {
  await using visited = await openHouse();
  const { house } = visited;
  const whose = await linked(visited, "ada", bare);
  await secondIdentity(visited, whose.user);
  const list: { id: string }[] = (await house.get("/auth/identities", whose)).body;
  const answers = await Promise.all(list.map(({ id }) => house.delete(`/auth/identities/${id}`, whose)));
  expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
});

test("passwords can be switched off when an admin comes from the provider, and then the provider stays", async () => {
  await using visited = await openHouse();
  const { house, admin } = visited;
  const off = () =>
    house.call("PATCH", "/auth/settings", { token: admin.token, body: { local_login: false } });
  const refused = await off();
  expect([refused.status, refused.body.error.code]).toEqual([409, "LAST_SIGN_IN_METHOD"]);
  await linked(visited, "ada");
  expect((await off()).status).toBe(409);
  await linked(visited, "grace", { role: "admin" });
  expect((await off()).status).toBe(200);
  const change = (body: object) =>
    house.call("PUT", "/auth/provider/oidc", {
      token: admin.token,
      body: { issuer: visited.provider.issuer, client_id: "housekey", ...body },
    });
  const sawn = await change({ enabled: false });
  expect([sawn.status, sawn.body.error.code]).toEqual([409, "LAST_SIGN_IN_METHOD"]);
  expect((await house.get("/auth/provider/oidc", admin)).body.enabled).toBe(true);
  expect((await change({ name: "Still here" })).status).toBe(204);
});
