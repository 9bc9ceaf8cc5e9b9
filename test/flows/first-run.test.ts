import { expect, test } from "bun:test";
import { startAppliance } from "../harness.ts";
test("x", async () => {
  await using house = await startAppliance();
  const token = await house.firstRunToken();
  const done = await house.post("/auth/bootstrap/complete", { token, username: "Ada", password: "analytical engine" });
  expect(done.status).toBe(201);
  expect((await house.get("/auth/sessions/current", { cookie: done.cookie })).status).toBe(200);
});
