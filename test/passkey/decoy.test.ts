/** Options by name tell nobody who exists (RL-6). */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Appliance, origin, startAppliance } from "../harness.ts";
import { addHolder, type Holder, openHouse } from "./house.ts";

interface Descriptor {
  readonly id: string;
  readonly type: string;
  readonly transports: string[];
}

const statements: string[] = [];
let house: Appliance;
let ada: Holder;

beforeAll(async () => {
  house = await startAppliance({ store: { onStatement: (sql) => statements.push(sql) } });
  ada = await addHolder(house, "ada");
  await house.addUser("bare");
});

afterAll(() => house[Symbol.asyncDispose]());

const asks = {
  spa: (name: string, where = house) => where.post("/api/v1/auth/passkey/login/options", { email: name }),
  mobile: (name: string, where = house) =>
    where.post("/api/auth/passkey/options", { username: name, origin }),
};

const allowed = async (name: string, where = house): Promise<Descriptor[]> =>
  (await asks.spa(name, where)).body.allowCredentials;

const unsteady = ["x-request-id", "ratelimit-remaining", "ratelimit-reset"];

test("a known name, one without a passkey and an unknown one are answered alike, to the header", async () => {
  for (const ask of Object.values(asks)) {
    const shapes = [];
    for (const name of [
      "ada",
      "ada@example.com",
      "bare",
      "bare@example.com",
      "nobody",
      "nobody@example.com",
    ]) {
      const { status, headers, body } = await ask(name);
      const kept = [...headers].filter(([header]) => !unsteady.includes(header)).sort();
      const { challenge, allowCredentials, ...rest } = body;
      expect([challenge.length, allowCredentials.length >= 1]).toEqual([43, true]);
      for (const one of allowCredentials) {
        expect(Object.keys(one)).toEqual(["id", "type", "transports"]);
        expect([one.type, one.transports]).toEqual(["public-key", [...one.transports].sort()]);
      }
      shapes.push(JSON.stringify([status, kept, Object.keys(body), rest]));
    }
    expect(new Set(shapes).size).toBe(1);
  }
});

test("they take the same steps in the store", async () => {
  const traces = [];
  for (const name of ["ada", "bare", "nobody"]) {
    statements.length = 0;
    await asks.spa(name);
    traces.push(statements.join("\n"));
  }
  expect(traces[0]).toContain("passkeys");
  expect(new Set(traces).size).toBe(1);
});

test("an account's own are its passkeys, and both its names say the same", async () => {
  expect((await allowed("ada")).map(({ id }) => id)).toEqual([ada.key.id]);
  expect(await allowed("ADA@example.com")).toEqual(await allowed("ada"));
  expect(await allowed("bare@example.com")).toEqual(await allowed("bare"));
});

test("decoys are the same every time, on every surface, however the name is typed, and after a restart", async () => {
  const before = await allowed("nobody");
  expect(await allowed(" NoBody ")).toEqual(before);
  expect((await asks.mobile("nobody")).body.allowCredentials).toEqual(before);
  house.advance(86_400);
  expect(await allowed("nobody")).toEqual(before);
  await using again = await startAppliance({ folder: house.folder });
  expect(await allowed("nobody", again)).toEqual(before);
  expect(await allowed("bare", again)).toEqual(await allowed("bare"));
});

test("every name has its own, and they look like those of real authenticators", async () => {
  const made = await Promise.all(Array.from({ length: 300 }, (_, n) => allowed(`nobody-${n}`)));
  const ids = made.flat().map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const lengths = new Set(ids.map((id) => Buffer.from(id, "base64url").length));
  expect([...lengths].sort((a, b) => a - b)).toEqual([16, 20, 32, 48, 64]);
  const counts = made.map(({ length }) => length);
  expect(counts.filter((count) => count === 2).length).toBeGreaterThan(40);
  expect(counts.filter((count) => count === 1).length).toBeGreaterThan(180);
  const transports = new Set(made.flat().map((one) => one.transports.join()));
  expect([...transports].sort()).toEqual(["", "hybrid,internal", "internal", "nfc,usb", "usb"]);
});

test("a decoy that is answered is refused like a wrong answer for a real one", async () => {
  const [decoy] = await allowed("nobody");
  const refusals = [];
  for (const [name, id] of [
    ["nobody", decoy?.id ?? ""],
    ["ada", ada.key.id],
  ] as const) {
    const options = (await asks.spa(name)).body;
    const wrong = {
      ...ada.key.get(options, { id }),
      response: ada.key.get(options, { counter: 9 }).response,
    };
    const signature = Buffer.alloc(70, 3).toString("base64url");
    const body = { ...wrong, response: { ...wrong.response, signature } };
    statements.length = 0;
    const answer = await house.post("/api/v1/auth/passkey/login/verify", body);
    refusals.push(JSON.stringify([answer.status, answer.body, statements]));
  }
  expect(new Set(refusals).size).toBe(1);
});

test("the discoverable sign-in names nobody", async () => {
  const { house: own } = await openHouse();
  await using _ = own;
  for (const [path, body] of [
    ["/auth/passkeys/authenticate/options", undefined],
    ["/api/v1/auth/passkey/login/options", {}],
    ["/api/v1/auth/passkey/login/options", undefined],
    ["/api/auth/passkey/options", { origin }],
  ] as const)
    expect((await own.post(path, body)).body.allowCredentials).toEqual([]);
});
