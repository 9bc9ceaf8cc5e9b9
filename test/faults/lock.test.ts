/** Another process holds the database's write lock: a backup, a shell, a stuck command. */
import { beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import {
  admin,
  bootstrap,
  emptyFolder,
  type House,
  requireBinary,
  type Spoken,
  speak,
  startHouse,
} from "../binary.ts";

beforeAll(requireBinary);

/** A house with an admin who is signed in. */
async function opened() {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(emptyFolder());
  const house = await startHouse({ cwd: folder.path, env: { HOUSEKEY_LIMIT_SIGNIN: "off" } });
  stack.defer(() => house.kill());
  const { body } = await bootstrap(house);
  const kept = stack.move();
  return { house, token: String(body.token), [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Takes the lock in a process of its own, until it is told to let go or this process ends. */
async function holdLock(house: House) {
  const code = `
    const { Database } = require("bun:sqlite");
    const db = new Database(process.env.DATABASE, { readwrite: true, create: false });
    db.run("BEGIN IMMEDIATE");
    db.run("UPDATE house SET value = value");
    console.log("held");
    for await (const _ of console) {}
    db.run("ROLLBACK");
  `;
  const child = Bun.spawn([process.execPath, "-e", code], {
    env: { ...process.env, DATABASE: join(house.data, "housekey.db") },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const { done } = await child.stdout.getReader().read();
  if (done) throw new Error("the other process did not get the lock");
  async function release(): Promise<void> {
    await child.stdin.end();
    await child.exited;
  }
  return { release, [Symbol.asyncDispose]: release };
}

const login = (house: House): Promise<Spoken> => speak(house, "POST", "/auth/local/login", { body: admin });
const ready = (house: House): Promise<Spoken> => speak(house, "GET", "/readyz");

interface Timed {
  readonly answer: Spoken;
  readonly seconds: number;
}

async function timed(asking: Promise<Spoken>): Promise<Timed> {
  const started = performance.now();
  const answer = await asking;
  return { answer, seconds: (performance.now() - started) / 1000 };
}

/** Asked again and again; what the limit per address counts, only now and then. */
const checks = ["/healthz", "/auth/sessions/current"];
const lists = ["/auth/sessions", "/auth/settings"];

/** Reads for `seconds`, one after the other; each must be answered, and none waits for the lock. */
async function readFor(seconds: number, house: House, token: string): Promise<number> {
  const end = performance.now() + seconds * 1000;
  let rounds = 0;
  while (performance.now() < end) {
    for (const path of rounds % 100 === 0 ? [...checks, ...lists] : checks) {
      const read = await timed(speak(house, "GET", path, { token }));
      expect([path, read.answer.status]).toEqual([path, 200]);
      expect(read.seconds).toBeLessThan(0.75);
    }
    rounds++;
  }
  return rounds;
}

test("held for three seconds, reads go on as ever, and what wants to write waits and succeeds", async () => {
  await using opening = await opened();
  const { house, token } = opening;
  await using lock = await holdLock(house);
  let answered = 0;
  const waiting = [login(house), login(house), ready(house)].map((asking) =>
    asking.finally(() => answered++),
  );
  // Even a slow machine answers more than one round in a tenth of a second.
  expect(await readFor(3, house, token)).toBeGreaterThan(30);
  expect(answered).toBe(0);
  await lock.release();
  const answers = await Promise.all(waiting);
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 200]);
  for (const { body } of answers.slice(0, 2)) {
    const check = await speak(house, "GET", "/auth/sessions/current", { token: String(body.token) });
    expect(check.status).toBe(200);
  }
}, 20_000);

test("held for longer than five seconds, writes are refused and say when to come back, and then they work", async () => {
  await using opening = await opened();
  const { house, token } = opening;
  await using lock = await holdLock(house);
  const waiting = Promise.all([timed(login(house)), timed(ready(house))]);
  expect(await readFor(4, house, token)).toBeGreaterThan(40);
  for (const { answer, seconds } of await waiting) {
    expect(answer.status).toBe(503);
    expect(answer.body.error.code).toBe("STORE_UNAVAILABLE");
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(seconds).toBeGreaterThan(4.9);
  }
  await readFor(0.1, house, token);
  await lock.release();
  expect((await login(house)).status).toBe(201);
  expect((await ready(house)).status).toBe(200);
  expect(house.child.exitCode).toBeNull();
}, 30_000);

test("who asks while others wait for the lock waits no longer than they do", async () => {
  await using opening = await opened();
  const { house, token } = opening;
  await using _lock = await holdLock(house);
  const first = timed(ready(house));
  await readFor(1, house, token);
  const second = timed(ready(house));
  for (const { answer, seconds } of await Promise.all([first, second])) {
    expect(answer.status).toBe(503);
    expect(seconds).toBeLessThan(7);
  }
}, 30_000);
