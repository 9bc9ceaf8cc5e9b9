import { expect, test } from "bun:test";
import { mintProof } from "../../src/identity/proof.ts";
import { type Appliance, password, startAppliance } from "../harness.ts";
import { api, securedAda } from "./app.ts";

const confirm = (house: Appliance, token: string, body: object) =>
  house.post("/auth/sessions/current/confirm", body, { token });

const isFresh = async (house: Appliance, token: string): Promise<boolean> =>
  (await house.post(`${api}/2fa/setup`, undefined, { token })).body.error?.code !== "FRESH_LOGIN_REQUIRED";

test("with two-factor on the password alone does not confirm; with a code it does", async () => {
  await using house = await startAppliance();
  const app = await securedAda(house);
  house.advance(901);
  const alone = await confirm(house, app.token, { password });
  expect([alone.status, alone.body.error.code]).toEqual([401, "TOTP_REQUIRED"]);
  const wrong = await confirm(house, app.token, { password, code: "000000" });
  expect([wrong.status, wrong.body.error.code]).toEqual([400, "INVALID_CODE"]);
  expect(await isFresh(house, app.token)).toBe(false);
  expect((await confirm(house, app.token, { password, code: app.code() })).status).toBe(204);
  expect(await isFresh(house, app.token)).toBe(true);
  house.advance(901);
  expect((await confirm(house, app.token, { password, code: app.backupCodes[0] })).status).toBe(204);
});

test("the code alone does not stand in for a password that is set", async () => {
  await using house = await startAppliance();
  const app = await securedAda(house);
  const { status, body } = await confirm(house, app.token, { code: app.code() });
  expect([status, body.error.details[0].path]).toEqual([400, "password"]);
});

test("without a password the app confirms, and a mailed code does not stand in for it", async () => {
  await using house = await startAppliance();
  const app = await securedAda(house);
  await house.core.store.write((tx) => tx.users.update(app.ada.id, { passwordHash: null }));
  await house.post("/auth/verify", { email: "ada" });
  house.advance(901);
  await house.post("/auth/verify", { email: "ada" });
  const mailed = await house.codeFor("ada@example.com");
  expect((await confirm(house, app.token, { code: mailed })).body.error.code).toBe("INVALID_CODE");
  expect((await confirm(house, app.token, { code: app.code() })).status).toBe(204);
  expect(await isFresh(house, app.token)).toBe(true);
});

test("a passkey's proof confirms its own account's session once, and is of no use for anything else", async () => {
  await using house = await startAppliance();
  const app = await securedAda(house);
  const eve = await house.addUser("eve");
  const { token: evil } = await house.addSession(eve);
  const prove = (userId: string, purpose: "passkey" | "second" = "passkey") =>
    house.core.store.write((tx) =>
      mintProof(house.core, tx, { purpose, userId, methods: ["passkey"], seconds: 120 }),
    );
  house.advance(901);
  const { token: proof } = await prove(app.ada.id);
  for (const [who, passkey_token] of [
    [evil, proof],
    [app.token, (await prove(eve.id)).token],
    [app.token, (await prove(app.ada.id, "second")).token],
    [app.token, "wrong"],
  ] as const) {
    const { status, body } = await confirm(house, who, { passkey_token });
    expect([status, body.error.code]).toEqual([400, "PASSKEY_REJECTED"]);
  }
  const asChallenge = await house.post(`${api}/2fa/verify`, { challenge_token: proof, code: app.code() });
  expect(asChallenge.body.error.code).toBe("INVALID_CHALLENGE");
  expect((await confirm(house, app.token, { passkey_token: proof })).status).toBe(204);
  expect((await confirm(house, app.token, { passkey_token: proof })).status).toBe(400);
  expect(await isFresh(house, app.token)).toBe(true);
  const { token: late } = await prove(app.ada.id);
  house.advance(120);
  expect((await confirm(house, app.token, { passkey_token: late })).status).toBe(400);
});

test("fifty confirmations with one code: one", async () => {
  await using house = await startAppliance();
  const app = await securedAda(house);
  const body = { password, code: app.code() };
  const answers = await Promise.all(Array.from({ length: 50 }, () => confirm(house, app.token, body)));
  expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
});
