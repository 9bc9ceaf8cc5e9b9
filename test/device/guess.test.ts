/** How often anybody may be wrong about a code, and how often a device may ask. */
import { expect, test } from "bun:test";
import { mintCode } from "../../src/identity/device-code.ts";
import type { Values } from "../../src/names.ts";
import type { Answered } from "../harness.ts";
import {
  ask,
  codeOf,
  create,
  fifty,
  from,
  person,
  poll,
  pollShort,
  shortCode,
  start,
  waiting,
} from "./steps.ts";

const limited = (rows: Values = {}) =>
  start({ limit_device: { count: 10, seconds: 3600 }, limit_poll: { count: 30, seconds: 60 }, ...rows });

const count = (answers: readonly Answered[], status: number): number =>
  answers.filter((answer) => answer.status === status).length;

const address = (n: number): string => `10.1.${n}.1`;
const thousand = <T>(act: (n: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: 1000 }, (_, n) => act(n)));

/** Every 429 says when to come back, and what the limit is. */
function told(answer: Answered | undefined, limit: number): void {
  const { headers } = answer ?? { headers: new Headers() };
  const [retry, all, left, reset] = [
    "retry-after",
    "ratelimit-limit",
    "ratelimit-remaining",
    "ratelimit-reset",
  ].map((name) => headers.get(name));
  expect([answer?.body.error.code, all, left, retry === reset]).toEqual([
    "RATE_LIMITED",
    String(limit),
    "0",
    true,
  ]);
  expect(Number(retry)).toBeGreaterThan(0);
}

const questions = ["info", "authorize", "deny", "link/status"] as const;
const question = (n: number) => questions[n % 4] ?? "info";

test("a thousand wrong codes of one account, from fifty addresses: ten are looked at", async () => {
  await using house = await limited();
  const ada = await person(house, "ada");
  const answers = await thousand((n) =>
    ask(house, question(n), mintCode(n % 2 ? 8 : 6), { ...ada, ...from(address(n % 50)) }),
  );
  expect([count(answers, 404), count(answers, 429)]).toEqual([10, 990]);
  told(
    answers.find(({ status }) => status === 429),
    10,
  );
});

test("of fifty accounts behind one address ten guesses are looked at, one after the other or at once", async () => {
  await using house = await limited();
  const people = await fifty((n) => person(house, `user${n}`));
  const at = from("10.0.0.1");
  const inTurn: Answered[] = [];
  for (const who of people.slice(0, 25))
    inTurn.push(await ask(house, "info", mintCode(8), { ...who, ...at }));
  expect(count(inTurn, 404)).toBe(10);
  const elsewhere = from("10.0.0.2");
  const atOnce = await Promise.all(
    people.map((who, n) => ask(house, question(n), mintCode(8), { ...who, ...elsewhere })),
  );
  expect(count(atOnce, 404)).toBe(10);
});

test("a thousand wrong codes of fifty accounts from fifty addresses: ten of each", async () => {
  await using house = await limited();
  const people = await fifty((n) => person(house, `user${n}`));
  const answers = await thousand((n) =>
    ask(house, "authorize", mintCode(8), { ...(people[n % 50] ?? {}), ...from(address(n % 50)) }),
  );
  expect(count(answers, 404)).toBe(500);
});

test("whoever has guessed too often is not answered about right codes either, for an hour", async () => {
  await using house = await limited();
  const ada = await person(house, "ada");
  for (let n = 0; n < 10; n++) await ask(house, "info", mintCode(8), { ...ada, ...from(address(n)) });
  const { code } = await waiting(house);
  for (const one of questions) told(await ask(house, one, code, ada), 10);
  house.advance(3540);
  const later = await waiting(house, from("10.0.0.8"));
  expect(codeOf(await ask(house, "authorize", later.code, ada))).toEqual([429, "RATE_LIMITED"]);
  house.advance(60);
  expect((await ask(house, "authorize", later.code, ada)).status).toBe(200);
});

test("among guesses that come at once a right one is no better: past the tenth all hear the same", async () => {
  await using house = await limited();
  const ada = await person(house, "ada");
  const { code, token } = await waiting(house);
  const guesses = fifty((n) => ask(house, "authorize", n === 30 ? code : mintCode(8), ada));
  expect(count(await guesses, 404)).toBe(10);
  expect((await guesses)[30]?.status).toBe(429);
  expect((await poll(house, token)).body).toEqual({ status: "pending" });
});

test("right codes are no guesses, however often they are asked about", async () => {
  await using house = await limited();
  const ada = await person(house, "ada");
  const { code } = (await create(house, ada)).body;
  for (let n = 0; n < 100; n++) expect((await ask(house, "link/status", code, ada)).status).toBe(200);
  await ask(house, "deny", code, ada);
  for (let n = 0; n < 20; n++) expect((await ask(house, "info", code, ada)).status).toBe(409);
  expect((await ask(house, "info", mintCode(8), ada)).status).toBe(404);
});

test("who is not signed in makes ten codes an hour from an address, on both surfaces together, wrong ones counted", async () => {
  await using house = await limited();
  const at = from("10.0.0.1");
  for (let n = 0; n < 3; n++) {
    expect((await create(house, at)).status).toBe(200);
    expect((await house.post("/v1/auth/device-code", {}, at)).status).toBe(200);
    expect((await create(house, at, "toaster")).status).toBe(400);
  }
  expect((await create(house, at)).headers.get("ratelimit-remaining")).toBe("0");
  told(await create(house, at), 10);
  told(await create(house, { ...at, token: "0".repeat(96) }), 10);
  told(await house.post("/v1/auth/device-code", {}, at), 10);
  expect((await create(house, from("10.0.0.2"))).status).toBe(200);
  // Who is signed in has no part in it.
  const ada = await person(house, "ada");
  for (let n = 0; n < 30; n++) expect((await create(house, { ...ada, ...at })).status).toBe(200);
  told(await house.post("/v1/auth/device-code", {}, { ...ada, ...at }), 10);
  house.advance(3600);
  expect((await create(house, at)).status).toBe(200);
});

test("a device polls thirty times a minute, whatever others do, and from wherever", async () => {
  await using house = await limited();
  const [one, two] = [await waiting(house), await waiting(house)];
  const answers = await fifty((n) => poll(house, one.token, from(address(n))));
  expect([count(answers, 200), count(answers, 429)]).toEqual([30, 20]);
  told(
    answers.find(({ status }) => status === 429),
    30,
  );
  expect((await poll(house, two.token)).status).toBe(200);
  house.advance(60);
  expect((await poll(house, one.token)).body).toEqual({ status: "pending" });
});

test("a command line polls thirty times a minute, and others at its address do not use that up", async () => {
  await using house = await limited();
  const [one, two] = [await shortCode(house), await shortCode(house)];
  const answers = await fifty(() => pollShort(house, one));
  expect([count(answers, 200), count(answers, 429)]).toEqual([30, 20]);
  expect((await pollShort(house, two)).body).toEqual({ status: "pending" });
});

test("a thousand polls of short codes that are none, from fifty addresses: six of each a minute", async () => {
  await using house = await limited();
  const answers = await thousand((n) => pollShort(house, mintCode(6), from(address(n % 50))));
  expect(count(answers, 200)).toBe(300);
  told(
    answers.find(({ status }) => status === 429),
    6,
  );
  house.advance(60);
  expect((await pollShort(house, mintCode(6), from(address(1)))).status).toBe(200);
});

test("a guesser at the device's own address learns nothing from the seventh poll on, not even of a hit", async () => {
  await using house = await limited();
  const code = await shortCode(house);
  const guesses = await fifty((n) => pollShort(house, n === 40 ? code : mintCode(6)));
  expect([count(guesses, 200), guesses[40]?.status]).toEqual([6, 429]);
  house.advance(60);
  expect((await pollShort(house, code)).body).toEqual({ status: "pending" });
});

test("a /64 is one address, to guess from and to poll from", async () => {
  await using house = await limited();
  const code = await shortCode(house, from("2001:db8:0:7::1"));
  expect((await pollShort(house, code, from("2001:db8:0:7:ffff::2"))).body).toEqual({ status: "pending" });
  expect((await pollShort(house, code, from("2001:db8:0:8::1"))).body).toEqual({ status: "expired" });
  const answers = await fifty((n) => pollShort(house, mintCode(6), from(`2001:db8:0:9::${n + 1}`)));
  expect(count(answers, 200)).toBe(6);
});

test("switched off, the limit on polls lets everybody guess; the other rows stay", async () => {
  await using house = await limited({ limit_poll: "off" });
  const ada = await person(house, "ada");
  for (let n = 0; n < 40; n++) {
    expect((await ask(house, question(n), mintCode(8), ada)).status).toBe(404);
    expect((await pollShort(house, mintCode(6))).status).toBe(200);
  }
  for (let n = 0; n < 10; n++) await create(house);
  expect((await create(house)).status).toBe(429);
});
