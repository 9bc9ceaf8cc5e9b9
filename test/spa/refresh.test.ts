import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { host } from "../../src/identity/actor.ts";
import { patchUser } from "../../src/identity/people.ts";
import { type Appliance, startAppliance } from "../harness.ts";
import { api, login, me, refresh } from "./tokens.ts";

async function withFamily(work: (house: Appliance, tokens: any, id: string) => Promise<void>): Promise<void> {
  await using house = await startAppliance();
  const { id } = await house.addUser("ada");
  await work(house, (await login(house)).body, id);
}

const events = (house: Appliance): string[] => {
  using db = new Database(`${house.folder}/housekey.db`, { readonly: true });
  return db
    .query<{ event: string }, []>("SELECT event FROM audit ORDER BY id")
    .all()
    .map(({ event }) => event);
};

test("a sign-in gives both tokens, and a refresh two new ones for the same session", () =>
  withFamily(async (house, first) => {
    expect(first).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      token_type: "Bearer",
      expires_in: 86_400,
      refresh_token: expect.stringMatching(/^[0-9a-f]{64}$/),
      refresh_expires_in: 604_800,
      user: expect.objectContaining({ username: "ada" }),
    });
    const next = await refresh(house, first.refresh_token);
    expect(next.status).toBe(200);
    expect(next.headers.get("cache-control")).toBe("no-store");
    expect(next.body.refresh_token).not.toBe(first.refresh_token);
    expect(await me(house, next.body.access_token)).toBe(200);
    expect(await me(house, first.access_token)).toBe(200);
    expect(
      (await house.get(`${api}/sessions`, { token: next.body.access_token })).body.sessions,
    ).toHaveLength(1);
  }));

test("a client whose answer got lost asks again within ten seconds and gets the same successor", () =>
  withFamily(async (house, first) => {
    const one = (await refresh(house, first.refresh_token)).body.refresh_token;
    house.advance(10);
    const two = (await refresh(house, first.refresh_token)).body.refresh_token;
    expect(two).toBe(one);
    expect((await refresh(house, one)).status).toBe(200);
  }));

test("a spent token that comes back later is theft: the session ends, the audit and a letter say why", () =>
  withFamily(async (house, first) => {
    const next = (await refresh(house, first.refresh_token)).body;
    house.advance(11);
    const reused = await refresh(house, first.refresh_token);
    expect([reused.status, reused.body.error.code]).toEqual([401, "INVALID_TOKEN"]);
    expect((await refresh(house, next.refresh_token)).status).toBe(401);
    expect(await me(house, next.access_token)).toBe(401);
    expect(events(house)).toContain("refresh.reused");
    const letters = await house.mailTo("ada@example.com");
    expect(letters).toHaveLength(1);
    // Knocking again changes nothing and writes no further letter.
    expect((await refresh(house, first.refresh_token)).text).toBe(reused.text);
    expect(await house.mailTo("ada@example.com")).toHaveLength(1);
  }));

test("a clock that is set back makes the grace no longer", () =>
  withFamily(async (house, first) => {
    const next = (await refresh(house, first.refresh_token)).body;
    house.advance(-11);
    expect((await refresh(house, first.refresh_token)).status).toBe(401);
    expect((await refresh(house, next.refresh_token)).status).toBe(401);
  }));

test("within the grace it is theft as well once the successor was spent", () =>
  withFamily(async (house, first) => {
    const next = (await refresh(house, first.refresh_token)).body;
    await refresh(house, next.refresh_token);
    expect((await refresh(house, first.refresh_token)).status).toBe(401);
    expect(await me(house, next.access_token)).toBe(401);
  }));

test("fifty at once with one token: one successor, no fork, and it works", () =>
  withFamily(async (house, first) => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(house, first.refresh_token)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const successors = new Set(answers.map(({ body }) => body.refresh_token));
    expect(successors.size).toBe(1);
    const [successor = ""] = successors;
    expect((await refresh(house, successor)).status).toBe(200);
    using db = new Database(`${house.folder}/housekey.db`, { readonly: true });
    expect(db.query("SELECT count(*) AS live FROM refreshes WHERE rotated_at IS NULL").get()).toEqual({
      live: 1,
    });
  }));

test("the same successor also across a restart; reuse is known there too", async () => {
  await using house = await startAppliance();
  await house.addUser("ada");
  const first = (await login(house)).body.refresh_token;
  const one = (await refresh(house, first)).body.refresh_token;
  await using again = await startAppliance({ folder: house.folder });
  expect((await refresh(again, first)).body.refresh_token).toBe(one);
  again.advance(11);
  expect((await refresh(again, first)).status).toBe(401);
  expect((await refresh(again, one)).status).toBe(401);
});

test("a refresh token lives a week, and no family outlives its session's end", () =>
  withFamily(async (house, first) => {
    let token = first.refresh_token;
    for (let days = 0; days < 28; days += 4) {
      house.advance(4 * 86_400);
      const { body } = await refresh(house, token);
      token = body.refresh_token;
      const left = (30 - days - 4) * 86_400;
      expect(body.refresh_expires_in).toBe(Math.min(604_800, left));
      expect(body.expires_in).toBe(Math.min(86_400, left));
    }
    house.advance(2 * 86_400);
    expect((await refresh(house, token)).status).toBe(401);
  }));

test("a refresh token that nobody used for a week is over, and that is no theft", () =>
  withFamily(async (house, first) => {
    house.advance(604_800);
    expect((await refresh(house, first.refresh_token)).status).toBe(401);
    expect(events(house)).not.toContain("refresh.reused");
  }));

test("whatever ends the session ends the family: sign-out, revocation, disabling, a new password, deletion", async () => {
  const endings: ((house: Appliance, id: string, tokens: any) => Promise<unknown>)[] = [
    (house, _, tokens) => house.post(`${api}/logout`, {}, { token: tokens.access_token }),
    (house, _, tokens) => house.post(`${api}/logout`, { refresh_token: tokens.refresh_token }),
    (house, id) => patchUser(house.core, host, id, { disabled: true }),
    (house, id) => house.core.store.write((tx) => tx.sessions.endAll(id, null, house.core.clock())),
    (house, id) => house.core.store.write((tx) => tx.users.delete(id)),
    async (house) => {
      const body = { username: "ada", password: "analytical engine" };
      const { token } = (await house.post("/auth/local/login", body)).body;
      const change = { current_password: body.password, new_password: "difference engine" };
      expect((await house.post("/auth/password", change, { token })).status).toBe(204);
    },
  ];
  for (const end of endings)
    await withFamily(async (house, tokens, id) => {
      await end(house, id, tokens);
      expect((await refresh(house, tokens.refresh_token)).status).toBe(401);
      expect(await me(house, tokens.access_token)).toBe(401);
    });
});

test("a refresh beside a disabling, a revocation and an ending never leaves a live family behind", async () => {
  for (let round = 0; round < 5; round++)
    await withFamily(async (house, tokens, id) => {
      const [answer] = await Promise.all([
        refresh(house, tokens.refresh_token),
        round % 2
          ? patchUser(house.core, host, id, { disabled: true })
          : house.core.store.write((tx) => tx.sessions.endAll(id, null, house.core.clock())),
        refresh(house, tokens.refresh_token),
      ]);
      const token = answer.status === 200 ? answer.body.refresh_token : tokens.refresh_token;
      expect((await refresh(house, token)).status).toBe(401);
      if (answer.status === 200) expect(await me(house, answer.body.access_token)).toBe(401);
    });
});

test("signing out takes a dead token without complaint, and no token at all with one", () =>
  withFamily(async (house, tokens) => {
    const out = (body: object | undefined, token?: string) =>
      house.post(`${api}/logout`, body, token === undefined ? {} : { token });
    expect((await out({ refresh_token: tokens.refresh_token })).status).toBe(204);
    expect((await out({ refresh_token: tokens.refresh_token })).status).toBe(204);
    expect((await out({ refresh_token: "nonsense" })).status).toBe(204);
    expect((await out(undefined, tokens.access_token)).status).toBe(204);
    expect((await out(undefined)).status).toBe(401);
    expect((await out({})).status).toBe(401);
  }));

test("a sign-out that a foreign page forges is refused before it has ended anything", () =>
  withFamily(async (house, tokens) => {
    const { cookie } = await house.post("/auth/local/login", {
      username: "ada",
      password: "analytical engine",
    });
    const forged = await house.post(
      `${api}/logout`,
      { refresh_token: tokens.refresh_token },
      { cookie, origin: "https://evil.example" },
    );
    expect([forged.status, forged.body.error.code]).toEqual([403, "ORIGIN_NOT_ALLOWED"]);
    expect(await me(house, tokens.access_token)).toBe(200);
    expect((await house.get("/auth/sessions/current", { cookie })).status).toBe(200);
  }));

test("no token of another kind refreshes, and a refresh token opens nothing else", () =>
  withFamily(async (house, tokens) => {
    const session = await house.post("/auth/local/login", { username: "ada", password: "analytical engine" });
    for (const wrong of [tokens.access_token, session.body.token, "f".repeat(64), "x"])
      expect((await refresh(house, wrong)).body.error.code).toBe("INVALID_TOKEN");
    for (const path of [`${api}/me`, "/auth/sessions/current"])
      expect((await house.get(path, { token: tokens.refresh_token })).status).toBe(401);
    expect(await me(house, tokens.access_token)).toBe(200);
  }));

test("nothing of a family lies in the database in the clear", () =>
  withFamily(async (house, tokens) => {
    const next = (await refresh(house, tokens.refresh_token)).body;
    await house.core.store.close();
    const stored = await Bun.file(`${house.folder}/housekey.db`).text();
    for (const token of [tokens.refresh_token, next.refresh_token, next.access_token])
      expect(stored.includes(token)).toBe(false);
  }));
