/** What `housekey bench` advises, for machines this one is not. */
import { expect, test } from "bun:test";
import { diskWords, type HashFacts, hashWords, judgeHashing } from "../../src/cli/bench-advice.ts";

const gigabyte = 2 ** 30;
const usual: HashFacts = { memoryKib: 19_456, passes: 2, milliseconds: 80, cores: 4, memory: 8 * gigabyte };

test("a hash between a twentieth and half of a second suits the machine", () => {
  for (const milliseconds of [50, 80, 500])
    expect(judgeHashing({ ...usual, milliseconds })).toEqual({ verdict: "fine", suggested: null });
});

test("a quick machine can afford more memory a hash, as much as a tenth of a second takes", () => {
  expect(judgeHashing({ ...usual, milliseconds: 20 })).toEqual({
    verdict: "quick",
    suggested: { memoryKib: 94_208, passes: 2 },
  });
});

test("but never so much that hashes on all cores would take the machine's memory", () => {
  const small = { ...usual, milliseconds: 20, memory: 2 * gigabyte };
  expect(judgeHashing(small)).toEqual({ verdict: "quick", suggested: { memoryKib: 32_768, passes: 2 } });
  expect(judgeHashing({ ...small, memory: gigabyte })).toEqual({ verdict: "fine", suggested: null });
});

test("a slow machine gets a lighter hash, and never less than the least that is safe", () => {
  const slow = { ...usual, milliseconds: 1000 };
  expect(judgeHashing(slow)).toEqual({ verdict: "slow", suggested: null });
  expect(hashWords("slow", null, null)).toContain("leave it");
  expect(judgeHashing({ ...slow, memoryKib: 262_144 }).suggested).toEqual({ memoryKib: 49_152, passes: 2 });
  expect(judgeHashing({ ...slow, memoryKib: 40_960, passes: 3 }).suggested).toEqual({
    ...{ memoryKib: 19_456, passes: 2 },
  });
});

test("parameters below the least are called so, whatever they take, and as good ones are not", () => {
  const weak = { ...usual, memoryKib: 8192, passes: 2 };
  for (const milliseconds of [5, 100, 2000])
    expect(judgeHashing({ ...weak, milliseconds })).toEqual({
      verdict: "weak",
      suggested: { memoryKib: 19_456, passes: 2 },
    });
  for (const [memoryKib = 0, passes = 0] of [
    [12_288, 3],
    [9216, 4],
  ])
    expect(judgeHashing({ ...usual, memoryKib, passes }).verdict).toBe("fine");
});

test("the words name the settings, and what they cost here", () => {
  expect(hashWords("quick", { memoryKib: 61_440, passes: 2 }, 98.4)).toContain(
    "HOUSEKEY_ARGON2_MEMORY_KIB=61440 HOUSEKEY_ARGON2_PASSES=2, which takes 98 ms here",
  );
  expect(hashWords("fine", null, null)).toBe("The hash suits this machine.");
});

test("a slow disk is called one, and a disk that is not the house's is said to be another", () => {
  expect(diskWords(40, { isOfHouse: true })).toContain("SD card");
  expect(diskWords(400, { isOfHouse: true })).toBe("The disk keeps up.");
  expect(diskWords(400, { isOfHouse: false })).toContain("--data");
});
