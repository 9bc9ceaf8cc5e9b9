/** Stopping, on the executable: what is under way is finished, what was written is in the database, and it takes no time. */
import { beforeAll, expect, test } from "bun:test";
import { existsSync, statSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { bootstrap, emptyFolder, type House, requireBinary, speak, startHouse } from "../binary.ts";

beforeAll(requireBinary);

/** A sign-in whose body is on its way. */
function slowSignIn(house: House, body: string) {
  const { promise, resolve } = Promise.withResolvers<string>();
  let heard = "";
  const socket = connect({ host: "127.0.0.1", port: Number(new URL(house.url).port) });
  socket.on("data", (chunk) => {
    heard += chunk;
  });
  socket.once("error", () => resolve(heard));
  socket.once("close", () => resolve(heard));
  const head = ["POST /auth/local/login HTTP/1.1", "Host: localhost", "Content-Type: application/json"];
  socket.write(`${[...head, `Content-Length: ${body.length}`].join("\r\n")}\r\n\r\n${body.slice(0, 5)}`);
  return { end: () => socket.write(body.slice(5)), answer: promise };
}

/** The log beside the database; nothing when it is folded in. */
function walSize({ data }: House): number {
  const path = join(data, "housekey.db-wal");
  return existsSync(path) ? statSync(path).size : 0;
}

test("a request under way is answered, the log is folded into the database, and all of it is quick", async () => {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path });
  const { body } = await bootstrap(house);
  expect(walSize(house)).toBeGreaterThan(0);
  const slow = slowSignIn(house, JSON.stringify({ username: "ada", password: "analytical engine" }));
  await Bun.sleep(200);
  const began = performance.now();
  const stopped = house.stop();
  await Bun.sleep(500);
  expect(house.child.exitCode).toBeNull();
  // Nobody new gets in meanwhile.
  await expect(speak(house, "GET", "/healthz")).rejects.toThrow();
  slow.end();
  expect(await slow.answer).toStartWith("HTTP/1.1 201 Created");
  expect(await stopped).toBe(0);
  expect(performance.now() - began).toBeLessThan(4000);
  expect(walSize(house)).toBe(0);
  const again = await startHouse({ cwd: folder.path });
  const list = await speak(again, "GET", "/auth/sessions", { token: body.token });
  expect(list.body).toHaveLength(2);
  await again.stop();
}, 30_000);

test("a request that never ends does not hold the stop up for more than ten seconds", async () => {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path });
  await bootstrap(house);
  const stuck = slowSignIn(house, JSON.stringify({ username: "ada", password: "analytical engine" }));
  await Bun.sleep(200);
  const began = performance.now();
  expect(await house.stop()).toBe(0);
  expect(performance.now() - began).toBeLessThan(10_000);
  expect(await stuck.answer).not.toContain("201 Created");
  expect(walSize(house)).toBe(0);
}, 30_000);
