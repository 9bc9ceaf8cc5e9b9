import { expect, test } from "bun:test";
import type { Server } from "bun";
import { canonicalAddress, makePlaceOf } from "../../src/http/place.ts";

const from = (peer: string, trusted: string[], forwarded?: string): string => {
  const server = {
    requestIP: () => ({ address: peer, family: "IPv4", port: 1 }),
  } as unknown as Server<unknown>;
  const headers: Record<string, string> = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
  return makePlaceOf(trusted)(new Request("http://localhost/", { headers }), server).address;
};

test("a forwarding header is believed from a trusted proxy only", () => {
  expect(from("9.9.9.9", [], "1.2.3.4")).toBe("9.9.9.9");
  expect(from("9.9.9.9", ["10.0.0.0/8"], "1.2.3.4")).toBe("9.9.9.9");
  expect(from("10.1.2.3", ["10.0.0.0/8"], "1.2.3.4")).toBe("1.2.3.4");
  expect(from("::ffff:10.1.2.3", ["10.0.0.0/8"], "1.2.3.4")).toBe("1.2.3.4");
  expect(from("fd00::1", ["fd00::/8"], "2001:DB8::0:1")).toBe("2001:db8::1");
});

test("the nearest address that is no proxy of ours is the client, whatever stands before it", () => {
  const trusted = ["10.0.0.0/8", "192.168.0.1"];
  expect(from("10.0.0.1", trusted, "6.6.6.6, 1.2.3.4, 192.168.0.1, 10.9.9.9")).toBe("1.2.3.4");
  expect(from("10.0.0.1", trusted, "10.0.0.7")).toBe("10.0.0.1");
});

test("a header that cannot be read is not believed at all", () => {
  for (const garbage of [
    "unknown",
    "1.2.3.4:99999999",
    "1.2.3",
    "",
    "1.2.3.4, <script>",
    "[::1",
    "fe80::1%eth0",
  ])
    expect([garbage, from("10.0.0.1", ["10.0.0.1"], garbage)]).toEqual([garbage, "10.0.0.1"]);
});

test("one address has one text", () => {
  for (const [text, canonical] of [
    ["127.0.0.1", "127.0.0.1"],
    ["::ffff:127.0.0.1", "127.0.0.1"],
    ["::FFFF:7F00:1", "127.0.0.1"],
    ["2001:0DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["::1", "::1"],
    ["127.1", null],
    ["localhost", null],
  ] as const)
    expect(canonicalAddress(text)).toBe(canonical);
});
