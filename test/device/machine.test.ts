/** Device codes of the machine surface: short, and the handle themselves. */
import { expect, test } from "bun:test";
import { mintCode } from "../../src/identity/device-code.ts";
import {
  ask,
  codeOf,
  fifty,
  from,
  person,
  poll,
  pollShort,
  shortCode,
  standing,
  start,
  waiting,
} from "./steps.ts";

const cli = from("10.0.0.7", "housekey/0.1.0 (linux)");

test("a command line shows a code, a person lets it in, and the token comes once", async () => {
  await using house = await start();
  const ada = await person(house, "ada");
  const made = await house.post("/v1/auth/device-code", { intent: "login" }, cli);
  const { code } = made.body;
  expect([made.status, made.body]).toEqual([
    200,
    {
      code: expect.stringMatching(/^[A-HJKMNP-Z2-9]{6}$/),
      verification_url: `http://localhost:8420/device?code=${code}`,
      expires_at: Date.parse("2026-01-01T00:10:00Z") / 1000,
      interval: 5,
    },
  ]);
  expect((await pollShort(house, code)).body).toEqual({ status: "pending" });
  const typed = `${code.slice(0, 3)}-${code.slice(3)}`.toLowerCase();
  expect((await ask(house, "info", typed, ada)).body).toMatchObject({
    clientType: "cli",
    ipAddress: "10.0.0.7",
    userAgent: "housekey/0.1.0 (linux)",
  });
  expect((await ask(house, "authorize", typed, ada)).status).toBe(200);
  const { body } = await pollShort(house, code.toLowerCase(), from("10.0.0.7", "curl/8"));
  expect(body).toEqual({ status: "authorized", token: expect.stringMatching(/^[0-9a-f]{96}$/) });
  expect((await pollShort(house, code)).body).toEqual({ status: "claimed" });
  expect(await standing(house, body.token)).toMatchObject({
    kind: "cli",
    methods: ["device"],
    ip: "10.0.0.7",
    user_agent: "housekey/0.1.0 (linux)",
    device: "housekey on Linux",
  });
  expect((await ask(house, "link/status", code, ada)).body).toEqual({ status: "claimed" });
});

test("nothing at all and an empty object make a code; another intent does not", async () => {
  await using house = await start();
  for (const body of [undefined, {}, { intent: null }, { colour: "red" }])
    expect((await house.post("/v1/auth/device-code", body)).status).toBe(200);
  for (const intent of ["register", "", 5, ["login"], {}])
    expect(codeOf(await house.post("/v1/auth/device-code", { intent }))).toEqual([400, "INVALID_REQUEST"]);
});

test("a code that was denied says so, to its own address", async () => {
  await using house = await start();
  const ada = await person(house, "ada");
  const code = await shortCode(house);
  await ask(house, "deny", code, ada);
  expect((await pollShort(house, code)).body).toEqual({ status: "denied" });
  expect((await pollShort(house, code, from("10.0.0.8"))).body).toEqual({ status: "expired" });
});

test("another address with the right code hears `expired`, whatever became of it, and never gets the token", async () => {
  await using house = await start();
  const ada = await person(house, "ada");
  const code = await shortCode(house);
  const elsewhere = () => pollShort(house, code, from("10.0.0.8"));
  expect((await elsewhere()).body).toEqual({ status: "expired" });
  await ask(house, "authorize", code, ada);
  for (const answer of await fifty(elsewhere)) expect(answer.body).toEqual({ status: "expired" });
  expect((await pollShort(house, code)).body.status).toBe("authorized");
  expect((await elsewhere()).body).toEqual({ status: "expired" });
});

test("unknown, expired, another's, and no code at all: the same answer to the byte", async () => {
  await using house = await start({ limit_poll: { count: 30, seconds: 60 } });
  const ada = await person(house, "ada");
  const long = (await waiting(house)).code;
  const [expired, authorized, denied] = [
    await shortCode(house),
    await shortCode(house),
    await shortCode(house),
  ];
  await ask(house, "authorize", authorized, ada);
  await ask(house, "deny", denied, ada);
  house.advance(600);
  const others = await shortCode(house, from("10.0.0.8"));
  const answers = [];
  for (const code of [
    mintCode(6),
    expired,
    authorized,
    denied,
    others,
    long,
    "nonsense",
    "%00",
    "x".repeat(500),
  ]) {
    // A minute each, so that nobody is limited.
    house.advance(60);
    const { status, text, headers } = await pollShort(house, code);
    const names = [...headers].filter(([name]) => name !== "x-request-id");
    answers.push(JSON.stringify([status, text, names]));
  }
  expect(new Set(answers).size).toBe(1);
  expect(answers[0]).toContain('"{\\"status\\":\\"expired\\"}"');
});

test("asking with HEAD never claims", async () => {
  await using house = await start();
  const ada = await person(house, "ada");
  const code = await shortCode(house);
  await ask(house, "authorize", code, ada);
  for (let n = 0; n < 3; n++) {
    const request = new Request(`http://localhost:8420/v1/auth/device-code/${code}`, {
      method: "HEAD",
      headers: { "x-forwarded-for": "10.0.0.7" },
    });
    const answer = await house.app.handle(request);
    expect([answer.status, await answer.text()]).toEqual([200, ""]);
  }
  expect((await pollShort(house, code)).body.status).toBe("authorized");
});

test("fifty polls at once: one token", async () => {
  await using house = await start();
  const ada = await person(house, "ada");
  const code = await shortCode(house);
  await ask(house, "authorize", code, ada);
  const answers = await fifty(() => pollShort(house, code));
  expect(answers.filter(({ body }) => body.status === "authorized")).toHaveLength(1);
  expect(answers.filter(({ text }) => text === '{"status":"claimed"}')).toHaveLength(49);
});

test("a handle of one surface is none on the other", async () => {
  await using house = await start();
  const ada = await person(house, "ada");
  const { code, token } = await waiting(house);
  await ask(house, "authorize", code, ada);
  for (const handle of [code, code.replace("-", ""), token])
    expect((await pollShort(house, handle)).body).toEqual({ status: "expired" });
  expect((await poll(house, token)).body.status).toBe("authorized");
});

test("credentials are ignored: the code is nobody's, and anybody may let it in", async () => {
  await using house = await start();
  const [ada, bob] = [await person(house, "ada"), await person(house, "bob")];
  const evil = { cookie: `housekey=${ada.token}`, origin: "https://evil.example" };
  for (const who of [ada, { token: "nonsense" }, evil]) {
    const made = await house.post("/v1/auth/device-code", {}, who);
    expect((await ask(house, "authorize", made.body.code, bob)).status).toBe(200);
    expect((await ask(house, "link/status", made.body.code, ada)).status).toBe(404);
  }
});

test("on this surface nobody who is signed in is missing by another word", async () => {
  await using house = await start();
  expect(codeOf(await house.get("/v1/auth/nothing"))).toEqual([404, "NOT_FOUND"]);
  expect(codeOf(await house.post(`/v1/auth/device-code/${mintCode(6)}`))).toEqual([404, "NOT_FOUND"]);
  expect(codeOf(await house.get("/v1/auth/device-code"))).toEqual([404, "NOT_FOUND"]);
});
