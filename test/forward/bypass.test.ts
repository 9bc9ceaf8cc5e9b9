/** Paths that are open to everybody, and all those that only look like them. */
import { expect, test } from "bun:test";
import { isBypassed, isBypassRule, plainPath } from "../../src/identity/bypass.ts";
import { asks, bearer, forwarded, house, identity, nobody, openGuard, original, page } from "./guard.ts";

const rules = [
  { host: "app.example.org", pathPrefix: "/public" },
  { host: "app.example.org", pathPrefix: "/files/" },
  { host: "app.example.org", pathPrefix: "/über uns" },
  { host: "open.example.org", pathPrefix: "/" },
  { host: "app.example.org:8443", pathPrefix: "/health" },
];

const open: [host: string, uri: string][] = [
  ["app.example.org", "/public"],
  ["app.example.org", "/public/"],
  ["app.example.org", "/public?x=1"],
  ["app.example.org", "/public/x/y.css?z=/../secret"],
  ["app.example.org", "/public?/../secret"],
  ["app.example.org", "/%70ublic/x"],
  ["app.example.org", "/public/a%20b"],
  ["app.example.org", "/public/...x"],
  ["app.example.org", "/public/.well-known"],
  ["app.example.org", "/public/%C3%A4"],
  ["app.example.org", "/files/"],
  ["app.example.org", "/files/x"],
  ["app.example.org", "/%C3%BCber%20uns/team"],
  ["open.example.org", "/"],
  ["open.example.org", "/anything/at/all"],
  ["app.example.org:8443", "/health"],
];

for (const [host, uri] of open)
  test(`${uri} at ${host} is open`, () => expect(isBypassed(rules, host, uri)).toBe(true));

const closed: [host: string, uri: string][] = [
  ["app.example.org", "/"],
  ["app.example.org", "/secret"],
  ["app.example.org", "/publicity"],
  ["app.example.org", "/public.bak"],
  ["app.example.org", "/PUBLIC"],
  ["app.example.org", "/Public/x"],
  ["app.example.org", "/%50ublic"],
  ["app.example.org", "/x/public"],
  ["app.example.org", "/?/public"],
  ["app.example.org", "/files"],
  ["app.example.org", "/health"],
  ["app.example.org:8443", "/public"],
  ["app.example.org:8080", "/health"],
  ["xapp.example.org", "/public"],
  ["example.org", "/public"],
  ["open.example.org.evil", "/"],
  ["app.example.org", "/public/../secret"],
  ["app.example.org", "/public/.."],
  ["app.example.org", "/public/."],
  ["app.example.org", "/public/./x"],
  ["app.example.org", "/secret/../public"],
  ["app.example.org", "/public/%2e%2e/secret"],
  ["app.example.org", "/public/%2E%2E/secret"],
  ["app.example.org", "/public/.%2e/secret"],
  ["app.example.org", "/public/%2e/x"],
  ["app.example.org", "/public/..;/secret"],
  ["app.example.org", "/public/..;x=1/secret"],
  ["app.example.org", "/public/..%3b/secret"],
  ["app.example.org", "/public;/../secret"],
  ["app.example.org", "/public;x"],
  ["app.example.org", "/;/public"],
  ["app.example.org", "/public%2f..%2fsecret"],
  ["app.example.org", "/public/..%2fsecret"],
  ["app.example.org", "/public/%2Fsecret"],
  ["app.example.org", "/public%2f"],
  ["app.example.org", "/public\\..\\secret"],
  ["app.example.org", "/public/..\\secret"],
  ["app.example.org", "/public/%5c..%5csecret"],
  ["app.example.org", "/public/%5C"],
  ["app.example.org", "//public"],
  ["app.example.org", "/public//x"],
  ["app.example.org", "/public//../secret"],
  ["app.example.org", "//secret/../public"],
  ["app.example.org", "/public/%252e%252e/secret"],
  ["app.example.org", "/public/%25"],
  ["app.example.org", "/public/%252f"],
  ["app.example.org", "/%2570ublic"],
  ["app.example.org", "/public/%"],
  ["app.example.org", "/public/%2"],
  ["app.example.org", "/public/%zz"],
  ["app.example.org", "/public/%ff"],
  ["app.example.org", "/public/%c0%ae%c0%ae/secret"],
  ["app.example.org", "/public/%c0%af"],
  ["app.example.org", "/public/%ed%a0%80"],
  ["app.example.org", "/public/%00"],
  ["app.example.org", "/public%00/secret"],
  ["app.example.org", "/public/%0d%0ax"],
  ["app.example.org", "/public/%09"],
  ["app.example.org", "/public/%7f"],
  ["app.example.org", "/public/%c2%85"],
  ["app.example.org", "/public/%e2%80%8b"],
  ["app.example.org", "/public/%e2%80%ae"],
  ["app.example.org", "/public/%c2%a0"],
  ["app.example.org", "/public#/../secret"],
  ["app.example.org", "/public/#x"],
  ["app.example.org", "/public/%23"],
  ["app.example.org", "/public/%3f/../secret"],
  ["app.example.org", "/public/%3F"],
  ["app.example.org", "/public/%ef%bc%8e%ef%bc%8e/secret"],
  ["app.example.org", "/public/%ef%bc%8fsecret"],
  ["app.example.org", "/%ef%bc%b0ublic"],
  ["app.example.org", "/public/.. /secret"],
  ["app.example.org", "/public/..%20/secret"],
  ["app.example.org", "/public/%20../secret"],
  ["app.example.org", "/public/.%20./secret"],
  ["app.example.org", "/public/.../secret"],
  ["app.example.org", "/public/,/secret"],
  ["app.example.org", "/public,/secret"],
];

for (const [host, uri] of closed)
  test(`${uri} at ${host} is not`, () => expect(isBypassed(rules, host, uri)).toBe(false));

test("an open path is open over HTTP, with nobody's identity, whoever asks; a look-alike is not", async () => {
  await using guard = await openGuard();
  const { token } = await guard.addSession(await guard.addUser("root", { role: "admin" }));
  const forward_bypass = rules.map(({ host, pathPrefix }) => ({ host, path_prefix: pathPrefix }));
  const saved = await guard.call("PATCH", "/auth/settings", {
    token,
    origin: house,
    body: { forward_bypass },
  });
  expect([saved.status, saved.body.forward_bypass]).toEqual([200, forward_bypass]);
  for (const credential of [{}, bearer(token), bearer("wrong")]) {
    for (const [host, uri] of open)
      for (const told of [forwarded(`https://${host}${uri}`, "POST"), original(`https://${host}${uri}`)]) {
        const answer = await asks(guard, { ...told, ...credential });
        expect([uri, answer.status, identity(answer)]).toEqual([uri, 200, nobody]);
      }
  }
  for (const [host, uri] of closed.filter(([, uri]) => !uri.includes(" "))) {
    const answer = await asks(guard, forwarded(`https://${host}${uri}`));
    expect([uri, answer.status]).toEqual([uri, 401]);
    const known = await asks(guard, { ...forwarded(`https://${host}${uri}`), ...bearer(token) });
    expect([uri, known.status, identity(known)[0]]).toEqual([uri, 200, "root"]);
  }
});

test("what is open is open at once and closed at once, and only where the proxy is believed", async () => {
  await using guard = await openGuard();
  const { token } = await guard.addSession(await guard.addUser("root", { role: "admin" }));
  const patch = (forward_bypass: object[]) =>
    guard.call("PATCH", "/auth/settings", { token, origin: house, body: { forward_bypass } });
  const status = async () =>
    (await asks(guard, { ...forwarded("https://app.example.org/public"), ...page })).status;
  expect(await status()).toBe(302);
  await patch([{ host: "app.example.org", path_prefix: "/public" }]);
  expect(await status()).toBe(200);
  await patch([]);
  expect(await status()).toBe(302);
  await using stranger = await openGuard({ trusted_proxies: [] });
  await stranger.core.store.write((tx) =>
    tx.settings.put({ forwardBypass: [{ host: "app.example.org", pathPrefix: "/" }] }),
  );
  expect((await asks(stranger, forwarded("https://app.example.org/"))).status).toBe(403);
});

const rule = (host: string, path_prefix: unknown) => ({ host, path_prefix });

const wrongRules: unknown[] = [
  rule("", "/"),
  rule("App.example.org", "/"),
  rule("*.example.org", "/"),
  rule("https://app.example.org", "/"),
  rule("app.example.org/", "/"),
  rule("app.example.org.", "/"),
  rule("app.example.org:443", "/"),
  rule("app.example.org:80", "/"),
  rule("app.example.org:0", "/"),
  rule("app example.org", "/"),
  rule("äpp.example.org", "/"),
  rule("a".repeat(300), "/"),
  rule("app.example.org", ""),
  rule("app.example.org", "public"),
  rule("app.example.org", "//public"),
  rule("app.example.org", "/a//b"),
  rule("app.example.org", "/a/../b"),
  rule("app.example.org", "/."),
  rule("app.example.org", "/%70ublic"),
  rule("app.example.org", "/a?b"),
  rule("app.example.org", "/a#b"),
  rule("app.example.org", "/a;b"),
  rule("app.example.org", "/a,b"),
  rule("app.example.org", "/a\\b"),
  rule("app.example.org", "/a\u0000"),
  rule("app.example.org", "/a\n"),
  rule("app.example.org", "/\ud800"),
  rule("app.example.org", "/\uff0e"),
  rule("app.example.org", "/a "),
  rule("app.example.org", `/${"x".repeat(600)}`),
  rule("app.example.org", 5),
  { host: "app.example.org" },
  { path_prefix: "/" },
  "app.example.org/",
  [],
];

test("a rule that could mean two things is refused, and so is one too many", async () => {
  await using guard = await openGuard();
  const { token } = await guard.addSession(await guard.addUser("root", { role: "admin" }));
  const patch = (forward_bypass: unknown) =>
    guard.call("PATCH", "/auth/settings", { token, origin: house, body: { forward_bypass } });
  const fine = rule("app.example.org", "/public");
  for (const wrong of wrongRules) {
    const { status, body } = await patch([fine, wrong]);
    expect([wrong, status, body.error.code]).toEqual([wrong, 400, "INVALID_REQUEST"]);
    expect(body.error.details[0].path).toStartWith("forward_bypass.1");
  }
  for (const wrong of ["none", {}, 5, true, Array.from({ length: 101 }, () => fine)])
    expect((await patch(wrong)).status).toBe(400);
  expect((await patch(Array.from({ length: 100 }, () => fine))).status).toBe(200);
  expect((await patch([{ ...fine, admin: true }])).body.forward_bypass).toEqual([fine]);
  // Null counts as absent.
  expect((await patch(null)).body.forward_bypass).toEqual([fine]);
});

test("every path that a rule may name is one that a request can have", () => {
  for (const pathPrefix of ["/", "/a", "/a/", "/a b/c", "/über", "/a.b/..c", "/~ada/(x)!*'"]) {
    expect([pathPrefix, isBypassRule({ host: "a.example", pathPrefix })]).toEqual([pathPrefix, true]);
    expect(plainPath(encodeURI(pathPrefix))).toBe(pathPrefix);
  }
});
