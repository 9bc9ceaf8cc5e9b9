import { expect, test } from "bun:test";
import { ownPath } from "../../src/http/return-to.ts";
import { startAppliance } from "../harness.ts";

const own: Readonly<Record<string, string>> = {
  "/": "/",
  "/settings": "/settings",
  "/settings?tab=keys&x=%2F%2Fevil.example#part": "/settings?tab=keys&x=%2F%2Fevil.example#part",
  "/search?q=100%": "/search?q=100%",
  "/a/../b": "/b",
  "/näs": "/n%C3%A4s",
  "/a%20b": "/a%20b",
  "/a//b": "/a//b",
  "/?next=https://evil.example": "/?next=https://evil.example",
  "/@evil.example": "/@evil.example",
};

for (const [asked, path] of Object.entries(own))
  test(`${asked} is a path of this house`, () => expect(ownPath(asked)).toBe(path));

const foreign = [
  "",
  "settings",
  "//evil.example",
  "///evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "/\\/evil.example",
  "https:evil.example",
  "https://evil.example",
  "https:/evil.example",
  "javascript:alert(1)",
  "data:text/html,x",
  "?x",
  "#x",
  ".//evil.example",
  "/..//evil.example",
  "/.//evil.example",
  "/a/..//evil.example",
  "/%2e%2e//evil.example",
  "/%2f/evil.example",
  "/%2F%2Fevil.example",
  "/%5cevil.example",
  "/%5C%5Cevil.example",
  "/%252f%252fevil.example",
  "/%25252fevil.example",
  "/%2525252f/evil.example",
  "/a\\b",
  "/%",
  "/%zz",
  "/%ff",
  " /settings",
  "/\tsettings",
  "/\t/evil.example",
  "/\n/evil.example",
  "/\r\nset-cookie: a=b",
  "/%0d%0aset-cookie:a=b",
  "/%00",
  "/\u0000",
  "/\u0085",
  "/\u200b/evil.example",
  "/\u202eevil",
  "/\ud800",
  "/\uff0f\uff0fevil.example%2f..%2f..%2f%2f\\",
  `/${"x".repeat(1024)}`,
];

for (const asked of foreign)
  test(`${JSON.stringify(asked.slice(0, 40))} is none`, () => expect(ownPath(asked)).toBeNull());

test("the endpoints that take one refuse all others, whether a provider is set up or not", async () => {
  await using house = await startAppliance();
  const { token } = await house.addSession(await house.addUser("ada"));
  for (const asked of foreign.filter((one) => one.isWellFormed())) {
    const query = await house.get(`/auth/oidc/login?return_to=${encodeURIComponent(asked)}`);
    const body = await house.post("/auth/oidc/link", { return_to: asked }, { token });
    for (const { status, body: answer } of [query, body]) {
      expect([asked, status, answer.error.code]).toEqual([asked, 400, "INVALID_REQUEST"]);
      expect(answer.error.details[0].path).toBe("return_to");
    }
  }
  expect((await house.get("/auth/oidc/login?return_to=/a&return_to=//evil.example")).status).toBe(400);
});

test("what resolves it as a browser does stays in the house", () => {
  for (const asked of [...Object.keys(own), ...foreign]) {
    const path = ownPath(asked);
    if (path === null) continue;
    for (const base of ["https://auth.example.org/auth/oidc/callback", "http://localhost:8420/login"])
      expect(new URL(path, base).origin).toBe(new URL(base).origin);
  }
});
