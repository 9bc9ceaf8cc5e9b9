import { expect, test } from "bun:test";
import { password, startAppliance } from "../harness.ts";
import { api, codeAt, login, securedAda } from "./app.ts";

/** Limits per account are on; those per client address are wide. */
const slow = { values: { limit_signin: { count: 100_000, seconds: 60 } } } as const;

/** Ada with two-factor on, in a house that slows guessing down. */
async function besieged() {
  const house = await startAppliance(slow);
  const app = await securedAda(house);
  return { house, app, [Symbol.asyncDispose]: () => house[Symbol.asyncDispose]() };
}

const code = async (answer: Promise<{ body: any }>) => (await answer).body.error?.code ?? "in";

test("wrong codes of the app and wrong backup codes are counted together: after four free ones the tries wait", async () => {
  await using siege = await besieged();
  const { house, app } = siege;
  for (const wrong of ["000000", "aaaaa-aaaaa", "000001", "bbbbb-bbbbb", "000002"])
    expect(await code(login(house, wrong))).toBe("INVALID_CODE");
  const right = codeAt(app.secret, house.core.clock(), 1);
  const early = await login(house, right);
  expect([early.status, early.body.error.code, early.headers.get("retry-after")]).toEqual([
    429,
    "RATE_LIMITED",
    "1",
  ]);
  expect(await code(login(house, app.backupCodes[0]))).toBe("RATE_LIMITED");
  house.advance(1);
  expect(await code(login(house, right))).toBe("in");
});

test("two hundred wrong codes at once are evaluated no more often than one after the other", async () => {
  await using siege = await besieged();
  const { house, app } = siege;
  const answers = await Promise.all(Array.from({ length: 200 }, () => login(house, "000000")));
  const evaluated = answers.filter(({ body }) => body.error.code === "INVALID_CODE").length;
  expect(evaluated).toBeLessThanOrEqual(5);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(200 - evaluated);
  expect(await code(login(house, codeAt(app.secret, house.core.clock(), 1)))).toBe("RATE_LIMITED");
});

test("a day of guessing evaluates fewer codes than a hundred and ten", async () => {
  await using siege = await besieged();
  const { house } = siege;
  let evaluated = 0;
  for (let second = 0; second < 86_400; ) {
    const { status, headers } = await login(house, "000000");
    if (status === 401) evaluated++;
    const wait = Number(headers.get("retry-after") ?? 1);
    house.advance(wait);
    second += wait;
  }
  expect(evaluated).toBeLessThan(110);
});

test("a right password, and TOTP_REQUIRED, forget no failure; a completed sign-in forgets all", async () => {
  await using siege = await besieged();
  const { house, app } = siege;
  for (let n = 0; n < 4; n++) expect(await code(login(house, "000000"))).toBe("INVALID_CODE");
  expect(await code(login(house))).toBe("TOTP_REQUIRED");
  expect(await code(login(house, "000000"))).toBe("INVALID_CODE");
  expect(await code(login(house, "000000"))).toBe("RATE_LIMITED");
  house.advance(60);
  expect(await code(login(house, app.code()))).toBe("in");
  for (let n = 0; n < 4; n++) expect(await code(login(house, "000000"))).toBe("INVALID_CODE");
});

test("the count is one for every surface, and for whoever is signed in it is their session's own", async () => {
  await using siege = await besieged();
  const { house, app } = siege;
  const challenge = async () =>
    (await house.post(`${api}/login`, { email: "ada", password })).body.challenge_token;
  const verify = async (own: string) =>
    house.post(`${api}/2fa/verify`, { challenge_token: await challenge(), code: own });
  for (const wrong of ["000000", "000001"]) {
    expect(await code(login(house, wrong))).toBe("INVALID_CODE");
    expect(await code(verify(wrong))).toBe("INVALID_CODE");
  }
  await login(house, "000000");
  expect(await code(verify("000000"))).toBe("RATE_LIMITED");
  const confirm = (own: string) =>
    house.post("/auth/sessions/current/confirm", { password, code: own }, { token: app.token });
  expect((await confirm(codeAt(app.secret, house.core.clock(), 1))).status).toBe(204);
});

test("a stranger who has the password and hammers codes never locks out who signed in before", async () => {
  await using house = await startAppliance({
    values: { ...slow.values, trusted_proxies: ["127.0.0.1"] },
  });
  const app = await securedAda(house);
  const from = (address: string, own: string) =>
    house.post(
      "/auth/local/login",
      { username: "ada", password, code: own },
      { headers: { "x-forwarded-for": address } },
    );
  expect((await from("192.0.2.1", app.code())).status).toBe(201);
  for (let n = 0; n < 6; n++) await from("198.51.100.66", "000000");
  expect(await code(from("198.51.100.66", "000000"))).toBe("RATE_LIMITED");
  expect((await from("192.0.2.1", app.code())).status).toBe(201);
});
