import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { codeKey, mailCode } from "../../src/identity/mail-code.ts";
import { type ApplianceOptions, type Asked, password, startAppliance } from "../harness.ts";
import { ada, api, redeem, reset, send } from "./tokens.ts";

const start = (values: ApplianceOptions["values"] = {}) =>
  startAppliance({ values: { trusted_proxies: ["127.0.0.1"], ...values } });
const from = (address: string): Asked => ({ headers: { "x-forwarded-for": address } });
const wrongOf = (code: string): string => String((Number(code) + 1) % 1_000_000).padStart(6, "0");

test("a mailed code signs in, by address or username, and proves the address", async () => {
  await using house = await start();
  await house.addUser("ada");
  for (const typed of [ada, "ADA", "Ada@Example.COM"]) {
    expect((await send(house, "login", typed)).body).toEqual({ status: "sent", expires_in: 600 });
    const code = await house.codeFor(ada);
    const done = await redeem(house, `${code.slice(0, 3)} ${code.slice(3)}`, typed);
    expect([done.status, done.body.user.email_verified]).toEqual([200, true]);
    expect((await redeem(house, code, typed)).body.error.code).toBe("INVALID_CODE");
  }
});

test("the browser surface sends and takes the same codes, and signs in with its cookies", async () => {
  await using house = await start();
  await house.addUser("ada");
  expect((await house.post("/auth/verify", { email: ada })).status).toBe(204);
  const body = { method: "otp", email: ada, token: await house.codeFor(ada) };
  const done = await house.post("/auth/sessions", body);
  expect(done.status).toBe(201);
  const { session } = (await house.get("/auth/sessions/current", { cookie: done.cookie })).body;
  expect([session.kind, session.methods]).toEqual(["web", ["otp"]]);
  expect((await house.post("/auth/sessions", body)).status).toBe(401);
  expect((await house.post("/auth/sessions", { ...body, method: "magic" })).status).toBe(400);
});

test("in an open house a code for a new address makes a member; in a closed one nothing is mailed", async () => {
  await using house = await start({ registration: "open" });
  await house.post("/auth/verify", { email: "new@example.com" });
  const body = { method: "otp", email: "new@example.com", token: await house.codeFor("new@example.com") };
  const made = await house.post("/auth/sessions", body);
  expect([made.status, made.body.user.username, made.body.user.email_verified]).toEqual([201, "new", true]);

  await using closed = await start();
  expect((await closed.post("/auth/verify", { email: "new@example.com" })).status).toBe(204);
  expect(await closed.mailTo("new@example.com")).toEqual([]);
});

test("nothing tells a known address from an unknown one", async () => {
  await using house = await start();
  await house.addUser("ada");
  for (const purpose of ["login", "reset"]) {
    const [known, unknown] = [await send(house, purpose), await send(house, purpose, "nobody@example.com")];
    expect([unknown.status, unknown.text]).toEqual([known.status, known.text]);
    expect([...unknown.headers.keys()]).toEqual([...known.headers.keys()]);
  }
  const [known, unknown] = [
    await redeem(house, "000000"),
    await redeem(house, "000000", "nobody@example.com"),
  ];
  expect([unknown.status, unknown.text]).toEqual([known.status, known.text]);
  const resets = [
    await reset(house, "000000"),
    await house.post(`${api}/reset-password`, {
      email: "nobody@example.com",
      code: "000000",
      new_password: "difference engine",
    }),
  ];
  expect(resets[0]?.text).toBe(resets[1]?.text ?? "");
});

test("a code is good for its asker, its purpose and its address alone", async () => {
  await using house = await start();
  await house.addUser("ada");
  await house.addUser("bob");
  await send(house, "login", ada, from("10.0.0.1"));
  const code = await house.codeFor(ada);
  expect((await redeem(house, code, ada, from("10.0.0.2"))).status).toBe(401);
  expect((await redeem(house, code, "bob@example.com", from("10.0.0.1"))).status).toBe(401);
  expect((await reset(house, code, from("10.0.0.1"))).status).toBe(401);
  const verify = { email: ada, code };
  expect((await house.post(`${api}/register/verify`, verify, from("10.0.0.1"))).status).toBe(401);
  expect((await redeem(house, code, ada, from("10.0.0.1"))).status).toBe(200);
});

test("a new code voids only its asker's last one", async () => {
  await using house = await start();
  await house.addUser("ada");
  await send(house, "login", ada, from("10.0.0.1"));
  const mine = await house.codeFor(ada);
  await send(house, "login", ada, from("6.6.6.6"));
  const theirs = await house.codeFor(ada);
  await send(house, "login", ada, from("6.6.6.6"));
  expect((await redeem(house, theirs, ada, from("6.6.6.6"))).status).toBe(401);
  expect((await redeem(house, mine, ada, from("10.0.0.1"))).status).toBe(200);
});

test("ten minutes, and not a second more", async () => {
  await using house = await start();
  await house.addUser("ada");
  await send(house);
  const code = await house.codeFor(ada);
  house.advance(599);
  expect((await redeem(house, wrongOf(code))).status).toBe(401);
  expect((await redeem(house, code)).status).toBe(200);
  await send(house);
  const late = await house.codeFor(ada);
  house.advance(600);
  expect((await redeem(house, late)).status).toBe(401);
});

test("after five wrong tries a code is of no use, and asking again does not reset the count", async () => {
  await using house = await start();
  await house.addUser("ada");
  await send(house);
  const first = await house.codeFor(ada);
  for (let n = 0; n < 3; n++) expect((await redeem(house, wrongOf(first))).status).toBe(401);
  await send(house);
  const second = await house.codeFor(ada);
  for (let n = 0; n < 2; n++) expect((await redeem(house, wrongOf(second))).status).toBe(401);
  expect((await redeem(house, second)).status).toBe(401);
  await send(house);
  expect((await redeem(house, await house.codeFor(ada))).status).toBe(401);
  // Another client's code has a count of its own, and an hour later all is forgotten.
  await send(house, "login", ada, from("10.0.0.9"));
  expect((await redeem(house, await house.codeFor(ada), ada, from("10.0.0.9"))).status).toBe(200);
  house.advance(3601);
  await send(house);
  expect((await redeem(house, await house.codeFor(ada))).status).toBe(200);
});

test("fifty at once: one code signs in once", async () => {
  await using house = await start();
  await house.addUser("ada");
  await send(house);
  const code = await house.codeFor(ada);
  const answers = await Promise.all(Array.from({ length: 50 }, () => redeem(house, code)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(49);
});

test("letters are limited per asker and per address; beyond it the last code stays good", async () => {
  const limited = { limit_register: { count: 100_000, seconds: 60 } };
  await using house = await start(limited);
  await house.addUser("ada");
  await send(house);
  await send(house);
  expect(await house.mailTo(ada)).toHaveLength(1);
  const code = await house.codeFor(ada);
  for (let n = 0; n < 10; n++) {
    house.advance(61);
    await send(house);
  }
  expect(await house.mailTo(ada)).toHaveLength(5);
  for (let n = 0; n < 100; n++) await send(house, "login", ada, from(`10.1.0.${n}`));
  expect(await house.mailTo(ada)).toHaveLength(20);
  expect(code).toMatch(/^\d{6}$/);
  house.advance(3601);
  await send(house);
  expect(await house.mailTo(ada)).toHaveLength(21);
});

test("a person moves to a new address: it proves itself, the old one is told, its codes are void", async () => {
  await using house = await start();
  await house.addUser("bob");
  const { token } = await house.addSession(await house.addUser("ada"));
  await send(house);
  const old = await house.codeFor(ada);
  const ask = (email: string) => house.post("/auth/email", { email }, { token });
  const verify = (code: string) => house.post("/auth/email/verify", { code }, { token });
  const taken = await ask("bob@example.com");
  const asked = await ask("NEW@example.com");
  expect([asked.status, asked.text]).toEqual([202, taken.text]);
  expect(await house.mailTo("bob@example.com")).toEqual([]);
  const code = await house.codeFor("new@example.com");
  const wrong = await verify(wrongOf(code));
  expect([wrong.status, wrong.body.error.code]).toEqual([400, "INVALID_CODE"]);
  const done = await verify(code);
  expect(done.body).toMatchObject({ email: "new@example.com", email_verified: true });
  const told = await house.mailTo(ada);
  expect(told.at(-1)?.text).toContain("new@example.com");
  expect((await redeem(house, old)).status).toBe(401);
  expect((await house.get("/auth/sessions/current", { token })).status).toBe(200);
});

test("an account without a password confirms that it is its owner by a mailed code", async () => {
  await using house = await start();
  const { token } = await house.addSession(await house.addUser("ada", { passwordHash: null }));
  const confirm = (body: object) => house.post("/auth/sessions/current/confirm", body, { token });
  house.advance(901);
  const ask = () => house.post("/auth/email", { email: "new@example.com" }, { token });
  expect((await ask()).body.error.code).toBe("FRESH_LOGIN_REQUIRED");
  expect((await confirm({})).body.error.details[0].path).toBe("code");
  await send(house);
  const code = await house.codeFor(ada);
  const wrong = await confirm({ code: wrongOf(code) });
  expect([wrong.status, wrong.body.error.code]).toEqual([400, "INVALID_CODE"]);
  expect((await confirm({ code })).status).toBe(204);
  expect((await confirm({ code })).status).toBe(400);
  expect((await ask()).status).toBe(202);
});

test("a name without an address never becomes an account, even to who knows the code nobody was mailed", async () => {
  await using house = await start({ registration: "open" });
  await house.addUser("hermit", { email: null });
  const { core } = house;
  for (const name of ["nobody", "hermit"]) {
    const key = codeKey(name, "login", {
      address: "127.0.0.1",
      userAgent: null,
      device: null,
      browser: null,
    });
    await core.store.write((tx) => mailCode(core, tx, key));
    const code = await house.codeFor(name);
    expect(code).toMatch(/^\d{6}$/);
    expect((await redeem(house, code, name)).body.error.code).toBe("INVALID_CODE");
  }
  expect(await core.store.read.users.count()).toBe(1);
});

test("codes are spread evenly over all there are", async () => {
  await using house = await start();
  await house.addUser("ada");
  const digits = Array.from({ length: 10 }, () => 0);
  for (let n = 0; n < 200; n++) {
    await send(house);
    for (const digit of await house.codeFor(ada)) digits[Number(digit)] = (digits[Number(digit)] ?? 0) + 1;
  }
  // 1,200 digits: chi-square with 9 degrees of freedom stays under 33.7 in 9,999 of 10,000 runs.
  const expected = 120;
  expect(digits.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0)).toBeLessThan(33.7);
});

test("neither database nor log has a code or an address of a letter in the clear", async () => {
  await using house = await start();
  await house.addUser("ada", { email: "canary-address@example.com" });
  await send(house, "login", "canary-address@example.com");
  const code = await house.codeFor("canary-address@example.com");
  await send(house, "reset", "canary-address@example.com");
  const log = house.lines.join("\n");
  expect([log.includes(code), log.includes("canary")]).toEqual([false, false]);
  using db = new Database(`${house.folder}/housekey.db`, { readonly: true });
  const [mail] = db.query<{ sealed: string }, []>("SELECT sealed FROM mails").all();
  expect(mail?.sealed.length).toBeGreaterThan(50);
  const rows = JSON.stringify(db.query("SELECT * FROM mail_codes").all());
  expect(rows.includes(code)).toBe(false);
  expect(password.length).toBeGreaterThan(8);
});
