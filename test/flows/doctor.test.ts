/** What an admin can have looked over, over HTTP. Who may ask, and what is no address, is tested for every endpoint at once. */
import { expect, test } from "bun:test";
import { startAppliance } from "../harness.ts";

test("an admin sends a test letter, and hears what came of it", async () => {
  await using house = await startAppliance();
  const { token } = await house.addSession(await house.addUser("root", { role: "admin" }));
  const { status, body } = await house.post("/auth/mail/test", { to: "Grace@Example.com" }, { token });
  expect([status, body.ok, body.steps.length]).toEqual([200, true, 1]);
  expect(body.transcript).toEqual([]);
  expect(house.outbox).toHaveLength(1);
  expect(house.outbox[0]).toMatchObject({ to: "grace@example.com", subject: "A test letter from Housekey" });
});

test("a letter that is not taken is an answer like any other, which says so", async () => {
  await using house = await startAppliance();
  const { token } = await house.addSession(await house.addUser("root", { role: "admin" }));
  const steps = [{ name: "connection", ok: false, message: "nobody is there", fix: "Start it." }];
  Object.assign(house.core.post, { examine: async () => ({ steps, transcript: ["S: 220"] }) });
  const { status, body } = await house.post("/auth/mail/test", { to: "grace@example.com" }, { token });
  expect([status, body]).toEqual([200, { ok: false, steps, transcript: ["S: 220"] }]);
});

test("test letters count among the letters that an address may ask for", async () => {
  await using house = await startAppliance({ values: { limit_register: { count: 2, seconds: 60 } } });
  const { token } = await house.addSession(await house.addUser("root", { role: "admin" }));
  const ask = () => house.post("/auth/mail/test", { to: "grace@example.com" }, { token });
  const statuses = [];
  for (let time = 0; time < 3; time++) statuses.push((await ask()).status);
  expect(statuses).toEqual([200, 200, 429]);
});

test("the house is looked over, and the caller's clock is compared", async () => {
  await using house = await startAppliance({ values: { url: "https://auth.example.org" } });
  const { token } = await house.addSession(await house.addUser("root", { role: "admin" }));
  const clock = async (query: string) => {
    const { status, body } = await house.get(`/auth/doctor${query}`, { token });
    expect([status, body.ok]).toEqual([200, body.steps.every(({ ok }: { ok: boolean }) => ok)]);
    return body.steps.find(({ name }: { name: string }) => name === "clock").ok;
  };
  expect(await clock("")).toBe(true);
  expect(await clock("?now=2026-01-01T00:00:20.000Z")).toBe(true);
  expect(await clock("?now=2026-01-01T00:01:30.000Z")).toBe(false);
  expect(await clock("?now=2026-02-31T00:00:00.000Z")).toBeBoolean();
  for (const wrong of ["now", "2026-13-01T00:00:00Z", "2026-01-01", "1".repeat(500)])
    expect((await house.get(`/auth/doctor?now=${wrong}`, { token })).status).toBe(400);
});

test("fifty who ask at once get one and the same answer", async () => {
  await using house = await startAppliance();
  const { token } = await house.addSession(await house.addUser("root", { role: "admin" }));
  let asked = 0;
  const answer = { steps: [{ name: "greeting", ok: true, message: "220" }], transcript: [] };
  Object.assign(house.core.post, {
    examine: async () => {
      asked++;
      await new Promise((resolve) => setImmediate(resolve));
      return answer;
    },
  });
  const answers = await Promise.all(Array.from({ length: 50 }, () => house.get("/auth/doctor", { token })));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(asked).toBeLessThan(50);
});

test("a provider that is set up is tried as well, and told of when it is gone", async () => {
  await using house = await startAppliance();
  const { token } = await house.addSession(await house.addUser("root", { role: "admin" }));
  const provider = async () =>
    (await house.get("/auth/doctor", { token })).body.steps.filter(
      ({ name }: { name: string }) => name === "provider",
    );
  expect(await provider()).toEqual([]);
  await house.core.store.write((tx) =>
    tx.providers.put({
      issuer: "http://127.0.0.1:1",
      clientId: "house",
      sealedSecret: null,
      name: "Gone",
      scopes: ["openid"],
      enabled: true,
      autoProvision: false,
      linkByEmail: false,
      revision: 1,
    }),
  );
  expect(await provider()).toEqual([
    { name: "provider", ok: false, message: expect.any(String), fix: expect.any(String) },
  ]);
});
