/** What must not come between a proof and the session it earned. */

import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { Refusal } from "../../src/identity/refusal.ts";
import { openSession } from "../../src/identity/session.ts";
import { password, startAppliance } from "../harness.ts";

const place = { address: "127.0.0.1", userAgent: null, device: null, browser: null };

test("an account that was disabled while its password was being checked gets no session", async () => {
  await using house = await startAppliance();
  const ada = await house.addUser("ada");
  using other = new Database(`${house.folder}/housekey.db`);
  const { verify } = house.core.hasher;
  Object.assign(house.core.hasher, {
    async verify(...args: Parameters<typeof verify>) {
      const matches = await verify(...args);
      other.run("UPDATE users SET disabled_at = 1 WHERE id = ?", [ada.id]);
      return matches;
    },
  });
  const answer = await house.post("/auth/local/login", { username: "ada", password });
  expect([answer.status, answer.body.error.code]).toEqual([403, "ACCOUNT_DISABLED"]);
  expect(other.query("SELECT count(*) AS n FROM sessions").get()).toEqual({ n: 0 });
});

test("fifty sign-ins against one ending of everything: none from before it is left", async () => {
  await using house = await startAppliance();
  const root = await house.addUser("root", { role: "admin" });
  const ada = await house.addUser("ada");
  const here = await house.addSession(root);
  const opened: Promise<string>[] = [];
  for (let n = 0; n < 50; n++)
    opened.push(
      house.core.store
        .write((tx) => openSession(house.core, tx, { userId: ada.id, kind: "web", methods: ["pwd"], place }))
        .then(({ token }) => token),
    );
  const revoked = house.post("/auth/sessions/revoke-all", { user_id: ada.id }, { token: here.token });
  const before = await Promise.all(opened);
  expect((await revoked).status).toBe(204);
  const statuses = await Promise.all(
    before.map(async (token) => (await house.get("/auth/sessions/current", { token })).status),
  );
  expect(new Set(statuses)).toEqual(new Set([401]));
});

test("a session is not opened for an account that is gone", async () => {
  await using house = await startAppliance();
  const asked = { userId: "usr_nobody", kind: "web", methods: [], place } as const;
  const error = await house.core.store
    .write((tx) => openSession(house.core, tx, { ...asked, methods: [] }))
    .catch((refused) => refused);
  expect(error).toBeInstanceOf(Refusal);
});
