/** The pages that browsers let use passkeys of the house's names (WebAuthn Level 3 §5.11). */
import { expect, test } from "bun:test";
import { moveHouse } from "../../src/identity/domain.ts";
import { startAppliance } from "../harness.ts";

const path = "/.well-known/webauthn";

test("they are the house's own over https, whatever host it is asked under, for a while", async () => {
  const origins = ["https://app.example.org", "http://dev.example.org", "myapp://", "https://id.example.org"];
  await using house = await startAppliance({ values: { origins } });
  expect((await house.get(path)).body).toEqual({
    origins: ["https://app.example.org", "https://id.example.org"],
  });
  await moveHouse(house.core, { from: "localhost", url: "https://id.example.org" });
  for (const host of ["localhost:8420", "id.example.org", "old.example.org"])
    for (const origin of [null, "https://id.example.org", "https://evil.example"]) {
      const { status, body, headers } = await house.get(path, { origin, headers: { host } });
      expect([status, body]).toEqual([
        200,
        { origins: ["https://id.example.org", "https://app.example.org"] },
      ]);
      expect(headers.get("content-type")).toMatch(/^application\/json(;|$)/);
      expect(headers.get("cache-control")).toBe("public, max-age=300");
    }
  const { status, headers } = await house.call("HEAD", path);
  expect([status, headers.get("content-type")]).toEqual([200, expect.stringContaining("application/json")]);
  expect((await house.post(path, {})).status).toBe(404);
});

test("a house on plain http has none", async () => {
  await using house = await startAppliance();
  expect((await house.get(path)).body).toEqual({ origins: [] });
});
