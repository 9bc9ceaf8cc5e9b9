/** Bad input on every endpoint: the contract's errors, nothing submitted echoed, nothing kept, never a 500. */
import { expect, test } from "bun:test";
import { newId } from "../../src/identity/id.ts";
import { hashSecret } from "../../src/identity/secret.ts";
import { type Appliance, password, startAppliance } from "../harness.ts";

interface Endpoint {
  readonly method: string;
  readonly path: string;

  /** A body that is fine; absent where none is taken. */
  readonly body?: Record<string, unknown>;

  readonly open?: true;
}

const endpoints: Endpoint[] = [
  {
    method: "POST",
    path: "/auth/bootstrap/complete",
    body: { token: "x", username: "ada", password },
    open: true,
  },
  { method: "POST", path: "/auth/local/login", body: { username: "ada", password: "wrong" }, open: true },
  { method: "POST", path: "/auth/password", body: { new_password: password, current_password: "wrong" } },
  { method: "POST", path: "/auth/sessions/current/confirm", body: { password: "wrong" } },
  { method: "POST", path: "/auth/sessions/revoke-all", body: { user_id: "usr_nobody" } },
  { method: "PATCH", path: "/auth/settings", body: { local_login: true } },
];

const canary = "canary-5a1e";

async function withAdmin(work: (house: Appliance, token: string) => Promise<void>): Promise<void> {
  await using house = await startAppliance();
  const { token } = await house.addSession(await house.addUser("ada", { role: "admin" }));
  const createdAt = house.core.clock();
  const expiresAt = new Date("2027-01-01");
  const id = newId("bst", createdAt);
  const facts = { kind: "admin", note: null, createdBy: null, createdAt, spentAt: null } as const;
  await house.core.store.write((tx) =>
    tx.bootstraps.insert({ id, tokenHash: hashSecret("x"), expiresAt, ...facts }),
  );
  await work(house, token);
  expect(house.lines.filter((line) => line.startsWith("error"))).toEqual([]);
}

for (const { method, path, body, open } of endpoints) {
  const name = `${method} ${path}`;

  test(`${name} refuses what is no JSON object of its own`, () =>
    withAdmin(async (house, token) => {
      const send = async (sent: unknown, type?: string) => {
        const asked = { token, body: sent, ...(type !== undefined && { type }) };
        const { status, body, text } = await house.call(method, path, asked);
        expect(text).not.toContain(canary);
        expect(body.ok).toBe(false);
        return `${status} ${body.error.code}`;
      };
      const bad = "400 INVALID_REQUEST";
      for (const malformed of [`{"a":"${canary}"`, canary, "", "[]", '"text"', "12", "null", "{}{}"])
        expect([malformed, await send(malformed)]).toEqual([malformed, bad]);
      expect(await send("[".repeat(30_000))).toBe(bad);
      expect(await send(`{"a":`.repeat(40) + 1 + "}".repeat(40))).toBe(bad);
      expect(await send(`{"a":"${"x".repeat(70_000)}"}`)).toBe("413 BODY_TOO_LARGE");
      expect(await send(`{"a":"${"x".repeat(1_000_000)}"}`)).toBe("413 BODY_TOO_LARGE");
      for (const type of [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "application/jsonp",
        "text/json",
      ])
        expect([type, await send(`{"a":"${canary}"}`, type)]).toEqual([type, "415 UNSUPPORTED_MEDIA_TYPE"]);
    }));

  test(`${name} names each field that is mistyped or oversized, and echoes none`, () =>
    withAdmin(async (house, token) => {
      for (const field of Object.keys(body ?? {}))
        for (const value of [5, [], {}, [canary], { a: canary }, canary.repeat(5000).slice(0, 60_000)]) {
          // The token is judged before its companions: one that is text is simply wrong.
          if (field === "token" && typeof value === "string") continue;
          const answer = await house.call(method, path, { token, body: { ...body, [field]: value } });
          expect([field, answer.status, answer.body.error.code]).toEqual([field, 400, "INVALID_REQUEST"]);
          expect(answer.body.error.details.map((one: { path: string }) => one.path)).toEqual([field]);
          expect(answer.text).not.toContain(canary);
        }
    }));

  test(`${name} ignores fields it does not know, and prototypes stay as they are`, () =>
    withAdmin(async (house, token) => {
      const plain = await house.call(method, path, { token, body: body ?? {} });
      const extra =
        '"role":"admin","id":"usr_x","email_verified":true,"user":{},"constructor":{"prototype":{"admin":1}},"__proto__":{"admin":1}';
      const sent = `{${extra},${JSON.stringify(body ?? {}).slice(1)}`;
      const answer = await house.call(method, path, { token, body: sent });
      expect([answer.status, answer.text]).toEqual([plain.status, plain.text]);
      expect(({} as Record<string, unknown>).admin).toBeUndefined();
      const shared = { __proto__: null };
      expect(Object.keys(shared)).toEqual([]);
    }));

  if (!open)
    test(`${name} hears 401 from a stranger, whatever is sent`, () =>
      withAdmin(async (house, _) => {
        for (const sent of [body, {}, { a: canary }, undefined]) {
          const answer = await house.call(method, path, { body: sent });
          expect([answer.status, answer.body.error.code]).toEqual([401, "UNAUTHENTICATED"]);
        }
      }));
}

test("nulls count as absent", async () => {
  await using house = await startAppliance();
  const token = await house.firstRunToken();
  const sent = { token, username: "ada", password, email: null, name: null };
  const made = await house.post("/auth/bootstrap/complete", sent);
  expect([made.status, made.body.user.email, made.body.user.name]).toEqual([201, null, null]);
  const missing = await house.post("/auth/local/login", { username: "ada", password: null });
  expect(missing.body.error.details).toEqual([{ path: "password", message: "This is required." }]);
});

test("where every field is optional, no body is an empty one", () =>
  withAdmin(async (house, token) => {
    expect((await house.call("PATCH", "/auth/settings", { token })).status).toBe(200);
    const answer = await house.post("/auth/sessions/current/confirm", undefined, { token });
    expect(answer.body.error.details[0].path).toBe("password");
  }));

test("unknown paths and methods look alike", () =>
  withAdmin(async (house, token) => {
    const answers = [
      await house.get("/auth/nothing", { token }),
      await house.call("PUT", "/auth/options", { token }),
      await house.get("/nowhere"),
      await house.call("PATCH", "/healthz", {}),
    ];
    for (const answer of answers) expect([answer.status, answer.text]).toEqual([404, answers[0]?.text ?? ""]);
  }));

test("a trailing slash makes no difference", () =>
  withAdmin(async (house, token) => {
    for (const path of ["/auth/options", "/auth/sessions", "/auth/sessions/current", "/healthz"])
      expect((await house.get(`${path}/`, { token })).text).toBe((await house.get(path, { token })).text);
  }));

test("what breaks inside is told by its number alone, which the log has with the rest", async () => {
  await using house = await startAppliance();
  Object.assign(house.core.hasher, {
    verify: () => Promise.reject(new Error(`select ${canary} from users`)),
  });
  const answer = await house.post("/auth/local/login", { username: "ada", password });
  expect([answer.status, answer.body.error.code]).toEqual([500, "INTERNAL"]);
  expect(answer.text).not.toContain(canary);
  const id = answer.headers.get("x-request-id") ?? "none";
  expect(answer.body.error.details).toEqual([{ path: "", message: id }]);
  expect(house.lines.some((line) => line.includes(id) && line.includes(canary))).toBe(true);
});

test("every answer has a request id of its own, and headers that keep browsers careful", () =>
  withAdmin(async (house, token) => {
    const answers = [
      await house.get("/auth/options"),
      await house.get("/auth/sessions/current", { token }),
      await house.get("/nowhere"),
      await house.post("/auth/local/login", "{"),
      await house.delete("/auth/sessions/current", { token }),
    ];
    expect(new Set(answers.map(({ headers }) => headers.get("x-request-id"))).size).toBe(5);
    for (const { headers } of answers) {
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    }
  }));
