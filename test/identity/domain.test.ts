/** What a person may call a host, and what a house cannot be called. */
import { expect, test } from "bun:test";
import { isSecure, originOf } from "../../src/identity/domain.ts";

const url = "https://id.example.org";

for (const [typed, meant] of [
  ["id.example.org", url],
  ["ID.example.org", url],
  ["https://id.example.org/", url],
  ["id.example.org:8443", "https://id.example.org:8443"],
  ["id.example.org:443", url],
  ["nas", "https://nas"],
  ["http://nas", "http://nas"],
  ["localhost:8420", "http://localhost:8420"],
  ["home.localhost", "http://home.localhost"],
  ["https://localhost", "https://localhost"],
  ["xn--bcher-kva.example", "https://xn--bcher-kva.example"],
  ["notlocalhost", "https://notlocalhost"],
  ["192.168.1.2", null],
  ["https://192.168.1.2", null],
  ["127.1", null],
  ["0x7f000001", null],
  ["[::1]", null],
  ["bücher.example", null],
  ["id.example.org.", null],
  [".example.org", null],
  ["-id.example.org", null],
  ["id..example.org", null],
  [`${"a".repeat(64)}.example`, null],
  [`${"a.".repeat(126)}ab`, null],
  ["my_house.example", null],
  ["id.example.org/x", null],
  ["id.example.org?x", null],
  ["ada@id.example.org", null],
  ["ftp://id.example.org", null],
  ["id.example.org:99999", null],
  ["id example", null],
  ["", null],
] as const)
  test(`${JSON.stringify(typed)} is ${meant ?? "no host a house can have"}`, () => {
    expect(originOf(typed)).toBe(meant);
  });

test("browsers do passkeys over https, and at localhost", () => {
  const origins = [
    url,
    "http://localhost:8420",
    "http://home.localhost",
    "http://nas",
    "http://notlocalhost",
  ];
  expect(origins.map(isSecure)).toEqual([true, true, true, false, false]);
});
