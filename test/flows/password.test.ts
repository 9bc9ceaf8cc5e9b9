import { expect, test } from "bun:test";
import { hashNewPassword } from "../../src/identity/password.ts";
import { Refusal } from "../../src/identity/refusal.ts";
import { type Appliance, password, startAppliance } from "../harness.ts";

const next = "difference engine";
const change = (house: Appliance, token: string, body: object) =>
  house.post("/auth/password", body, { token });
const signIn = async (house: Appliance, own: string) =>
  (await house.post("/auth/local/login", { username: "ada", password: own })).status;

test("a changed password works at once, the old one does not, and the other sessions are over", async () => {
  await using house = await startAppliance();
  const ada = await house.addUser("ada");
  const [here, there] = [await house.addSession(ada), await house.addSession(ada)];
  const body = { current_password: password, new_password: next };
  expect((await change(house, here.token, body)).status).toBe(204);
  expect([await signIn(house, next), await signIn(house, password)]).toEqual([201, 401]);
  expect((await house.get("/auth/sessions/current", { token: here.token })).status).toBe(200);
  expect((await house.get("/auth/sessions/current", { token: there.token })).status).toBe(401);
});

test("it takes the current password, and a wrong one leaves the caller signed in", async () => {
  await using house = await startAppliance();
  const { token } = await house.addSession(await house.addUser("ada"));
  const missing = await change(house, token, { new_password: next });
  expect([missing.status, missing.body.error.details[0].path]).toEqual([400, "current_password"]);
  const wrong = await change(house, token, { new_password: next, current_password: "wrong" });
  expect([wrong.status, wrong.body.error.code]).toEqual([400, "INVALID_CREDENTIALS"]);
  expect(wrong.headers.get("www-authenticate")).toBeNull();
  expect(await signIn(house, password)).toBe(201);
  expect((await house.get("/auth/sessions/current", { token })).status).toBe(200);
});

test("an account without a password sets its first one", async () => {
  await using house = await startAppliance();
  const { token } = await house.addSession(await house.addUser("ada", { passwordHash: null }));
  expect((await change(house, token, { new_password: next })).status).toBe(204);
  expect(await signIn(house, next)).toBe(201);
});

test("fifty changes at once: one wins, and it is the one that counts", async () => {
  await using house = await startAppliance({ hasher: { depth: 200 } });
  const { token } = await house.addSession(await house.addUser("ada"));
  const wanted = Array.from({ length: 50 }, (_, n) => `difference engine ${n}`);
  const answers = await Promise.all(
    wanted.map((own) => change(house, token, { current_password: password, new_password: own })),
  );
  const winners = wanted.filter((_, n) => answers[n]?.status === 204);
  expect(winners).toHaveLength(1);
  expect(await signIn(house, winners[0] ?? "")).toBe(201);
  expect(await signIn(house, password)).toBe(401);
});

test("a new password follows the rules wherever one is set, and the reason is told", async () => {
  await using house = await startAppliance();
  const { token } = await house.addSession(await house.addUser("ada.lovelace"));
  const why = async (own: string) => {
    const { status, body } = await change(house, token, { current_password: password, new_password: own });
    return status === 204 ? "fine" : `${body.error.code} ${body.error.details[0].message}`;
  };
  expect(await why("seven77")).toBe("WEAK_PASSWORD Use at least 8 characters.");
  expect(await why("🗝️".repeat(3))).toBe("WEAK_PASSWORD Use at least 8 characters.");
  expect(await why("PassWord1")).toStartWith("WEAK_PASSWORD This is one of the most used");
  expect(await why("ｐａｓｓｗｏｒｄ")).toStartWith("WEAK_PASSWORD This is one of the most used");
  for (const own of ["ADA.lovelace", "ada.lovelace@example.com", "Housekey"])
    expect(await why(own)).toStartWith("WEAK_PASSWORD Do not use your own name");
  expect(await why("\ud800lone half")).toStartWith("WEAK_PASSWORD This password contains half");
  expect(await why("é".repeat(256))).toStartWith("INVALID_REQUEST Use at most 255");
  expect(await why("é".repeat(255))).toBe("fine");
});

test("eight of anything that is not common will do, spaces and emoji too", async () => {
  await using house = await startAppliance();
  const { core } = house;
  const owner = { username: "ada", email: null };
  const judge = (own: string, min = 8) =>
    hashNewPassword(core, { password: own, owner, min, field: "password" });
  for (const own of ["kqzvwxjy", "        ", "🗝🗝🗝🗝🗝🗝🗝🗝", "x".repeat(255)])
    expect(await judge(own)).toStartWith("$argon2id$");
  const error = await judge("kqzvwxjy", 9).catch((refused) => refused);
  expect(error).toBeInstanceOf(Refusal);
  const [one, two] = [await judge("same password"), await judge("same password")];
  expect(one).not.toBe(two);
});
