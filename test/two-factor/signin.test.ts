import { expect, test } from "bun:test";
import { type Appliance, password, startAppliance } from "../harness.ts";
import { decode, send } from "../spa/tokens.ts";
import { api, codeAt, enrol, login, securedAda } from "./app.ts";

const verify = (house: Appliance, challenge: string, code: string) =>
  house.post(`${api}/2fa/verify`, { challenge_token: challenge, code });

const challenged = async (house: Appliance): Promise<string> =>
  (await house.post(`${api}/login`, { email: "ada", password })).body.challenge_token;

const methodsOf = async (house: Appliance, token: string): Promise<string[]> =>
  (await house.get("/auth/sessions/current", { token })).body.session.methods;

const byMail = async (house: Appliance, code?: string) => {
  const token = await house.codeFor("ada@example.com");
  return house.post("/auth/sessions", {
    method: "otp",
    email: "ada",
    token,
    ...(code !== undefined && { code }),
  });
};

test("a browser sends the code along; without one it hears TOTP_REQUIRED and gets no cookie", async () => {
  await using house = await startAppliance();
  const app = await securedAda(house);
  const asked = await login(house);
  expect([asked.status, asked.body.error.code, asked.cookie]).toEqual([401, "TOTP_REQUIRED", ""]);
  const { status, body } = await login(house, app.code());
  expect([status, body.user.two_factor_enabled]).toEqual([201, true]);
  expect(await methodsOf(house, body.token)).toEqual(["pwd", "totp"]);
});

test("a code is text: leading zeros count, a space in the middle does not, a number is none", async () => {
  await using house = await startAppliance();
  const app = await securedAda(house);
  let code = app.code();
  while (!code.startsWith("0")) code = app.code();
  expect((await login(house, String(Number(code)))).status).toBe(401);
  const number = await house.post("/auth/local/login", { username: "ada", password, code: Number(code) });
  expect([number.status, number.body.error.details[0].path]).toEqual([400, "code"]);
  expect((await login(house, `${code.slice(0, 3)} ${code.slice(3)}`)).status).toBe(201);
});

test("the wrong password is refused before anybody asks for a code", async () => {
  await using house = await startAppliance();
  const app = await securedAda(house);
  const wrong = await house.post("/auth/local/login", {
    username: "ada",
    password: "wrong",
    code: app.code(),
  });
  expect([wrong.status, wrong.body.error.code]).toEqual([401, "INVALID_CREDENTIALS"]);
  const unknown = await house.post("/auth/local/login", { username: "nobody", password, code: "123456" });
  expect([unknown.status, unknown.text]).toEqual([wrong.status, wrong.text]);
  // It was not even looked at.
  expect((await login(house, codeAt(app.secret, house.core.clock()))).status).toBe(201);
});

test("a code for an account without two-factor changes nothing", async () => {
  await using house = await startAppliance();
  await house.addUser("ada");
  expect((await login(house, "123456")).status).toBe(201);
});

test("a code works once, wherever; no step at or before it works again, though the clock is set back", async () => {
  await using house = await startAppliance();
  const app = await securedAda(house);
  const code = app.code();
  const earlier = codeAt(app.secret, house.core.clock(), -1);
  expect((await login(house, code)).status).toBe(201);
  for (const spent of [code, earlier]) {
    expect((await login(house, spent)).body.error.code).toBe("INVALID_CODE");
    expect((await verify(house, await challenged(house), spent)).body.error.code).toBe("INVALID_CODE");
    const confirm = { password, code: spent };
    const again = await house.post("/auth/sessions/current/confirm", confirm, { token: app.token });
    expect([again.status, again.body.error.code]).toEqual([400, "INVALID_CODE"]);
  }
  house.advance(-3600);
  expect((await login(house, codeAt(app.secret, house.core.clock()))).body.error.code).toBe("INVALID_CODE");
  house.advance(3600);
  expect((await login(house, app.code())).status).toBe(201);
});

test("fifty of the same code at once let one in", async () => {
  await using house = await startAppliance();
  const app = await securedAda(house);
  const code = app.code();
  const challenges = await Promise.all(Array.from({ length: 25 }, () => challenged(house)));
  const answers = await Promise.all([
    ...Array.from({ length: 25 }, () => login(house, code)),
    ...challenges.map((challenge) => verify(house, challenge, code)),
  ]);
  expect(answers.filter(({ status }) => status < 300)).toHaveLength(1);
  expect(answers.filter(({ body }) => body.error?.code === "INVALID_CODE")).toHaveLength(49);
});

test("a backup code stands in for the app once, however it is typed, and its owner is told what is left", async () => {
  await using house = await startAppliance();
  const { backupCodes } = await securedAda(house);
  for (const code of backupCodes) expect(code).toMatch(/^[0-9a-hjkmnp-tv-z]{5}-[0-9a-hjkmnp-tv-z]{5}$/);
  expect(new Set(backupCodes).size).toBe(10);
  const [first = "", second = "", third = ""] = backupCodes;
  const { body } = await login(house, first);
  expect(await methodsOf(house, body.token)).toEqual(["pwd", "backup"]);
  expect((await login(house, first)).body.error.code).toBe("INVALID_CODE");
  expect((await login(house, second.toUpperCase().replace("-", ""))).status).toBe(201);
  expect((await verify(house, await challenged(house), ` ${third.replace("-", " ")} `)).status).toBe(200);
  const letters = await house.mailTo("ada@example.com");
  const told = letters.filter(({ subject }) => subject.includes("backup code")).map(({ text }) => text);
  expect(told.map((text) => /Codes left: (\d+)/.exec(text)?.[1])).toEqual(["9", "8", "7"]);
  const { events } = (await house.get("/auth/audit?event=backup_code.used", { token: body.token })).body;
  expect(events.map(({ reason }: { reason: string }) => reason)).toEqual(["7 left", "8 left", "9 left"]);
});

test("fifty of the same backup code at once let one in", async () => {
  await using house = await startAppliance();
  const { backupCodes } = await securedAda(house);
  const answers = await Promise.all(Array.from({ length: 50 }, () => login(house, backupCodes[4])));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.filter(({ body }) => body.error?.code === "INVALID_CODE")).toHaveLength(49);
});

test("new backup codes void the old ones, and another's are of no use", async () => {
  await using house = await startAppliance();
  const { token, backupCodes: old } = await securedAda(house);
  const { body } = await house.post(`${api}/2fa/backup-codes/regenerate`, undefined, { token });
  expect((await login(house, old[0])).status).toBe(401);
  const eve = await house.addUser("eve");
  await enrol(house, (await house.addSession(eve)).token);
  expect((await login(house, body.backup_codes[0], "eve")).status).toBe(401);
  expect((await login(house, body.backup_codes[0])).status).toBe(201);
});

test("a mailed code is the first factor: TOTP_REQUIRED and a wrong code leave it as it was", async () => {
  await using house = await startAppliance();
  const app = await securedAda(house);
  await house.post("/auth/verify", { email: "ada" });
  expect((await byMail(house)).body.error.code).toBe("TOTP_REQUIRED");
  expect((await byMail(house, "000000")).body.error.code).toBe("INVALID_CODE");
  const { status, body } = await byMail(house, app.code());
  expect(status).toBe(201);
  expect(await methodsOf(house, body.token)).toEqual(["otp", "totp"]);
  expect((await byMail(house, app.code())).body.error.code).toBe("INVALID_CODE");
});

test("a wrong mailed code with the right code of the app spends no step", async () => {
  await using house = await startAppliance();
  const app = await securedAda(house);
  await house.post("/auth/verify", { email: "ada" });
  const code = app.code();
  const wrong = { method: "otp", email: "ada", token: "000000", code };
  expect((await house.post("/auth/sessions", wrong)).status).toBe(401);
  expect((await byMail(house, code)).status).toBe(201);
});

test("an app with tokens is challenged, by password and by mailed code", async () => {
  await using house = await startAppliance();
  const app = await securedAda(house);
  await send(house);
  const mailed = await house.codeFor("ada@example.com");
  const firsts = {
    pwd: () => house.post(`${api}/login`, { email: "ada", password }),
    otp: () => house.post(`${api}/otp/login`, { email: "ada", code: mailed }),
  };
  for (const [method, first] of Object.entries(firsts)) {
    const { status, body } = await first();
    const { challenge_token: challenge, ...rest } = body;
    expect(challenge).toMatch(/^[0-9a-f]{64}$/);
    expect([status, rest]).toEqual([
      200,
      { two_factor_required: true, methods: ["totp", "backup_code"], expires_in: 300 },
    ]);
    const done = await verify(house, challenge, app.code());
    expect(done.status).toBe(200);
    expect(await methodsOf(house, done.body.access_token)).toEqual([method, "totp"]);
    expect(decode(done.body.access_token).claims.sub).toBe(app.ada.id);
  }
  // The mailed code was spent by its challenge.
  expect((await firsts.otp()).body.error.code).toBe("INVALID_CODE");
});

test("a challenge is answered once, in its five minutes, by itself alone", async () => {
  await using house = await startAppliance();
  const app = await securedAda(house);
  const challenge = await challenged(house);
  const code = app.code();
  const refused = async (token: string, own = code) => (await verify(house, token, own)).body.error?.code;
  for (const wrong of [challenge.slice(1), challenge.toUpperCase(), `${challenge}0`, app.token, "__proto__"])
    expect(await refused(wrong)).toBe("INVALID_CHALLENGE");
  expect(await refused(challenge)).toBeUndefined();
  expect(await refused(challenge, app.code())).toBe("INVALID_CHALLENGE");
  const late = await challenged(house);
  house.advance(300);
  expect(await refused(late, app.code())).toBe("INVALID_CHALLENGE");
});

test("a challenge dies at its fifth wrong code", async () => {
  await using house = await startAppliance({ values: { limit_signin: "off" } });
  const app = await securedAda(house);
  const challenge = await challenged(house);
  const answers = [];
  for (let n = 0; n < 5; n++) answers.push((await verify(house, challenge, "000000")).body.error.code);
  expect(answers).toEqual([
    "INVALID_CODE",
    "INVALID_CODE",
    "INVALID_CODE",
    "INVALID_CODE",
    "INVALID_CHALLENGE",
  ]);
  expect((await verify(house, challenge, app.code())).body.error.code).toBe("INVALID_CHALLENGE");
  expect((await verify(house, await challenged(house), app.code())).status).toBe(200);
});

test("fifty wrong codes at once are not more tries than five", async () => {
  await using house = await startAppliance();
  await securedAda(house);
  const challenge = await challenged(house);
  const answers = await Promise.all(Array.from({ length: 50 }, () => verify(house, challenge, "000000")));
  expect(answers.filter(({ body }) => body.error.code === "INVALID_CODE")).toHaveLength(4);
  expect(answers.filter(({ body }) => body.error.code === "INVALID_CHALLENGE")).toHaveLength(46);
});

test("whatever changes the account's factors or shuts it voids its challenges", async () => {
  const changes: Record<string, (house: Appliance, app: Awaited<ReturnType<typeof securedAda>>) => unknown> =
    {
      "a new password": (house, { token }) =>
        house.post(
          "/auth/password",
          { current_password: password, new_password: "difference engine" },
          { token },
        ),
      "new backup codes": (house, { token }) =>
        house.post(`${api}/2fa/backup-codes/regenerate`, undefined, { token }),
      "two-factor switched off": (house, app) =>
        house.post(`${api}/2fa/disable`, { code: app.code() }, { token: app.token }),
      "a reset": async (house) => {
        await send(house, "reset");
        const code = await house.codeFor("ada@example.com");
        await house.post(`${api}/reset-password`, { email: "ada", code, new_password: "difference engine" });
      },
      disabling: async (house, { ada }) => {
        const { token } = await house.addSession(await house.addUser("root", { role: "admin" }));
        await house.call("PATCH", `/auth/users/${ada.id}`, { token, body: { disabled: true } });
      },
    };
  for (const [what, change] of Object.entries(changes)) {
    await using house = await startAppliance();
    const app = await securedAda(house);
    const challenge = await challenged(house);
    await change(house, app);
    const { status, body } = await verify(house, challenge, app.code());
    expect([what, status, body.error?.code]).toEqual([what, 401, "INVALID_CHALLENGE"]);
  }
});

test("a disabled account hears so only when every factor was right, and nothing of it is spent", async () => {
  await using house = await startAppliance();
  const app = await securedAda(house);
  await house.core.store.write((tx) => tx.users.update(app.ada.id, { disabledAt: new Date(0) }));
  expect((await login(house)).body.error.code).toBe("TOTP_REQUIRED");
  expect((await login(house, "000000")).body.error.code).toBe("INVALID_CODE");
  const code = app.code();
  expect((await login(house, code)).body.error.code).toBe("ACCOUNT_DISABLED");
  expect((await verify(house, await challenged(house), code)).body.error.code).toBe("ACCOUNT_DISABLED");
  await house.core.store.write((tx) => tx.users.update(app.ada.id, { disabledAt: null }));
  expect((await login(house, code)).status).toBe(201);
});
