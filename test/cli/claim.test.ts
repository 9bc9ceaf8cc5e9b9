/** An address that somebody else wrote down, on the executable: its reader gets the account, and the writer nothing. */
import { beforeAll, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { requireBinary, speak } from "../binary.ts";
import { codeIn } from "../mail/code.ts";
import { operate, password } from "./operator.ts";

beforeAll(requireBinary);

const victim = "victim@example.org";

/** What was mailed, oldest first: files, while no mail server is set up. */
function letters(data: string): string[] {
  try {
    const names = readdirSync(join(data, "outbox")).filter((name) => name.endsWith(".eml"));
    return names.sort().map((name) => readFileSync(join(data, "outbox", name), "utf8"));
  } catch {
    return [];
  }
}

async function until<T>(find: () => T | undefined): Promise<T> {
  for (let tries = 0; tries < 200; tries++) {
    const found = find();
    if (found !== undefined) return found;
    await Bun.sleep(50);
  }
  throw new Error("it does not come to that");
}

test("with an invitation for whomever, another's address, and a password to wait with", async () => {
  await using operated = await operate();
  const { house, token } = operated;
  const invited = await speak(house, "POST", "/auth/invites", { token, body: {} });
  const body = { token: invited.body.token, username: "waiting", password, email: victim };
  const accepted = await speak(house, "POST", "/auth/invites/accept", { body });
  expect(accepted.status).toBe(201);
  const key = await speak(house, "POST", "/v1/auth/api-keys", {
    token: accepted.body.token,
    body: { name: "waiting" },
  });

  await speak(house, "POST", "/api/v1/auth/otp/send", { body: { email: victim, purpose: "login" } });
  const code = await until(() => letters(house.data).map(codeIn).find(Boolean));
  const came = await speak(house, "POST", "/api/v1/auth/otp/login", { body: { email: victim, code } });
  expect([came.status, came.body.user]).toEqual([
    200,
    expect.objectContaining({ username: "waiting", email: victim, email_verified: true }),
  ]);

  expect(await operated.alive(accepted.body.token)).toBe(false);
  expect((await operated.signIn("waiting")).status).toBe(401);
  expect((await speak(house, "GET", "/v1/auth/me", { token: key.body.data.key })).status).toBe(401);
  const own = { token: came.body.access_token };
  const { events } = (await speak(house, "GET", "/auth/audit", own)).body;
  expect(events.map(({ event }: { event: string }) => event)).toContain("address.claimed");
  const told = await until(() => letters(house.data).find((letter) => /made yours\s+alone/.test(letter)));
  expect(told).toContain(`To: ${victim}`);
  // The account is theirs to set up.
  const chosen = { ...own, body: { new_password: "of the reader's own" } };
  expect((await speak(house, "POST", "/auth/password", chosen)).status).toBe(204);
  expect((await operated.signIn("waiting", "of the reader's own")).status).toBe(201);
});

test("an account that the operator made keeps its first password when its owner comes by code", async () => {
  await using operated = await operate();
  const { house, token } = operated;
  const body = { username: "grace", email: "grace@example.org", role: "member", password };
  expect((await speak(house, "POST", "/auth/users", { token, body })).status).toBe(201);
  const asked = { email: "grace@example.org", purpose: "login" };
  await speak(house, "POST", "/api/v1/auth/otp/send", { body: asked });
  const code = await until(() => letters(house.data).map(codeIn).find(Boolean));
  const came = await speak(house, "POST", "/api/v1/auth/otp/login", { body: { email: asked.email, code } });
  expect([came.status, came.body.user.email_verified]).toEqual([200, true]);
  expect((await operated.signIn("grace")).status).toBe(201);
});
