/** How a credential is shown: by one header, or by one cookie. */
import { expect, test } from "bun:test";
import { type Appliance, password } from "../harness.ts";
import {
  app,
  asks,
  basic,
  cookie,
  cookieName,
  exchanged,
  expectIn,
  expectOut,
  forwarded,
  makeKey,
  openGuard,
  withAda,
} from "./guard.ts";

const told = forwarded(app);

test("Basic takes an API key of whoever it names, and never a password or anything else", () =>
  withAda(async (guard, token) => {
    await guard.addUser("bob");
    const { key } = await makeKey(guard, token);
    const encoded = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString("base64")}` });
    const wrong = {
      "somebody else's name": basic("bob", key),
      "a name of nobody's": basic("eve", key),
      "no name": basic("", key),
      "a name that only begins so": basic("ad", key),
      "somebody else's address": basic("bob@example.com", key),
      "the password": basic("ada", password),
      "a session's token": basic("ada", token),
      "the key's JWT": basic("ada", await exchanged(guard, key)),
      "the key as the name": basic(key, ""),
      "the key with something behind it": basic("ada", `${key}:`),
      "no colon": encoded(key),
      nothing: { authorization: "Basic" },
      "a colon": encoded(":"),
      "no base64": { authorization: "Basic ???" },
      "base64 of another alphabet": {
        authorization: `Basic ${Buffer.from(`ada:${key}`).toString("base64url")}-_`,
      },
      "base64 without its end": {
        authorization: `Basic ${Buffer.from(`ada:${key}`).toString("base64").replace(/=*$/, "")}=====`,
      },
      "bytes that are no UTF-8": {
        authorization: `Basic ${Buffer.from([0xff, 0x3a, ...Buffer.from(key)]).toString("base64")}`,
      },
    };
    for (const [what, shown] of Object.entries(wrong)) {
      const { status } = await asks(guard, { ...told, ...shown });
      expect([what, status]).toEqual([what, 401]);
    }
    for (const scheme of ["basic", "BASIC", "Basic "])
      await expectIn(guard, {
        authorization: basic("ada", key).authorization?.replace("Basic", scheme) ?? "",
      });
  }));

test("a header beats the cookie and never falls back to it", () =>
  withAda(async (guard, token) => {
    for (const authorization of [
      "Bearer wrong",
      "Basic YWRhOng=",
      "Bearer",
      "",
      "Digest x",
      token,
      `Bearer ${token}, Bearer ${token}`,
      `Bearer ${token} ${token}`,
    ])
      await expectOut(guard, { authorization, ...cookie(token) });
  }));

test("two cookies of the name are one when they say the same, and none when they do not", () =>
  withAda(async (guard, token) => {
    const { token: other } = await guard.addSession(await guard.addUser("bob"));
    const two = (a: string, b: string) => ({ cookie: `${cookieName}=${a}; x=y; ${cookieName}=${b}` });
    await expectIn(guard, two(token, token));
    for (const [a, b] of [
      [token, other],
      [other, token],
      [token, ""],
      ["", token],
      [token, "x"],
      ["x", token],
    ] as const)
      await expectOut(guard, two(a, b));
  }));

test("cookies that are malformed let nobody in, and do not hide one that is fine", () =>
  withAda(async (guard, token) => {
    for (const malformed of [
      cookieName,
      `${cookieName}=`,
      `${cookieName}="${token}"`,
      `${cookieName}=${token}, ${cookieName}=${token}`,
      `=${token}`,
      `${cookieName} ${token}`,
      `${cookieName}=${token}x`,
      `${cookieName}%3d${token}`,
      ";;;===;;",
      `x${cookieName}=${token}`,
      `${cookieName}x=${token}`,
    ])
      await expectOut(guard, { cookie: malformed });
    await expectIn(guard, { cookie: `; =; a; ${cookieName}x; b="c;  ${cookieName} = ${token} ;;` });
  }));

test("a use moves the session's last use on, and asks the store no more than a session check", async () => {
  const statements: string[] = [];
  await using guard = await openGuard({}, { onStatement: (sql) => statements.push(sql) });
  const { token, id } = await guard.addSession(await guard.addUser("ada"));
  await asks(guard, { ...told, ...cookie(token) });
  guard.advance(120);
  statements.length = 0;
  for (let n = 0; n < 20; n++) await expectStatus(guard, cookie(token), 200);
  expect(statements).toEqual([]);
  expect(guard.core.sightings.get(id)).toEqual(guard.core.clock());
});

const expectStatus = async (guard: Appliance, shown: Record<string, string>, status: number) =>
  expect((await asks(guard, { ...told, ...shown })).status).toBe(status);
