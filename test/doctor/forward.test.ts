/** What the doctor makes of proxies that guard other applications. */
import { expect, test } from "bun:test";
import { examineForward } from "../../src/doctor/forward.ts";
import { makeWitness } from "../../src/http/witness.ts";
import { type ForwardRefusal, nothingSeen } from "../../src/identity/doctor.ts";
import { app, asks, bearer, forwarded, openGuard, page } from "../forward/guard.ts";

const now = new Date("2026-03-01T12:00:00Z");
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);
const peer = "10.0.0.7";

function complaints(
  refusals: readonly Omit<ForwardRefusal, "peer" | "at">[],
  { url = "https://auth.example.org", cookieDomain = undefined as string | undefined, at = now } = {},
) {
  const seen = nothingSeen();
  for (const [n, refusal] of refusals.entries()) seen.forward.refused.set(`${n}`, { peer, at, ...refusal });
  const set = { trusted: ["10.0.0.1"], cookieDomain };
  return examineForward({ url: new URL(url), isSet: true }, seen, set, now);
}

test("a house that guards nothing hears nothing, and what is an hour old is forgotten", () => {
  expect(complaints([])).toEqual([]);
  expect(complaints([{ is: "stranger" }], { at: ago(3601) })).toEqual([]);
  expect(complaints([{ is: "stranger" }], { at: ago(3599) })).toHaveLength(1);
  const address = { url: new URL("https://auth.example.org"), isSet: true };
  expect(examineForward(address, null, { trusted: [], cookieDomain: undefined }, now)).toEqual([]);
});

const reasons: [refusal: Omit<ForwardRefusal, "peer" | "at">, message: RegExp, fix: RegExp][] = [
  [{ is: "stranger" }, /10\.0\.0\.7 asks .* no proxy that was named/, /PROXIES=10\.0\.0\.1,10\.0\.0\.7 /],
  [{ is: "missing", header: "X-Forwarded-Uri" }, /X-Forwarded-Uri is missing/, /nginx: .*Caddy: .*Traefik: /],
  [{ is: "doubled", header: "X-Original-URL" }, /said twice \(X-Original-URL\)/, /\$request_uri/],
  [{ is: "unreadable", header: "X-Forwarded-Host" }, /not readable \(X-Forwarded-Host\)/, /\$server_name/],
  [{ is: "contradictory", header: "X-Forwarded-Proto" }, /two ways that differ/, /X-Forwarded-Host ""/],
  [{ is: "scheme", host: "app.example.org" }, /app\.example\.org by plain http/, /from http to https/],
  [
    { is: "host", host: "nas.lan" },
    /nas\.lan .* for auth\.example\.org alone/,
    /HOUSEKEY_COOKIE_DOMAIN .* like example\.org\./,
  ],
];

for (const [refusal, message, fix] of reasons)
  test(`a proxy's mistake, ${refusal.is}, is told with how to mend it`, () => {
    expect(complaints([refusal])).toEqual([
      {
        name: "other applications",
        ok: false,
        message: expect.stringMatching(message),
        fix: expect.stringMatching(fix),
      },
    ]);
  });

test("where there is a cookie domain, or no https, it says so", () => {
  const refusal = { is: "host", host: "nas.lan" } as const;
  const [under] = complaints([refusal], { cookieDomain: "example.org" });
  expect(under?.message).toContain("nas.lan asks whom to let in, and is not under example.org");
  const [plain] = complaints([refusal], { url: "http://nas.lan:8420" });
  expect(plain?.fix).toContain("an https address in HOUSEKEY_URL first");
});

test("the same complaint is made once, and no more than a few", () => {
  expect(
    complaints(Array.from({ length: 9 }, () => ({ is: "missing", header: "X-Forwarded-Uri" }))),
  ).toHaveLength(1);
  const many = reasons.map(([refusal]) => refusal);
  expect(complaints(many).length).toBeLessThanOrEqual(4);
});

test("a proxy that does right is complained of no more, for that application at least", async () => {
  await using guard = await openGuard();
  const { token } = await guard.addSession(await guard.addUser("ada"));
  const refused = () =>
    [...guard.core.seen.forward.refused.values()].map(({ is, host }) => `${is} ${host ?? ""}`);
  await asks(guard, {});
  expect(refused()).toEqual(["missing "]);
  await asks(guard, { ...forwarded("https://nas.lan/"), ...page });
  expect(refused()).toEqual(["host nas.lan"]);
  await asks(guard, { ...forwarded(app), ...bearer(token) });
  await asks(guard, { ...forwarded("http://app.example.org/"), ...page });
  expect(refused()).toEqual(["host nas.lan", "scheme app.example.org"]);
  await asks(guard, forwarded(app));
  expect(refused()).toEqual(["host nas.lan"]);
});

test("thousands of mistakes fill neither the memory nor the log", async () => {
  await using guard = await openGuard();
  for (let n = 0; n < 1000; n++) await asks(guard, { ...forwarded(`https://h${n}.lan/`), ...page });
  expect(guard.core.seen.forward.refused.size).toBe(32);
  expect(guard.lines.filter((line) => line.includes("was refused"))).toHaveLength(256);
});

test("the name of an application that a proxy leaves in place is not taken for another one of the house's", async () => {
  await using guard = await openGuard();
  await guard.get("/auth/options");
  const witness = makeWitness(guard.core);
  const see = (path: string, proto: string) => {
    const headers = { host: "app.example.org", "sec-fetch-mode": "navigate", "x-forwarded-proto": proto };
    witness(new Request(`http://app.example.org${path}`, { headers }), null);
    return [[...guard.core.seen.hosts.keys()], [...guard.core.seen.peers.values()][0]?.proto];
  };
  expect(see("/auth/forward", "wss")).toEqual([[], "https"]);
  expect(see("/auth/forward/", "ftp")).toEqual([[], "something else"]);
  expect(see("/login", "WS")).toEqual([["app.example.org"], "http"]);
});
