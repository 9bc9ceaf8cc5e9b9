import { expect, test } from "bun:test";
import { ago } from "../../src/web/parts/ago.ts";
import { ownPath } from "../../src/web/parts/return-to.ts";
import { tokenIn, tokenOf } from "../../src/web/parts/token.ts";

test("only a path of the house is a place to return to", () => {
  for (const own of ["/", "/device", "/device?code=A-1#x", "/a//b", "/@x", "/%2f"])
    expect(ownPath(own)).toBe(own);
  const foreign = [null, "", "device", "//evil.example", "/\\evil.example", "\\\\evil.example", " /x"];
  const hidden = ["/\t/evil.example", "/\n/evil.example", "/a\u0000", "/\u0085", "\u0001/x"];
  const schemes = ["https://evil.example/", "javascript:alert(1)", "data:text/html,x"];
  for (const other of [...foreign, ...hidden, ...schemes]) expect(ownPath(other)).toBe("/");
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
