/** What the benchmark makes of what it measured. */
import { expect, test } from "bun:test";
import { markdown, printed } from "../../scripts/bench-print.ts";
import { interleave, isMet, row, type Target } from "../../scripts/bench-row.ts";
import { columns, short, spread } from "../../src/cli/bench-figures.ts";

const rounds = [
  { ours: 50, theirs: 100 },
  { ours: 90, theirs: 100 },
  { ours: 60, theirs: 200 },
];
const made = (target?: Target) =>
  row(rounds, {
    ...{ name: "checks", unit: "req/s", ours: "ours", against: "theirs", pick: (value: number) => value },
    ...(target && { target }),
  });

test("sides are measured by turns, and every round has each of them", async () => {
  const order: string[] = [];
  const side = (name: string) => (round: number) => {
    order.push(`${name}${round}`);
    return round;
  };
  const taken = await interleave(2, { a: side("a"), b: side("b") });
  expect(order).toEqual(["a0", "b0", "a1", "b1"]);
  expect(taken).toEqual([
    { a: 0, b: 0 },
    { a: 1, b: 1 },
  ]);
});

test("a ratio is one of neighbours in time, not of the two medians", () => {
  const { ratio, difference, ours } = made();
  expect(ratio.values).toEqual([0.5, 0.9, 0.3]);
  expect([ratio.median, ratio.min, ratio.max]).toEqual([0.5, 0.3, 0.9]);
  expect(difference.values).toEqual([-50, -10, -140]);
  expect(ours.median).toBe(60);
});

test("a target is met by the median of what it is about", () => {
  expect(isMet(made())).toBeNull();
  expect(isMet(made({ of: "ratio", atLeast: 0.5 }))).toBe(true);
  expect(isMet(made({ of: "ratio", atLeast: 0.51 }))).toBe(false);
  expect(isMet(made({ of: "value", atMost: 60 }))).toBe(true);
  expect(isMet(made({ of: "value", atMost: 59 }))).toBe(false);
  expect(isMet(made({ of: "difference", atMost: -50 }))).toBe(true);
  expect(isMet(made({ of: "difference", atMost: -51 }))).toBe(false);
});

test("a row says on a terminal and on a page whether its target is met", () => {
  const missed = made({ of: "ratio", atLeast: 0.6 });
  expect(printed([missed])).toMatch(/^ +ratio +0\.50 +0\.30 +0\.90 +at least 0\.6: missed$/m);
  expect(markdown([missed]).split("\n")[2]).toBe(
    "| checks, req/s | ours 60.0 (50.0–90.0) | theirs 100 (100–200) | 0.50 (0.30–0.90) | at least 0.6: missed |",
  );
  const more = made({ of: "difference", atMost: 15 });
  expect(printed([more])).toMatch(/^ +difference +-50\.0 +-140 +-10\.0 +at most 15: met$/m);
});

test("the median of an even number lies between the two in the middle", () => {
  expect(spread([4, 1, 3, 2]).median).toBe(2.5);
  expect(spread([7])).toEqual({ median: 7, min: 7, max: 7, values: [7] });
});

test("figures have as many digits as mean something, and stand under each other", () => {
  expect([14_065.4, 129.3, 43.52, 0.448, -1234.6].map(short)).toEqual([
    "14,065",
    "129",
    "43.5",
    "0.45",
    "-1,235",
  ]);
  const lines = [
    ["a", "1"],
    ["bcd", "1,000"],
  ];
  expect(columns(lines, (column) => column === 1)).toBe("a        1\nbcd  1,000");
});
