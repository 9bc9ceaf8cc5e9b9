/** Between a person's yes and the device's next poll. */
import { expect, test } from "bun:test";
import { sweepDevices } from "../../src/identity/device.ts";
import { hashSecret } from "../../src/identity/secret.ts";
import { type Appliance, password } from "../harness.ts";
import { ask, fifty, from, person, poll, pollShort, shortCode, standing, start, waiting } from "./steps.ts";

type Who = Awaited<ReturnType<typeof person>>;

const root = async (house: Appliance) => house.addSession(await house.addUser("root", { role: "admin" }));
const tokens = async (house: Appliance) => ({ token: (await root(house)).token });

/** What an account must survive, and what becomes of a device that was let in before. */
const shutOut: Record<string, (house: Appliance, ada: Who) => Promise<{ status: number }>> = {
  "was disabled": async (house, { id }) =>
    house.call("PATCH", `/auth/users/${id}`, { ...(await tokens(house)), body: { disabled: true } }),
  "was disabled and enabled again": async (house, { id }) => {
    const asked = await tokens(house);
    await house.call("PATCH", `/auth/users/${id}`, { ...asked, body: { disabled: true } });
    return house.call("PATCH", `/auth/users/${id}`, { ...asked, body: { disabled: false } });
  },
  "was deleted": async (house, { id }) => house.delete(`/auth/users/${id}`, await tokens(house)),
  "signed out": (house, ada) => house.delete("/auth/sessions/current", ada),
  "was signed out by an admin": async (house) =>
    house.post("/auth/sessions/revoke-all", {}, await tokens(house)),
  "let the session run out": async (house) => {
    await house.core.store.write((tx) => tx.settings.put({ lifetimes: { idle: 60 } as never }));
    house.advance(61);
    return { status: 200 };
  },
  "got a new password by mail": async (house) => {
    await house.post("/api/v1/auth/otp/send", { email: "ada", purpose: "reset" });
    const code = await house.codeFor("ada@example.com");
    return house.post("/api/v1/auth/reset-password", {
      email: "ada",
      code,
      new_password: "difference engine",
    });
  },
  "was recovered": async (house, { id }) => {
    const { url } = (await house.post(`/auth/users/${id}/recovery`, {}, await tokens(house))).body;
    return house.post("/auth/recovery/complete", {
      token: url.split("#token=")[1],
      password: "difference engine",
    });
  },
};

for (const [what, happen] of Object.entries(shutOut))
  test(`a device gets nothing of somebody who ${what} in between`, async () => {
    await using house = await start();
    const ada = await person(house, "ada");
    const { code, token } = await waiting(house);
    const short = await shortCode(house);
    for (const one of [code, short]) expect((await ask(house, "authorize", one, ada)).status).toBe(200);
    expect((await happen(house, ada)).status).toBeLessThan(300);
    for (const _ of [1, 2]) {
      expect((await poll(house, token)).body).toEqual({ status: "invalid" });
      expect(["denied", "expired"]).toContain((await pollShort(house, short)).body.status);
    }
    const back = await house.post("/auth/local/login", { username: "ada", password });
    if (back.status !== 201) return;
    // Nor when they are back, and they hear that it came to nothing.
    expect((await poll(house, token)).body).toEqual({ status: "invalid" });
    expect((await ask(house, "link/status", code, back.body)).body).toEqual({ status: "expired" });
    const { events } = (await house.get("/auth/audit?event=device.claimed", back.body)).body;
    expect(events).toEqual([]);
  });

test("an account that is disabled gets no device in, however it was disabled", async () => {
  await using house = await start();
  const ada = await person(house, "ada");
  const { code, token } = await waiting(house);
  await ask(house, "authorize", code, ada);
  const { write } = house.core.store;
  // Past everything else that disabling does.
  await write((tx) => tx.users.update(ada.id, { disabledAt: new Date("2026-01-01") }));
  expect((await poll(house, token)).body).toEqual({ status: "invalid" });
  await write((tx) => tx.users.update(ada.id, { disabledAt: null }));
  expect((await poll(house, token)).body).toEqual({ status: "invalid" });
});

test("a reset voids the codes that its owner had made, and nobody else's", async () => {
  await using house = await start();
  const [ada, bob] = [await person(house, "ada"), await person(house, "bob")];
  const own = await waiting(house, ada);
  const others = await waiting(house, bob);
  const anybodys = await waiting(house);
  await shutOut["got a new password by mail"]?.(house, ada);
  const back = (await house.post("/auth/local/login", { username: "ada", password: "difference engine" }))
    .body;
  expect((await ask(house, "authorize", own.code, back)).status).toBe(409);
  expect((await poll(house, own.token)).body).toEqual({ status: "invalid" });
  expect((await ask(house, "authorize", anybodys.code, back)).status).toBe(200);
  expect((await ask(house, "authorize", others.code, bob)).status).toBe(200);
  for (const { token } of [anybodys, others])
    expect((await poll(house, token)).body.status).toBe("authorized");
});

test("a changed password keeps the session it was changed in, and with it the device that was let in there", async () => {
  await using house = await start();
  const ada = await person(house, "ada");
  const elsewhere = {
    token: (await house.post("/auth/local/login", { username: "ada", password })).body.token,
  };
  const [kept, lost] = [await waiting(house), await waiting(house)];
  await ask(house, "authorize", kept.code, ada);
  await ask(house, "authorize", lost.code, elsewhere);
  const change = { current_password: password, new_password: "difference engine" };
  expect((await house.post("/auth/password", change, ada)).status).toBe(204);
  expect((await poll(house, kept.token)).body.status).toBe("authorized");
  expect((await poll(house, lost.token)).body).toEqual({ status: "invalid" });
});

test("a claim and a disabling at once: no session of the device's survives", async () => {
  await using house = await start();
  const asked = await tokens(house);
  for (let round = 0; round < 50; round++) {
    const ada = await person(house, `ada${round}`);
    const { code, token } = await waiting(house);
    await ask(house, "authorize", code, ada);
    const disable = () =>
      house.call("PATCH", `/auth/users/${ada.id}`, { ...asked, body: { disabled: true } });
    const acts = [() => poll(house, token), disable];
    const answers = await Promise.all((round % 2 ? acts : acts.reverse()).map((act) => act()));
    const given = answers.map(({ body }) => body?.token).find((one) => one !== undefined);
    if (given !== undefined) expect(await standing(house, given)).toBe(401);
    expect((await poll(house, token)).body).toEqual({ status: "invalid" });
  }
});

test("a claim and a signing out at once: either the device came first, or it gets nothing", async () => {
  await using house = await start();
  for (let round = 0; round < 50; round++) {
    const ada = await person(house, `ada${round}`);
    const { code, token } = await waiting(house);
    await ask(house, "authorize", code, ada);
    const acts = [() => poll(house, token), () => house.delete("/auth/sessions", ada)];
    const answers = await Promise.all((round % 2 ? acts : acts.reverse()).map((act) => act()));
    const given = answers.map(({ body }) => body?.token).find((one) => one !== undefined);
    // It may have come first and be a session like any other; "all of them" then meant it, too.
    if (given !== undefined) expect(await standing(house, given)).toBe(401);
  }
});

test("a claim that cannot be written gives nothing away, and can be made again", async () => {
  await using house = await start();
  const ada = await person(house, "ada");
  const { code, token } = await waiting(house);
  await ask(house, "authorize", code, ada);
  const { write } = house.core.store;
  const full = async <T>(work: Parameters<typeof write<T>>[0]): Promise<T> =>
    write(async (tx) => {
      await work(tx);
      throw new Error("the disk is full");
    });
  Object.assign(house.core.store, { write: full });
  expect((await poll(house, token)).status).toBe(500);
  Object.assign(house.core.store, { write });
  expect((await house.get("/auth/sessions", ada)).body).toHaveLength(1);
  expect((await poll(house, token)).body.status).toBe("authorized");
});

test("link/status says what became of a code to who decided it, for a day, and to nobody else", async () => {
  await using house = await start();
  const [ada, bob] = [await person(house, "ada"), await person(house, "bob")];
  const { code, token } = await waiting(house);
  const status = (who: Who) => ask(house, "link/status", code, who);
  expect((await status(ada)).status).toBe(404);
  await ask(house, "authorize", code, ada);
  expect((await status(ada)).body).toEqual({ status: "authorized" });
  expect((await status(bob)).status).toBe(404);
  await poll(house, token);
  expect((await status(ada)).body).toEqual({ status: "claimed" });
  house.advance(86_400);
  await sweepDevices(house.core);
  expect((await status(ada)).body).toEqual({ status: "claimed" });
  house.advance(600);
  expect((await status(ada)).status).toBe(404);
  house.advance(1);
  const kept = () => house.core.store.read.devices.findByToken(hashSecret(token));
  expect(await kept()).not.toBeNull();
  await sweepDevices(house.core);
  expect(await kept()).toBeNull();
});

test("the account's address is told of a device at an address that is new to it", async () => {
  await using house = await start();
  const ada = await person(house, "ada");
  const { code, token } = await waiting(house, from("203.0.113.9", "tv/1.0"));
  await ask(house, "authorize", code, ada);
  await poll(house, token);
  const letters = await house.mailTo("ada@example.com");
  expect(letters.map(({ text }) => text).join()).toContain("203.0.113.9");
});

test("fifty of one person's devices at once are fifty sessions", async () => {
  await using house = await start();
  const ada = await person(house, "ada");
  const made = await fifty(() => waiting(house));
  await Promise.all(made.map(({ code }) => ask(house, "authorize", code, ada)));
  const polled = await Promise.all(made.map(({ token }) => poll(house, token)));
  expect(new Set(polled.map(({ body }) => body.token)).size).toBe(50);
});
