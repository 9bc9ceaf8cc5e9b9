/** Guessing is counted, for whoever guesses; using what is right never is. */
import { expect, test } from "bun:test";
import type { Appliance } from "../harness.ts";
import {
  app,
  asks,
  basic,
  bearer,
  cookie,
  forwarded,
  identity,
  makeKey,
  nobody,
  openGuard,
} from "./guard.ts";

const told = forwarded(app);
const from = (address: string) => ({ "x-forwarded-for": address });

async function withAda(work: (guard: Appliance, token: string) => Promise<void>): Promise<void> {
  await using guard = await openGuard();
  const { token } = await guard.addSession(await guard.addUser("ada"));
  await work(guard, token);
}

test("a thousand requests of somebody signed in are no reason to refuse one", () =>
  withAda(async (guard, token) => {
    const { key } = await makeKey(guard, token);
    for (let n = 0; n < 350; n++)
      for (const shown of [cookie(token), bearer(token), basic("ada", key)])
        expect((await asks(guard, { ...told, ...shown })).status).toBe(200);
    for (let n = 0; n < 700; n++) expect((await asks(guard, told)).status).toBe(401);
    expect((await guard.get("/auth/options")).status).toBe(200);
  }));

test("wrong credentials are counted by the address they come from, not by the proxy's", () =>
  withAda(async (guard, token) => {
    const guesses = [bearer("wrong"), cookie("0".repeat(96)), basic("ada", "wrong"), { authorization: "x" }];
    for (let n = 0; n < 600; n++)
      expect((await asks(guard, { ...told, ...guesses[n % 4], ...from("203.0.113.9") })).status).toBe(401);
    const refused = await asks(guard, { ...told, ...bearer("wrong"), ...from("203.0.113.9") });
    expect([refused.status, refused.body.error.code, identity(refused)]).toEqual([
      429,
      "RATE_LIMITED",
      nobody,
    ]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    // Somebody else, somebody who is signed in there, and somebody who shows nothing are not.
    const others = [{ ...bearer("wrong"), ...from("203.0.113.10") }, from("203.0.113.9")];
    for (const other of others) expect((await asks(guard, { ...told, ...other })).status).toBe(401);
    const good = await asks(guard, { ...told, ...bearer(token), ...from("203.0.113.9") });
    expect(good.status).toBe(200);
    guard.advance(60);
    expect((await asks(guard, { ...told, ...bearer("wrong"), ...from("203.0.113.9") })).status).toBe(401);
  }));

test("of 700 guesses at once, six hundred are looked at", () =>
  withAda(async (guard) => {
    const answers = await Promise.all(
      Array.from({ length: 700 }, () => asks(guard, { ...told, ...bearer("0".repeat(96)) })),
    );
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(600);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(100);
  }));
