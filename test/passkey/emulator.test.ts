/** An authenticator that somebody else wrote, in this process: what it makes is taken, what it does wrong is not. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Appliance, origin, startAppliance } from "../harness.ts";
import { type Emulator, emulator } from "./emulator.ts";
import { lastReason } from "./house.ts";

let house: Appliance;

beforeAll(async () => {
  house = await startAppliance();
});

afterAll(() => house[Symbol.asyncDispose]());

async function register(authenticator: Emulator, token: string, at = origin) {
  const options = (await house.post("/auth/passkeys/register/options", undefined, { token })).body;
  const answer = authenticator.createJSON(at, options);
  return house.post("/auth/passkeys/register/verify", { name: "Emulated", ...answer }, { token });
}

async function signIn(authenticator: Emulator, at = origin) {
  const options = (await house.post("/auth/passkeys/authenticate/options")).body;
  return house.post("/auth/passkeys/authenticate/verify", authenticator.getJSON(at, options));
}

const addPerson = async (name: string) => (await house.addSession(await house.addUser(name))).token;

for (const algorithm of ["ES256", "RS256", "EdDSA"] as const)
  test(`a key of ${algorithm} is enrolled, and signs in again and again`, async () => {
    const token = await addPerson(`user-${algorithm.toLowerCase()}`);
    const authenticator = emulator({ algorithmIdentifiers: [algorithm] });
    expect((await register(authenticator, token)).status).toBe(201);
    for (let times = 0; times < 3; times++) expect((await signIn(authenticator)).status).toBe(200);
  });

test("one that verifies nobody, or asks nobody, enrols nothing", async () => {
  const token = await addPerson("ada");
  for (const [verifications, reason] of [
    [{ userVerified: false, userPresent: true }, "user_unverified"],
    [{ userVerified: true, userPresent: false }, "user_absent"],
  ] as const) {
    const lax = emulator({
      verifications,
      userMakeCredentialInteraction: () => ({
        options: { uv: verifications.userVerified, up: verifications.userPresent },
      }),
    });
    expect([(await register(lax, token)).status, await lastReason(house)]).toEqual([400, reason]);
  }
});

test("one whose counter stands still, after it counted, is refused", async () => {
  const token = await addPerson("grace");
  const authenticator = emulator({ signCounterIncrement: 1 });
  expect((await register(authenticator, token)).status).toBe(201);
  expect((await signIn(authenticator)).status).toBe(200);
  Object.assign(authenticator.authenticator.params, { signCounterIncrement: 0 });
  expect([(await signIn(authenticator)).status, await lastReason(house)]).toEqual([401, "counter"]);
});

test("one that was asked at another port signs for another origin", async () => {
  const token = await addPerson("carol");
  const authenticator = emulator();
  expect([
    (await register(authenticator, token, "http://localhost:9999")).status,
    await lastReason(house),
  ]).toEqual([400, "origin"]);
  expect((await register(authenticator, token)).status).toBe(201);
  expect([(await signIn(authenticator, "http://localhost:9999")).status, await lastReason(house)]).toEqual([
    401,
    "origin",
  ]);
});
