import { expect, test } from "bun:test";
import { type ApplianceOptions, startAppliance } from "../harness.ts";
import { ada, api, login, me, redeem, reset, send } from "./tokens.ts";

const start = (values: ApplianceOptions["values"] = {}) =>
  startAppliance({ values: { trusted_proxies: ["127.0.0.1"], ...values } });

test("a reset sets the password and ends everything: sessions, families, codes, links", async () => {
  await using house = await start();
  const user = await house.addUser("ada");
  const opaque = await house.addSession(user);
  const { body } = await login(house);
  await send(house);
  const other = await house.codeFor(ada);
  await send(house, "reset");
  const code = await house.codeFor(ada);
  expect((await reset(house, code, {}, "short")).body.error.code).toBe("WEAK_PASSWORD");
  expect((await reset(house, code)).status).toBe(204);
  expect((await house.get("/auth/sessions/current", { token: opaque.token })).status).toBe(401);
  expect(await me(house, body.access_token)).toBe(401);
  const stale = await house.post(`${api}/refresh`, { refresh_token: body.refresh_token });
  expect(stale.status).toBe(401);
  expect((await redeem(house, other)).status).toBe(401);
  expect((await reset(house, code)).status).toBe(401);
  expect((await login(house)).status).toBe(401);
  const fresh = { email: ada, password: "difference engine" };
  expect((await house.post(`${api}/login`, fresh)).status).toBe(200);
  const letters = await house.mailTo(ada);
  expect(letters.some(({ subject }) => /password/i.test(subject))).toBe(true);
});

test("fifty resets at once: one wins", async () => {
  await using house = await startAppliance({ hasher: { depth: 200 } });
  await house.addUser("ada");
  await send(house, "reset");
  const code = await house.codeFor(ada);
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) => reset(house, code, {}, `engine no ${n}!`)),
  );
  expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
});

test("a disabled account gets no reset, and its code is refused after the fact", async () => {
  await using house = await start();
  const user = await house.addUser("ada");
  await send(house, "reset");
  const code = await house.codeFor(ada);
  await house.core.store.write((tx) => tx.users.update(user.id, { disabledAt: new Date(0) }));
  expect((await reset(house, code)).status).toBe(401);
  await send(house);
  const disabled = await redeem(house, await house.codeFor(ada));
  expect([disabled.status, disabled.body.error.code]).toEqual([403, "ACCOUNT_DISABLED"]);
});

test("switched off, no code signs in; reset goes on", async () => {
  await using house = await start();
  const { token } = await house.addSession(await house.addUser("root", { role: "admin" }));
  await house.addUser("ada");
  await send(house);
  const code = await house.codeFor(ada);
  await house.call("PATCH", "/auth/settings", { token, body: { mail_login: false } });
  expect((await redeem(house, code)).status).toBe(401);
  const before = (await house.mailTo(ada)).length;
  expect((await send(house)).status).toBe(202);
  expect(await house.mailTo(ada)).toHaveLength(before);
  await send(house, "reset");
  expect((await reset(house, await house.codeFor(ada))).status).toBe(204);
});
