import { expect, test } from "bun:test";
import { networkOf } from "../../src/web/account/network.ts";
import { durationOf, durationText } from "../../src/web/admin/duration.ts";
import { ago } from "../../src/web/parts/ago.ts";
import { catalogue, preferred, setLanguage } from "../../src/web/parts/language.ts";
import { ownPath } from "../../src/web/parts/return-to.ts";
import { tokenIn, tokenOf } from "../../src/web/parts/token.ts";

test("only a path of the house is a place to return to", () => {
  for (const own of ["/", "/device", "/device?code=A-1#x", "/a//b", "/@x", "/%2f"])
    expect(ownPath(own)).toBe(own);
  const foreign = [null, "", "device", "//evil.example", "/\\evil.example", "\\\\evil.example", " /x"];
  const hidden = ["/\t/evil.example", "/\n/evil.example", "/a\u0000", "/\u0085", "\u0001/x"];
  const schemes = ["https://evil.example/", "javascript:alert(1)", "data:text/html,x"];
  for (const other of [...foreign, ...hidden, ...schemes]) expect(ownPath(other)).toBe("/account");
});

test("a token is read from the link as the operator wrote it", () => {
  expect(tokenOf("#token=3f9c")).toBe("3f9c");
  expect(tokenOf("#token=a+b/c==")).toBe("a+b/c==");
  expect(tokenOf("#token=a%2Bb%26c%25")).toBe("a+b&c%");
  expect(tokenOf("#token=50%")).toBe("50%");
  for (const none of ["", "#", "#token=", "#other=1", "token=3f9c"]) expect(tokenOf(none)).toBe(null);
});

test("a person may paste the token or the whole link", () => {
  expect(tokenIn("3f9c")).toBe("3f9c");
  expect(tokenIn("http://localhost:8420/setup#token=3f9c")).toBe("3f9c");
});

test("times are told by how long ago they were, and never lie ahead", () => {
  setLanguage("en");
  const now = new Date("2026-01-02T12:00:00Z");
  const told = (seconds: number) => ago(new Date(now.getTime() - seconds * 1000), now);
  expect([-90, 0, 59].map(told)).toEqual(["just now", "just now", "just now"]);
  expect([60, 3599, 7200, 86_400, 259_200].map(told)).toEqual([
    "1 minute ago",
    "59 minutes ago",
    "2 hours ago",
    "yesterday",
    "3 days ago",
  ]);
});

test("the language is the first of the browser's that the house speaks", () => {
  expect(preferred(["de-AT", "en"])).toBe("de");
  expect(preferred(["fr", "EN-gb", "de"])).toBe("en");
  expect(preferred(["fr", "ja"])).toBe("en");
  expect(preferred([])).toBe("en");
  expect(preferred(["den", "deutsch"])).toBe("en");
});

test("a word that is missing in German, or takes something else, does not compile", () => {
  const words = catalogue({
    en: { hello: "Hello", since: (day: string) => day },
    de: { hello: "Hallo", since: () => "" },
  });
  setLanguage("de");
  expect(words().hello).toBe("Hallo");
  setLanguage("en");
  expect(words().hello).toBe("Hello");
  // @ts-expect-error a German word is missing
  catalogue({ en: { hello: "Hello", bye: "Bye" }, de: { hello: "Hallo" } });
  // @ts-expect-error the German sentence takes a number
  catalogue({ en: { since: (day: string) => day }, de: { since: (day: number) => `${day}` } });
});

test("an address is told by where it lies, as seen from the house", () => {
  for (const ip of ["127.0.0.1", "127.8.9.1", "::1"]) expect(networkOf(ip)).toBe("here");
  const home = [
    "10.1.2.3",
    "192.168.178.20",
    "172.16.0.1",
    "172.31.255.1",
    "100.64.0.1",
    "fd00::1",
    "fe80::1",
  ];
  for (const ip of [...home, "169.254.1.1", "100.127.0.9"]) expect(networkOf(ip)).toBe("home");
  for (const ip of [
    "1.1.1.1",
    "172.32.0.1",
    "172.15.0.1",
    "100.63.0.1",
    "100.128.0.1",
    "192.169.0.1",
    "2001:db8::1",
  ])
    expect(networkOf(ip)).toBe("outside");
  expect(networkOf(null)).toBe("nowhere");
});

test("a span of time is read and written as people do", () => {
  expect([900, 86_400, 3600, 90, 30 * 86_400].map(durationText)).toEqual(["15m", "1d", "1h", "90s", "30d"]);
  expect(["15m", " 24H ", "90 s", "3650d"].map(durationOf)).toEqual([900, 86_400, 90, 3650 * 86_400]);
  for (const wrong of ["", "15", "59s", "3651d", "-1d", "1.5h", "1w", "1d 2h", "9999999999s"])
    expect([wrong, durationOf(wrong)]).toEqual([wrong, null]);
});
