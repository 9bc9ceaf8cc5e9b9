/** What a person decides about a device. */
import { expect, test } from "bun:test";
import type { Asked } from "../harness.ts";
import { ask, codeOf, create, fifty, from, person, poll, standing, start, waiting } from "./steps.ts";

test("a device shows a code, a person lets it in, and it is given its session exactly once", async () => {
  await using house = await start();
  const ada = await person(house, "ada");
  const made = await create(house, from("10.0.0.7", "tv/1.0"), "connector");
  expect([made.status, made.body]).toEqual([
    200,
    {
      code: expect.stringMatching(/^[A-HJKMNP-Z2-9]{4}-[A-HJKMNP-Z2-9]{4}$/),
      token: expect.stringMatching(/^[0-9a-f]{64}$/),
      expiresAt: "2026-01-01T00:10:00.000Z",
      verificationUrl: `http://localhost:8420/device?code=${made.body.code}`,
      interval: 5,
    },
  ]);
  const { code, token } = made.body;
  expect((await poll(house, token)).body).toEqual({ status: "pending" });
  expect((await ask(house, "info", code, ada)).body).toEqual({
    clientType: "connector",
    ipAddress: "10.0.0.7",
    userAgent: "tv/1.0",
    expiresAt: "2026-01-01T00:10:00.000Z",
  });
  expect((await poll(house, token)).body).toEqual({ status: "pending" });
  expect((await ask(house, "authorize", code, ada)).body).toEqual({ message: expect.any(String) });
  const given = await poll(house, token, from("10.9.9.9", "somewhere else"));
  expect([given.status, given.body]).toEqual([
    200,
    { status: "authorized", token: expect.stringMatching(/^[0-9a-f]{96}$/) },
  ]);
  expect((await poll(house, token)).body).toEqual({ status: "invalid" });
  // What it was made with, not what the token was fetched with.
  expect(await standing(house, given.body.token)).toMatchObject({
    kind: "connector",
    ip: "10.0.0.7",
    user_agent: "tv/1.0",
    device: "tv",
    methods: ["device"],
    username: "ada",
  });
});

test("the session is not fresh until it is confirmed", async () => {
  await using house = await start();
  const ada = await person(house, "ada");
  const { code, token } = await waiting(house);
  await ask(house, "authorize", code, ada);
  const { body } = await poll(house, token);
  const change = () =>
    house.post(
      "/auth/password",
      { current_password: "analytical engine", new_password: "difference engine" },
      body,
    );
  expect(codeOf(await change())).toEqual([403, "FRESH_LOGIN_REQUIRED"]);
  const confirm = { password: "analytical engine" };
  expect((await house.post("/auth/sessions/current/confirm", confirm, body)).status).toBe(204);
  expect((await change()).status).toBe(204);
});

test("a code may be typed in lower case and without its dash", async () => {
  await using house = await start();
  const ada = await person(house, "ada");
  const { code, token } = await waiting(house);
  const typed = code.toLowerCase().replace("-", "");
  expect((await ask(house, "info", typed, ada)).status).toBe(200);
  expect((await ask(house, "authorize", typed, ada)).status).toBe(200);
  expect((await poll(house, token)).body.status).toBe("authorized");
});

test("a device that is turned away gets nothing, and a decision stands", async () => {
  await using house = await start();
  const ada = await person(house, "ada");
  const bob = await person(house, "bob");
  const { code, token } = await waiting(house);
  expect((await ask(house, "deny", code, ada)).status).toBe(200);
  expect((await poll(house, token)).body).toEqual({ status: "invalid" });
  for (const who of [ada, bob])
    for (const question of ["info", "authorize", "deny"] as const)
      expect(codeOf(await ask(house, question, code, who))).toEqual([409, "CODE_ALREADY_DECIDED"]);
  expect((await ask(house, "link/status", code, ada)).body).toEqual({ status: "expired" });
  expect((await poll(house, token)).body).toEqual({ status: "invalid" });
});

test("ten minutes, and not a second more, whether it was decided or not", async () => {
  await using house = await start();
  const ada = await person(house, "ada");
  const [late, decided] = [await waiting(house), await waiting(house)];
  await ask(house, "authorize", decided.code, ada);
  house.advance(599);
  expect((await ask(house, "info", late.code, ada)).status).toBe(200);
  expect((await poll(house, late.token)).body).toEqual({ status: "pending" });
  house.advance(1);
  for (const question of ["info", "authorize", "deny"] as const)
    for (const { code } of [late, decided])
      expect(codeOf(await ask(house, question, code, ada))).toEqual([404, "NOT_FOUND"]);
  for (const { token } of [late, decided])
    expect((await poll(house, token)).body).toEqual({ status: "invalid" });
  expect((await ask(house, "link/status", decided.code, ada)).body).toEqual({ status: "expired" });
});

test("fifty who authorize at once, of two people: one wins, and the device is theirs", async () => {
  await using house = await start();
  const people = [await person(house, "ada"), await person(house, "bob")] as const;
  const { code, token } = await waiting(house);
  const who = (n: number): Asked => people[n % 2] ?? people[0];
  const answers = await fifty(async (n) => [n, await ask(house, "authorize", code, who(n))] as const);
  const winners = answers.filter(([, { status }]) => status === 200);
  expect(winners).toHaveLength(1);
  for (const [, answer] of answers)
    if (answer.status !== 200) expect(codeOf(answer)).toEqual([409, "CODE_ALREADY_DECIDED"]);
  const { username } = await standing(house, (await poll(house, token)).body.token);
  expect(username).toBe((winners[0]?.[0] ?? 0) % 2 === 0 ? "ada" : "bob");
});

test("of authorizing and denying at once one wins, and the device hears of that one", async () => {
  await using house = await start();
  const ada = await person(house, "ada");
  for (let round = 0; round < 20; round++) {
    const { code, token } = await waiting(house);
    const answers = await Promise.all(
      ["authorize", "deny", "authorize", "deny"].map(async (question, n) => {
        if ((round + n) % 3 === 0) await Promise.resolve();
        return [question, await ask(house, question as "deny", code, ada)] as const;
      }),
    );
    const winners = answers.filter(([, { status }]) => status === 200);
    expect(winners).toHaveLength(1);
    const expected = winners[0]?.[0] === "authorize" ? "authorized" : "invalid";
    expect((await poll(house, token)).body.status).toBe(expected);
  }
});

test("fifty polls at once: one token, one session", async () => {
  await using house = await start();
  const ada = await person(house, "ada");
  const { code, token } = await waiting(house);
  await ask(house, "authorize", code, ada);
  const answers = await fifty(() => poll(house, token));
  expect(answers.filter(({ body }) => body.status === "authorized")).toHaveLength(1);
  expect(answers.filter(({ text }) => text === '{"status":"invalid"}')).toHaveLength(49);
  const sessions = (await house.get("/auth/sessions", ada)).body;
  expect(sessions.filter(({ kind }: { kind: string }) => kind === "mobile")).toHaveLength(1);
});

test("looking decides nothing: not at the code, not at the page it names, with whatever cookie", async () => {
  await using house = await start();
  const ada = await person(house, "ada");
  const { code, token } = await waiting(house);
  const asked = { ...ada, cookie: `housekey=${ada.token}` };
  for (const path of [`/device?code=${code}`, `/auth/device?code=${code}`, `/link?code=${code}`])
    await house.get(path, asked);
  for (const question of ["authorize", "deny"])
    expect((await house.get(`/api/auth/device/${question}?code=${code}`, asked)).status).toBe(404);
  expect((await poll(house, token)).body).toEqual({ status: "pending" });
});

test("a cookie decides only from an own page", async () => {
  await using house = await start();
  const { token } = await person(house, "ada");
  const { code } = await waiting(house);
  const cookie = `housekey=${token}`;
  for (const origin of ["https://evil.example", null])
    for (const question of ["info", "authorize", "deny", "link/status"] as const)
      expect(codeOf(await ask(house, question, code, { cookie, origin }))).toEqual([
        403,
        "ORIGIN_NOT_ALLOWED",
      ]);
  expect((await ask(house, "authorize", code, { cookie })).status).toBe(200);
});

test("only who is signed in is answered about a code", async () => {
  await using house = await start();
  const { code } = await waiting(house);
  const ada = await house.addUser("ada");
  const { token, id } = await house.addSession(ada);
  await house.delete(`/auth/sessions/${id}`, { token });
  const gone = await house.addSession(await house.addUser("gone", { disabledAt: null }));
  await house.core.store.write((tx) => tx.sessions.end(gone.id, null, house.core.clock()));
  for (const who of [{}, { token }, { token: gone.token }, { token: "0".repeat(96) }, { token: "x.y.z" }])
    for (const question of ["info", "authorize", "deny", "link/status"] as const)
      expect(codeOf(await ask(house, question, code, who))).toEqual([401, "UNAUTHENTICATED"]);
});

test("codes and tokens that are none, mistyped, oversized or hostile", async () => {
  await using house = await start();
  const ada = await person(house, "ada");
  for (const code of ["ZZZZ-2222", "zzzzzz", "0000-0000", "' or 1=1", "\u202eABCD", "💥💥💥💥", "-"])
    for (const question of ["info", "authorize", "deny", "link/status"] as const)
      expect(codeOf(await ask(house, question, code, ada))).toEqual([404, "NOT_FOUND"]);
  for (const code of [undefined, null, "", 12_345_678, ["ABCD-2345"], { a: 1 }, "x".repeat(33)])
    expect(codeOf(await ask(house, "authorize", code, ada))).toEqual([400, "INVALID_REQUEST"]);
  for (const token of [
    undefined,
    null,
    "",
    "ab",
    5,
    "A".repeat(64),
    "g".repeat(64),
    "a".repeat(63),
    "a".repeat(65),
  ])
    expect(codeOf(await poll(house, token))).toEqual([400, "INVALID_REQUEST"]);
  expect((await poll(house, "a".repeat(64))).body).toEqual({ status: "invalid" });
  for (const clientType of ["cli", "web", "", 5, null])
    expect(codeOf(await house.post("/api/auth/device/create", { clientType }))).toEqual([
      400,
      "INVALID_REQUEST",
    ]);
});

test("no secret of this does another's work", async () => {
  await using house = await start();
  const ada = await person(house, "ada");
  const { code, token } = await waiting(house);
  for (const wrong of [token, code, code.replace("-", "")]) {
    expect((await house.get("/auth/sessions/current", { token: wrong })).status).toBe(401);
    expect((await house.get("/auth/sessions/current", { cookie: `housekey=${wrong}` })).status).toBe(401);
    expect((await house.post("/api/auth/logout", { token: wrong })).status).toBe(400);
  }
  for (const wrong of [ada.token, code]) expect((await poll(house, wrong)).status).toBe(400);
  for (const wrong of [token, ada.token])
    expect((await ask(house, "authorize", wrong, ada)).status).toBe(400);
  expect((await poll(house, token)).body).toEqual({ status: "pending" });
});

test("the audit names the device to whoever let it in, and never a code or a token", async () => {
  await using house = await start();
  const ada = await person(house, "ada");
  const [first, second] = [await waiting(house, from("10.0.0.7", "tv/1.0")), await waiting(house)];
  await ask(house, "authorize", first.code, { ...ada, ...from("10.0.0.1") });
  await ask(house, "deny", second.code, ada);
  const given = (await poll(house, first.token)).body.token;
  const { events } = (await house.get("/auth/audit", ada)).body;
  const about = (event: string) => events.find((one: { event: string }) => one.event === event);
  expect(about("device.authorized")).toMatchObject({ ip: "10.0.0.1", reason: "mobile: tv at 10.0.0.7" });
  expect(about("device.denied")).toMatchObject({ reason: expect.stringContaining("at 10.0.0.7") });
  expect(about("device.claimed")).toMatchObject({
    ip: "10.0.0.7",
    user_agent: "tv/1.0",
    methods: ["device"],
  });
  expect(about("signin.succeeded")).toMatchObject({ ip: "10.0.0.7", methods: ["device"] });
  const told = [...house.lines, JSON.stringify(events)].join("\n");
  for (const secret of [first.code, first.token, second.code, given]) expect(told).not.toContain(secret);
});
