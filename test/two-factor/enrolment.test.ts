import { expect, test } from "bun:test";
import decodeQr from "qr/decode.js";
import { password, startAppliance } from "../harness.ts";
import { api, codeAt, enrol, login, securedAda } from "./app.ts";
import { pixelsOf } from "./picture.ts";

const status = async (house: Awaited<ReturnType<typeof startAppliance>>, token: string) =>
  (await house.get(`${api}/2fa/status`, { token })).body;

async function adaWithToken() {
  const house = await startAppliance();
  const ada = await house.addUser("ada");
  const { token } = await house.addSession(ada);
  const setup = async () => (await house.post(`${api}/2fa/setup`, undefined, { token })).body;
  const enable = (code: string) => house.post(`${api}/2fa/enable`, { code }, { token });
  return { house, ada, token, setup, enable, [Symbol.asyncDispose]: () => house[Symbol.asyncDispose]() };
}

test("an app is given 160 bits, under the name of the house and of the account, in text and as a picture", async () => {
  await using app = await adaWithToken();
  const { secret, provisioning_uri: uri, qr_svg: svg } = await app.setup();
  expect(secret).toMatch(/^[A-Z2-7]{32}$/);
  const { protocol, pathname, searchParams } = new URL(uri);
  expect([protocol, decodeURIComponent(pathname)]).toEqual([
    "otpauth:",
    "/Housekey localhost:ada@example.com",
  ]);
  expect(Object.fromEntries(searchParams)).toEqual({
    secret,
    issuer: "Housekey localhost",
    algorithm: "SHA1",
    digits: "6",
    period: "30",
  });
  expect(decodeQr(pixelsOf(svg))).toBe(uri);
  expect(svg).not.toMatch(/<script|\son\w+=|style=|href/);
});

test("nothing asks for a code before the first one was right", async () => {
  await using app = await adaWithToken();
  const { secret } = await app.setup();
  expect((await login(app.house)).status).toBe(201);
  expect(await status(app.house, app.token)).toEqual({
    enabled: false,
    enabled_at: null,
    backup_codes_left: 0,
  });
  const wrong = await app.enable(codeAt(secret, app.house.core.clock(), 5));
  expect([wrong.status, wrong.body.error.code]).toEqual([400, "INVALID_CODE"]);
  expect((await login(app.house)).status).toBe(201);
  const { status: enabled, body } = await app.enable(codeAt(secret, app.house.core.clock()));
  expect([enabled, body.enabled, body.backup_codes.length]).toEqual([200, true, 10]);
  expect((await login(app.house)).body.error.code).toBe("TOTP_REQUIRED");
  const { body: current } = await app.house.get("/auth/sessions/current", { token: app.token });
  expect(current.user.two_factor_enabled).toBe(true);
  expect(await status(app.house, app.token)).toEqual({
    enabled: true,
    enabled_at: app.house.core.clock().toISOString(),
    backup_codes_left: 10,
  });
});

test("enabling spends its step", async () => {
  await using house = await startAppliance();
  const { secret } = await securedAda(house);
  expect((await login(house, codeAt(secret, house.core.clock()))).status).toBe(401);
  expect((await login(house, codeAt(secret, house.core.clock(), -1))).status).toBe(401);
  expect((await login(house, codeAt(secret, house.core.clock(), 1))).status).toBe(201);
});

test("setting up again voids the secret before, and is refused once two-factor is on", async () => {
  await using app = await adaWithToken();
  const first = await app.setup();
  const second = await app.setup();
  expect(second.secret).not.toBe(first.secret);
  expect((await app.enable(codeAt(first.secret, app.house.core.clock()))).status).toBe(400);
  const { body } = await app.enable(codeAt(second.secret, app.house.core.clock()));
  expect(body.enabled).toBe(true);
  for (const path of ["setup", "enable"]) {
    const again = await app.house.post(`${api}/2fa/${path}`, { code: "000000" }, { token: app.token });
    expect([path, again.status, again.body.error.code]).toEqual([path, 409, "ALREADY_ENABLED"]);
  }
});

test("a set-up waits fifteen minutes; without one there is nothing to enable, disable or renew", async () => {
  await using app = await adaWithToken();
  const { secret } = await app.setup();
  app.house.advance(899);
  expect((await app.enable("000000")).body.error.code).toBe("INVALID_CODE");
  app.house.advance(1);
  const late = await app.enable(codeAt(secret, app.house.core.clock()));
  expect([late.status, late.body.error.code]).toEqual([409, "NOT_ENABLED"]);
  for (const path of ["disable", "backup-codes/regenerate"]) {
    const { status, body } = await app.house.post(
      `${api}/2fa/${path}`,
      { code: "000000" },
      { token: app.token },
    );
    expect([path, status, body.error.code]).toEqual([path, 409, "NOT_ENABLED"]);
  }
});

test("fifty of the same first code switch it on once, and one set of backup codes is handed out", async () => {
  await using app = await adaWithToken();
  const { secret } = await app.setup();
  const code = codeAt(secret, app.house.core.clock());
  const answers = await Promise.all(Array.from({ length: 50 }, () => app.enable(code)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  const { backup_codes_left: left } = await status(app.house, app.token);
  expect(left).toBe(10);
});

test("each change ends the other sessions, writes a line and a letter; the one that asks goes on", async () => {
  await using house = await startAppliance();
  const app = await securedAda(house);
  const changes = [
    ["two_factor.enabled", "switched on"],
    ["backup_codes.replaced", "New backup codes"],
    ["two_factor.disabled", "switched off"],
  ] as const;
  const act = {
    "two_factor.enabled": async () => {},
    "backup_codes.replaced": () =>
      house.post(`${api}/2fa/backup-codes/regenerate`, undefined, { token: app.token }),
    "two_factor.disabled": () => house.post(`${api}/2fa/disable`, { code: app.code() }, { token: app.token }),
  };
  for (const [event, words] of changes) {
    const { token: other } = await house.addSession(app.ada);
    await act[event]();
    const open = async (token: string) => (await house.get("/auth/sessions/current", { token })).status;
    if (event !== "two_factor.enabled") expect([event, await open(other)]).toEqual([event, 401]);
    expect([event, await open(app.token)]).toEqual([event, 200]);
    const { body } = await house.get(`/auth/audit?event=${event}`, { token: app.token });
    expect([event, body.events.length, body.events[0]?.user_id]).toEqual([event, 1, app.ada.id]);
    const letters = await house.mailTo("ada@example.com");
    expect(letters.filter(({ text }) => text.includes(words))).toHaveLength(1);
  }
});

test("enabling ends the sessions that were opened before it", async () => {
  await using house = await startAppliance();
  const ada = await house.addUser("ada");
  const { token } = await house.addSession(ada);
  const { token: other } = await house.addSession(ada);
  await enrol(house, token);
  expect((await house.get("/auth/sessions/current", { token: other })).status).toBe(401);
});

test("disabling takes a code of the app or a backup code, and afterwards nothing asks for one", async () => {
  for (const kind of ["totp", "backup"] as const) {
    await using house = await startAppliance();
    const app = await securedAda(house);
    const disable = (code: string) => house.post(`${api}/2fa/disable`, { code }, { token: app.token });
    expect((await disable("000000")).body.error.code).toBe("INVALID_CODE");
    expect((await login(house)).status).toBe(401);
    expect((await disable(kind === "totp" ? app.code() : (app.backupCodes[3] ?? ""))).status).toBe(204);
    expect((await login(house)).status).toBe(201);
    expect((await status(house, app.token)).backup_codes_left).toBe(0);
    expect(await house.core.store.read.totps.find(app.ada.id)).toBeNull();
  }
});

test("every change wants a fresh session", async () => {
  await using house = await startAppliance();
  const app = await securedAda(house);
  house.advance(901);
  for (const path of ["setup", "enable", "disable", "backup-codes/regenerate"]) {
    const { status, body } = await house.post(`${api}/2fa/${path}`, { code: "000000" }, { token: app.token });
    expect([path, status, body.error.code]).toEqual([path, 403, "FRESH_LOGIN_REQUIRED"]);
  }
});

test("the secret is nowhere in the files, in no answer after the set-up, and in no log line", async () => {
  await using house = await startAppliance();
  const app = await securedAda(house);
  await login(house, app.code());
  const answers = await Promise.all(
    [`${api}/2fa/status`, `${api}/me`, "/auth/sessions/current", "/auth/audit"].map((path) =>
      house.get(path, { token: app.token }),
    ),
  );
  const files = new Bun.Glob("**/*").scanSync({ cwd: house.folder, absolute: true });
  const kept = await Promise.all(
    [...files].map(async (file) => Buffer.from(await Bun.file(file).arrayBuffer())),
  );
  const raw = [
    app.secret,
    app.secret.toLowerCase(),
    ...app.backupCodes.flatMap((code) => [code, code.replace("-", "")]),
  ];
  for (const secret of raw) {
    expect(kept.some((bytes) => bytes.includes(secret))).toBe(false);
    expect(answers.some(({ text }) => text.includes(secret))).toBe(false);
    expect(house.lines.some((line) => line.includes(secret))).toBe(false);
    expect(house.outbox.some(({ text }) => text.includes(secret))).toBe(false);
  }
});

test("a recovery drops the second factor; a reset by mail does not", async () => {
  await using house = await startAppliance();
  const app = await securedAda(house);
  await house.post(`${api}/otp/send`, { email: "ada", purpose: "reset" });
  const code = await house.codeFor("ada@example.com");
  const fresh = { email: "ada", code, new_password: password };
  expect((await house.post(`${api}/reset-password`, fresh)).status).toBe(204);
  expect((await login(house)).body.error.code).toBe("TOTP_REQUIRED");

  const root = await house.addUser("root", { role: "admin" });
  const { token } = await house.addSession(root);
  const { body } = await house.post(`/auth/users/${app.ada.id}/recovery`, undefined, { token });
  const link = body.url.split("#token=")[1];
  const recovered = await house.post("/auth/recovery/complete", { token: link, password });
  expect([recovered.status, recovered.body.user.two_factor_enabled]).toEqual([201, false]);
  expect((await login(house)).status).toBe(201);
});
