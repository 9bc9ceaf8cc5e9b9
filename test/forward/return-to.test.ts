/** Where a sign-in may lead: the server and the page say the same, and both say no to whatever could be elsewhere. */
import { expect, test } from "bun:test";
import { landing, neighbourUrl } from "../../src/http/return-to.ts";
import { neighbour } from "../../src/web/parts/return-to.ts";
import { house, openGuard } from "./guard.ts";

const domain = "example.org";

/** What both make of it. */
function told(asked: string, url = house, cookieDomain: string | null = domain): string | null {
  const [server, page] = [neighbourUrl(asked, { url, cookieDomain }), neighbour(asked, url, cookieDomain)];
  expect([asked, page]).toEqual([asked, server]);
  return server;
}

const fine: Readonly<Record<string, string>> = {
  "https://app.example.org": "https://app.example.org/",
  "https://app.example.org/": "https://app.example.org/",
  "https://APP.Example.ORG/Path?x=1#part": "https://app.example.org/Path?x=1#part",
  "https://example.org/": "https://example.org/",
  "https://a.b.c.example.org/x": "https://a.b.c.example.org/x",
  "https://my_app.example.org/": "https://my_app.example.org/",
  "https://app.example.org:443/": "https://app.example.org/",
  "https://app.example.org/?next=https://evil.example/":
    "https://app.example.org/?next=https://evil.example/",
  "https://app.example.org//evil.example": "https://app.example.org//evil.example",
  "https://app.example.org/@evil.example": "https://app.example.org/@evil.example",
  "https://auth.example.org/account": "https://auth.example.org/account",
};

for (const [asked, written] of Object.entries(fine))
  test(`${asked} is an application of this house's`, () => expect(told(asked)).toBe(written));

const foreign = [
  "",
  "https://",
  "https:///app.example.org/",
  "https:app.example.org/",
  "https:/app.example.org/",
  "//app.example.org/",
  "http://app.example.org/",
  "HTTP://app.example.org/",
  "ftp://app.example.org/",
  "javascript://app.example.org/%0aalert(1)",
  "data:text/html,https://app.example.org/",
  "https://evil.example/",
  "https://evil-example.org/",
  "https://evilexample.org/",
  "https://example.org.evil/",
  "https://example.orgevil/",
  "https://example.org@evil.example/",
  "https://example.org:x@evil.example/",
  "https://ada@app.example.org/",
  "https://ada:key@app.example.org/",
  "https://@app.example.org/",
  "https://evil.example#@app.example.org/",
  "https://evil.example?.example.org/",
  "https://evil.example/.example.org/",
  "https://evil.example\\.example.org/",
  "https://evil.example\\@app.example.org/",
  "https:\\\\app.example.org/",
  "https://app.example.org\\",
  "https://app.example.org/\\evil.example",
  "https://app.example.org?x=1",
  "https://app.example.org#x",
  "https://app.example.org./",
  "https://.example.org/",
  "https://app..example.org/",
  "https://app.example.org:8443/",
  "https://app.example.org:80/",
  "https://app.example.org:0/",
  "https://app.example.org:99999/",
  "https://app.example.org:/",
  "https://app.example.org:443x/",
  "https://app.example.org%2f@evil.example/",
  "https://evil.example%2f.example.org/",
  "https://evil.example%00.example.org/",
  "https://app%2eexample.org/",
  "https://ex\u0430mple.org/",
  "https://app.example\u3002org/",
  "https://app.ex\u00admple.org/",
  "https://evil\uff0eexample\u2024org/",
  "https://[::1]/",
  "https://127.0.0.1/",
  " https://app.example.org/",
  "https://app.example.org/ ",
  "\thttps://app.example.org/",
  "ht\ttps://app.example.org/",
  "https://app.exa\tmple.org/",
  "https://evil.example\t.example.org/",
  "https://app.example.org/\n",
  "https://app.example.org/\r\nset-cookie:a=b",
  "https://app.example.org/\u0000",
  "https://app.example.org/\u202e",
  "https://app.example.org/ä",
  `https://app.example.org/${"x".repeat(1024)}`,
];

for (const asked of foreign)
  test(`${JSON.stringify(asked.slice(0, 50))} is none`, () => expect(told(asked)).toBeNull());

test("the house's own port is a usual one, and no other", () => {
  const url = "https://auth.example.org:8443";
  for (const asked of ["https://app.example.org:8443/", "https://app.example.org/", `${url}/x`])
    expect(told(asked, url)).toBe(asked);
  expect(told("https://app.example.org:8444/", url)).toBeNull();
});

test("without a cookie domain there is only the house itself", () => {
  expect(told(`${house}/x`, house, null)).toBe(`${house}/x`);
  expect(told("http://localhost:8420/x", "http://localhost:8420", null)).toBe("http://localhost:8420/x");
  for (const asked of [
    "https://app.example.org/",
    "http://localhost:8421/x",
    "https://localhost:8420/",
    "http://localhost/",
    "http://auth.example.org/",
  ])
    expect([asked, told(asked, "http://localhost:8420", null)]).toEqual([asked, null]);
});

test("a sign-in may lead to a path as well", () => {
  const place = { url: house, cookieDomain: domain };
  expect(landing("/settings", place)).toBe("/settings");
  expect(landing("//app.example.org/", place)).toBeNull();
  expect(landing("https://app.example.org/x", place)).toBe("https://app.example.org/x");
});

test("the way by another provider refuses the same", async () => {
  await using guard = await openGuard();
  for (const asked of foreign.filter((one) => one !== "" && one.isWellFormed())) {
    const { status, body } = await guard.get(`/auth/oidc/login?return_to=${encodeURIComponent(asked)}`);
    expect([asked, status, body?.error.details?.[0].path]).toEqual([asked, 400, "return_to"]);
  }
  // None is set up, which is only said of an address that would do.
  for (const asked of Object.keys(fine))
    expect((await guard.get(`/auth/oidc/login?return_to=${encodeURIComponent(asked)}`)).status).toBe(404);
  const { token } = await guard.addSession(await guard.addUser("ada"));
  const link = { return_to: "https://app.example.org/" };
  expect((await guard.post("/auth/oidc/link", link, { token, origin: house })).status).toBe(400);
});
