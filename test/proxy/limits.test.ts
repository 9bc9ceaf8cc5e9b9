/** Guessing through a proxy is counted for who guesses, not for the proxy. */
import { beforeAll, expect, test } from "bun:test";
import { requireBinary } from "../binary.ts";
import { kinds } from "./front.ts";
import { cookieOf, newScene } from "./scene.ts";

beforeAll(requireBinary);

const most = 600;

test.each(kinds)(
  "behind %s: who tries wrong credentials is slowed down, and nobody else",
  async (kind) => {
    await using scene = await newScene(kind);
    const guess = (asked: { from?: string; lines?: string[] } = {}) =>
      scene.ask(1, { lines: [`Authorization: Bearer ${"0".repeat(96)}`], ...asked });
    for (let tries = 0; tries < most; tries += 50) {
      // Somebody else's address in a header makes nobody another one.
      const lines = [`Authorization: Bearer ${"0".repeat(96)}`, `X-Forwarded-For: 203.0.113.${tries / 50}`];
      const answers = await Promise.all(Array.from({ length: 50 }, () => guess({ lines })));
      expect(answers.map(({ status }) => status).filter((status) => status !== 401)).toEqual([]);
    }
    // nginx knows no answer but yes and no, so that it calls this one a fault.
    expect((await guess()).status).toBe(kind === "nginx" ? 500 : 429);
    expect((await guess({ from: "127.0.0.8" })).status).toBe(401);
    expect((await guess({ lines: [cookieOf(scene.admin)] })).status).toBe(200);
  },
  30_000,
);
