/** The clock is set back: what was made since is used before it was made. The house makes sense all the same. */
import { expect, test } from "bun:test";
import { insertIdentity } from "../../src/identity/identity.ts";
import { password, startAppliance } from "../harness.ts";
import { addHolder, prove } from "../passkey/house.ts";

test("an hour back, everything is used and ended as ever, and nothing in the house contradicts itself", async () => {
  // Its end looks the house over.
  await using house = await startAppliance();
  const root = await house.addUser("root", { role: "admin" });
  const { token } = await house.addSession(root);
  const ada = await addHolder(house, "ada");
  const minted = (await house.post("/auth/bootstrap/tokens", {}, { token })).body;
  const { key } = (await house.post("/v1/auth/api-keys", { name: "own" }, { token: ada.token })).body.data;
  const claims = { issuer: "https://id.example.org", subject: "ada", email: null, name: null, handle: null };
  const { core } = house;
  const identity = await core.store.write((tx) => insertIdentity(core, tx, ada.user.id, claims));

  house.advance(-3600);
  const used = await house.post("/auth/bootstrap/complete", {
    token: minted.token,
    username: "grace",
    password,
  });
  expect(used.status).toBe(201);
  expect((await house.get("/auth/sessions/current", { token: key })).status).toBe(200);
  expect((await prove(house, ada.key)).status).toBe(200);
  await core.store.write((tx) => tx.identities.used(identity?.id ?? "", core.clock()));
  expect((await house.delete("/auth/sessions/current", { token: ada.token })).status).toBe(204);
  expect((await house.delete("/auth/sessions", { token })).status).toBe(204);
  for (const ended of [ada.token, token])
    expect((await house.get("/auth/sessions/current", { token: ended })).status).toBe(401);
});

test("what was ended while the clock was a year ahead is not alive again when it is set right", async () => {
  await using house = await startAppliance();
  const { token } = await house.addSession(await house.addUser("root", { role: "admin" }));
  const { token: open } = await house.addSession(await house.addUser("ada"));
  house.advance(365 * 86_400);
  const { body } = await house.post("/auth/local/login", { username: "root", password });
  const ended = await house.post("/auth/sessions/revoke-all", {}, { token: body.token });
  expect(ended.status).toBe(204);
  house.advance(-365 * 86_400);
  for (const over of [token, open])
    expect((await house.get("/auth/sessions/current", { token: over })).status).toBe(401);
});
