import { expect, test } from "bun:test";
import { auditEvents, sweepAudit } from "../../src/identity/audit.ts";
import { type Appliance, type Asked, password, startAppliance } from "../harness.ts";

interface Line {
  readonly id: string;
  readonly event: string;
  readonly result: string;
  readonly user_id: string | null;
}

const read = async (
  house: Appliance,
  token: string,
  query = "",
): Promise<{ events: Line[]; next: string | null }> =>
  (await house.get(`/auth/audit?${query}`, { token })).body;
const names = (lines: Line[]): string[] => lines.map(({ event }) => event);

test("what happened is told with who, whose, from where, by which method, and how it ended", async () => {
  await using house = await startAppliance();
  const ada = await house.addUser("ada");
  const asked: Asked = { headers: { "user-agent": "Firefox" } };
  await house.post("/auth/local/login", { username: "ada", password: "wrong" }, asked);
  const { body } = await house.post("/auth/local/login", { username: "ada", password }, asked);
  const { events } = await read(house, body.token);
  const where = { at: "2026-01-01T00:00:00.000Z", ip: "127.0.0.1", user_agent: "Firefox", methods: ["pwd"] };
  expect(events).toEqual([
    {
      ...where,
      id: expect.stringMatching(/^aud_/),
      event: "signin.succeeded",
      actor_id: ada.id,
      user_id: ada.id,
      session_id: expect.stringMatching(/^ses_/),
      result: "ok",
      reason: null,
    },
    {
      ...where,
      id: expect.stringMatching(/^aud_/),
      event: "signin.failed",
      actor_id: null,
      user_id: ada.id,
      session_id: null,
      result: "refused",
      reason: "INVALID_CREDENTIALS",
    },
  ] as unknown as Line[]);
});

test("members see their own lines, admins everybody's, newest first and in pieces", async () => {
  await using house = await startAppliance();
  const [ada, bob] = [await house.addUser("ada"), await house.addUser("bob")];
  const hers = await house.addSession(ada);
  await house.addSession(bob);
  const root = await house.addSession(await house.addUser("root", { role: "admin" }));
  await house.post("/auth/local/login", { username: "nobody", password });

  const own = await read(house, hers.token);
  expect(own.events.every(({ user_id }) => user_id === ada.id)).toBe(true);
  expect(own.events).toHaveLength(1);
  expect((await house.get(`/auth/audit?user_id=${ada.id}`, { token: hers.token })).status).toBe(200);
  const foreign = await house.get(`/auth/audit?user_id=${bob.id}`, { token: hers.token });
  expect([foreign.status, foreign.body.error.code]).toEqual([403, "FORBIDDEN"]);

  const all = await read(house, root.token);
  expect(names(all.events)).toEqual([
    "signin.failed",
    "signin.succeeded",
    "signin.succeeded",
    "signin.succeeded",
  ]);
  expect((await read(house, root.token, `user_id=${bob.id}`)).events).toHaveLength(1);
  expect((await read(house, root.token, "event=signin.failed")).events).toHaveLength(1);
  const first = await read(house, root.token, "limit=3");
  const rest = await read(house, root.token, `limit=3&before=${first.next}`);
  expect([...first.events, ...rest.events]).toEqual(all.events);
  expect(rest.next).toBeNull();
  for (const query of ["event=nothing", "limit=0", "limit=999"])
    expect([query, (await house.get(`/auth/audit?${query}`, { token: root.token })).status]).toEqual([
      query,
      400,
    ]);
});

test("a failed sign-in never keeps what was typed: it may be a password in the wrong field", async () => {
  await using house = await startAppliance();
  const root = await house.addSession(await house.addUser("root", { role: "admin" }));
  await house.post("/auth/local/login", { username: "hunter2-typed-as-name", password: "hunter3" });
  const text = JSON.stringify(await read(house, root.token)) + house.lines.join("\n");
  for (const secret of ["hunter2", "hunter3"]) expect(text).not.toContain(secret);
});

test("lines are kept as long as the setting says", async () => {
  await using house = await startAppliance();
  const user = await house.addUser("root", { role: "admin" });
  const first = await house.addSession(user);
  expect((await house.get("/auth/settings", { token: first.token })).body.audit_days).toBe(365);
  await house.call("PATCH", "/auth/settings", { token: first.token, body: { audit_days: 7 } });
  house.advance(3 * 86_400);
  const { token } = await house.addSession(user);
  house.advance(4 * 86_400 + 1);
  await sweepAudit(house.core);
  expect(names((await read(house, token)).events)).toEqual(["signin.succeeded"]);
  expect(auditEvents).toContain("settings.changed");
});

test("each day tells its sign-ins, failures and new accounts, days without any too", async () => {
  await using house = await startAppliance();
  const user = await house.addUser("root", { role: "admin" });
  const { token } = await house.addSession(user);
  await house.post("/auth/users", { username: "ada", role: "member", password }, { token });
  house.advance(2 * 86_400);
  const login = (own: string) => house.post("/auth/local/login", { username: "ada", password: own });
  await login(password);
  await login(password);
  await login("wrong");
  const { body } = await house.get("/auth/stats?days=4", { token });
  const none = { sign_ins: 0, failures: 0, new_accounts: 0, by_method: {} };
  expect(body).toEqual([
    { ...none, date: "2025-12-31" },
    { ...none, date: "2026-01-01", sign_ins: 1, new_accounts: 1, by_method: { pwd: 1 } },
    { ...none, date: "2026-01-02" },
    { date: "2026-01-03", sign_ins: 2, failures: 1, new_accounts: 0, by_method: { pwd: 2 } },
  ]);
  expect((await house.get("/auth/stats", { token })).body).toHaveLength(30);
  for (const days of ["0", "91", "x"])
    expect((await house.get(`/auth/stats?days=${days}`, { token })).status).toBe(400);
});
