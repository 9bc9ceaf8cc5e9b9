import { expect, test } from "bun:test";
import { dashed, foldDeviceCode, longCode, mintCode, shortCode } from "../../src/identity/device-code.ts";

const alphabet = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";

/**
 * Pearson's statistic over the letters of `codes` at one place. With 30 degrees of freedom it is above 90 once in
 * 15 million times; a random byte modulo 31 would come to 280.
 */
function chiSquare(codes: readonly string[], place: number): number {
  const counts = new Map<string, number>();
  for (const code of codes) counts.set(code.charAt(place), (counts.get(code.charAt(place)) ?? 0) + 1);
  const expected = codes.length / alphabet.length;
  return [...alphabet].reduce((sum, one) => sum + ((counts.get(one) ?? 0) - expected) ** 2 / expected, 0);
}

for (const length of [shortCode, longCode])
  test(`100,000 codes of ${length}: no letter that is taken for another, and each as often as any`, () => {
    const codes = Array.from({ length: 100_000 }, () => mintCode(length));
    expect(codes.filter((code) => !new RegExp(`^[${alphabet}]{${length}}$`).test(code))).toEqual([]);
    for (let place = 0; place < length; place++) expect(chiSquare(codes, place)).toBeLessThan(90);
    // Of 31^6 there are 5.6 pairs of twins to be expected in 100,000.
    expect(new Set(codes).size).toBeGreaterThan(99_960);
  });

test("a code is understood in any case, with or without its dash", () => {
  for (const typed of ["ABCD-2345", "abcd-2345", "abcd2345", " ABCD 2345 ", "a-b-c-d-2-3-4-5"])
    expect(foldDeviceCode(typed)).toBe("ABCD2345");
  expect(foldDeviceCode("k7m2pq")).toBe("K7M2PQ");
  expect(dashed("ABCD2345")).toBe("ABCD-2345");
});

test("what cannot be a code is none", () => {
  for (const typed of ["", "-", "ABCD-234", "ABCD-23456", "K7M2P", "ABCD-234I", "ABCD-2340", "LOOOOO"])
    expect(foldDeviceCode(typed)).toBeNull();
  for (const typed of ["ABCD‐2345", "\u0000BCD2345", "ＡＢＣＤ2345", "'; drop--"])
    expect(foldDeviceCode(typed)).toBeNull();
});
