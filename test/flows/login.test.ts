import { expect, test } from "bun:test";
import { makeHasher } from "../../src/identity/hasher.ts";
import { type Appliance, password, startAppliance } from "../harness.ts";

const login = (house: Appliance, username: string, own = password, asked = {}) =>
  house.post("/auth/local/login", { username, password: own }, asked);

test("a person signs in by username or address, however it is typed", async () => {
  await using house = await startAppliance();
  await house.addUser("ada");
  for (const typed of ["ada", "ADA", " ada ", "ada@example.com", "Ada@EXAMPLE.com"]) {
    const { status, body } = await login(house, typed);
    expect([status, body.user?.username]).toEqual([201, "ada"]);
  }
});

test("a wrong password and an unknown name are answered alike", async () => {
  await using house = await startAppliance();
  await house.addUser("ada");
  await house.addUser("keyless", { passwordHash: null });
  const wrong = await login(house, "ada", "wrong");
  expect([wrong.status, wrong.body.error.code]).toEqual([401, "INVALID_CREDENTIALS"]);
  for (const name of ["nobody", "keyless", "nobody@example.com", "ada'--", "__proto__"]) {
    const answer = await login(house, name, "wrong");
    expect([answer.status, answer.text]).toEqual([wrong.status, wrong.text]);
    expect([...answer.headers.keys()]).toEqual([...wrong.headers.keys()]);
  }
});

test("an unknown name costs a hash like a known one", async () => {
  await using house = await startAppliance();
  await house.addUser("ada");
  await login(house, "nobody", "wrong");
  let verified = 0;
  const verify = house.core.hasher.verify;
  Object.assign(house.core.hasher, {
    verify: (...args: Parameters<typeof verify>) => {
      verified++;
      return verify(...args);
    },
  });
  await login(house, "ada", "wrong");
  await login(house, "nobody", "wrong");
  expect(verified).toBe(2);
});

test("a disabled account hears so only after the right password", async () => {
  await using house = await startAppliance();
  await house.addUser("ada", { disabledAt: new Date(0) });
  expect((await login(house, "ada", "wrong")).body.error.code).toBe("INVALID_CREDENTIALS");
  const right = await login(house, "ada");
  expect([right.status, right.body.error.code]).toEqual([403, "ACCOUNT_DISABLED"]);
});

test("passwords are compared in NFKC, whole and with their case", async () => {
  await using house = await startAppliance();
  const long = `${"x".repeat(72)}é\u0000 ${"y".repeat(100)}`;
  await house.addUser("ada", { passwordHash: await house.core.hasher.hash(long.normalize("NFKC")) });
  expect((await login(house, "ada", long.normalize("NFD"))).status).toBe(201);
  expect((await login(house, "ada", `${long.slice(0, -1)}z`)).status).toBe(401);
  expect((await login(house, "ada", long.toUpperCase())).status).toBe(401);
});

test("a password of more than 255 characters is refused without being hashed", async () => {
  await using house = await startAppliance();
  Object.assign(house.core.hasher, {
    verify: () => {
      throw new Error("hashed");
    },
  });
  const answer = await login(house, "ada", "é".repeat(256));
  expect([answer.status, answer.body.error.details[0].path]).toEqual([400, "password"]);
});

test("a sign-in re-hashes a password whose parameters are no longer the house's", async () => {
  await using house = await startAppliance();
  const old = makeHasher({ width: 1, depth: 1, memoryKib: 32, passes: 1 });
  const ada = await house.addUser("ada", { passwordHash: await old.hash(password) });
  // All of them verified the old hash; the one that replaces it must not fail the others.
  const answers = await Promise.all(Array.from({ length: 8 }, () => login(house, "ada")));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 201));
  const stored = await house.core.store.read.users.find(ada.id);
  expect(stored?.passwordHash).toStartWith("$argon2id$v=19$m=64,t=1,p=1$");
  expect((await login(house, "ada")).status).toBe(201);
});

test("a hash of another kind, or one that asks for too much, matches nothing", async () => {
  await using house = await startAppliance({ tampered: true });
  for (const [name, passwordHash] of [
    ["bcrypt", await Bun.password.hash(password, "bcrypt")],
    ["argon2d", await Bun.password.hash(password, "argon2d")],
    ["bomb", `$argon2id$v=19$m=9999999,t=99,p=1$${"A".repeat(22)}$${"A".repeat(43)}`],
    ["junk", "junk"],
  ] as const) {
    await house.addUser(name, { passwordHash });
    expect((await login(house, name)).status).toBe(401);
  }
});

test("the header beats the cookie and never falls back to it", async () => {
  await using house = await startAppliance();
  await house.addUser("ada");
  const { cookie, body } = await login(house, "ada");
  const ask = (authorization: string) =>
    house.get("/auth/sessions/current", { cookie, headers: { authorization } });
  const token: string = body.token;
  expect((await ask(`bearer ${token}`)).status).toBe(200);
  expect((await ask(`BEARER ${token}`)).status).toBe(200);
  for (const wrong of [
    token,
    `Basic ${token}`,
    `Bearer ${token.slice(0, -1)}`,
    `Bearer ${token}0`,
    `Bearer ${token.toUpperCase()}`,
    `Bearer ${token}=`,
    `Bearer ${token} ${token}`,
    "Bearer",
    "Bearer __proto__",
  ]) {
    const answer = await ask(wrong);
    expect([wrong, answer.status, answer.body.error.code]).toEqual([wrong, 401, "UNAUTHENTICATED"]);
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
  }
  expect((await house.get(`/auth/sessions/current?session=${token}&token=${token}`)).status).toBe(401);
});

test("a browser keeps its device cookie, and one that is unknown to the account is replaced", async () => {
  await using house = await startAppliance();
  await house.addUser("ada");
  await house.addUser("bob");
  const device = (cookie: string) => /housekey-device=(\w+)/.exec(cookie)?.[1];
  const first = await login(house, "ada");
  const second = await login(house, "ada", password, { cookie: first.cookie });
  expect(device(second.cookie)).toBe(device(first.cookie) ?? "");

  // Bob signs in from Ada's browser: a new cookie, which both accounts know from then on.
  const third = await login(house, "bob", password, { cookie: first.cookie });
  expect(device(third.cookie)).not.toBe(device(first.cookie));
  const fourth = await login(house, "ada", password, { cookie: third.cookie });
  expect(device(fourth.cookie)).toBe(device(third.cookie) ?? "");

  // A cookie that somebody made up is never adopted.
  const planted = `housekey-device=${"ab".repeat(32)}`;
  expect(device((await login(house, "ada", password, { cookie: planted })).cookie)).not.toBe("ab".repeat(32));
});

test("a password changed while another sign-in was checking the old one lets nobody in", async () => {
  await using house = await startAppliance();
  const ada = await house.addUser("ada");
  const verify = house.core.hasher.verify;
  const changed = await house.core.hasher.hash("difference engine");
  Object.assign(house.core.hasher, {
    async verify(...args: Parameters<typeof verify>) {
      const matches = await verify(...args);
      await house.core.store.write((tx) => tx.users.setPassword(ada.id, ada.passwordHash, changed));
      return matches;
    },
  });
  expect((await login(house, "ada")).status).toBe(401);
});

test("a queue that is full answers 503 and when to come back, and loses nobody who is in it", async () => {
  await using house = await startAppliance({ hasher: { width: 1, depth: 2 } });
  await house.addUser("ada");
  const answers = await Promise.all(Array.from({ length: 20 }, () => login(house, "ada")));
  const busy = answers.filter(({ status }) => status === 503);
  expect(answers.filter(({ status }) => status === 201).length).toBeGreaterThanOrEqual(3);
  expect(busy.length).toBeGreaterThan(0);
  expect(busy[0]?.body.error.code).toBe("BUSY");
  expect(Number(busy[0]?.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await login(house, "ada")).status).toBe(201);
});
