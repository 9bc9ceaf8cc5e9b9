/** Who exists is not told by a house that moves, either (RL-6). */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { endMove, moveHouse } from "../../src/identity/domain.ts";
import { type Appliance, startAppliance } from "../harness.ts";
import { addHolder } from "./house.ts";

const url = "https://id.example.org";
const statements: string[] = [];
const names = Array.from({ length: 60 }, (_, n) => `nobody-${n}`);
let house: Appliance;

beforeAll(async () => {
  house = await startAppliance({ store: { onStatement: (sql) => statements.push(sql) } });
  await addHolder(house, "ada");
  await house.addUser("bare");
});

afterAll(() => house[Symbol.asyncDispose]());

interface Asked {
  readonly rpId: string;
  readonly ids: readonly string[];
}

async function ask(name: string): Promise<Asked> {
  const asked = { email: name };
  const { body } = await house.post("/api/v1/auth/passkey/login/options", asked, { origin: null });
  const ids = body.allowCredentials.map(({ id }: { id: string }) => id);
  return { rpId: body.rpId, ids };
}

const askAll = () => Promise.all(names.map(ask));

test("through a move names that are nobody's do what people's do: they keep what they had, and enrol anew in time", async () => {
  const before = await askAll();
  expect(new Set(before.map(({ rpId }) => rpId))).toEqual(new Set(["localhost"]));

  await moveHouse(house.core, { from: "localhost", url });
  expect(await askAll()).toEqual(before);
  const real = [await ask("ada"), await ask("bare")];
  expect(real.map(({ rpId }) => rpId)).toEqual(["localhost", "localhost"]);
  const traces = [];
  for (const name of ["ada", "bare", "nobody"]) {
    statements.length = 0;
    await ask(name);
    traces.push(statements.join("\n"));
  }
  expect(new Set(traces).size).toBe(1);

  house.advance(15 * 86_400);
  const halfway = await askAll();
  const anew = halfway.filter(({ rpId }) => rpId === "id.example.org");
  expect(anew.length).toBeGreaterThan(10);
  expect(anew.length).toBeLessThan(50);
  expect(await askAll()).toEqual(halfway);
  for (const [n, { rpId, ids }] of halfway.entries()) {
    const had = before[n]?.ids ?? [];
    expect(ids.slice(0, had.length)).toEqual([...had]);
    expect(ids.length > had.length).toBe(rpId === "id.example.org");
  }

  house.advance(15 * 86_400);
  const late = await askAll();
  expect(new Set(late.map(({ rpId }) => rpId))).toEqual(new Set(["id.example.org"]));
  await endMove(house.core, { force: true });
  const after = await askAll();
  expect(after.map(({ ids }, n) => [...(before[n]?.ids ?? []), ...ids])).toEqual(
    late.map(({ ids }) => [...ids]),
  );
  // Whose only passkey is of the former host has none that could be asked for.
  const ada = await ask("ada");
  expect([ada.rpId, ada.ids.some((id) => real[0]?.ids.includes(id))]).toEqual(["id.example.org", false]);
});

test("a decoy of either host is refused like a wrong answer for a real passkey", async () => {
  await using own = await startAppliance({ store: { onStatement: (sql) => statements.push(sql) } });
  const ada = await addHolder(own, "ada");
  await moveHouse(own.core, { from: "localhost", url });
  // What the house remembers of its settings is read by now.
  await own.get("/auth/options");
  const refusals = [];
  for (const name of ["ada", "nobody"]) {
    const path = "/api/v1/auth/passkey/login";
    const { body } = await own.post(`${path}/options`, { email: name }, { origin: null });
    const answer = ada.key.get(body, { origin: url, id: body.allowCredentials[0].id });
    const signature = Buffer.alloc(70, 3).toString("base64url");
    statements.length = 0;
    const wrong = { ...answer, response: { ...answer.response, signature } };
    const { status, body: said } = await own.post(`${path}/verify`, wrong, { origin: null });
    refusals.push(JSON.stringify([status, said, statements]));
  }
  expect(new Set(refusals).size).toBe(1);
});
