/** The one timed test there is: whether the time of an answer tells that a name is somebody's. */
import { expect, test } from "bun:test";
import { startAppliance } from "../harness.ts";

/** How often a sample of `a` is larger than one of `b`: 0.5 when nothing can be told. */
function auc(a: readonly number[], b: readonly number[]): number {
  let larger = 0;
  for (const x of a) for (const y of b) larger += x > y ? 1 : x === y ? 0.5 : 0;
  return larger / (a.length * b.length);
}

test("a wrong password takes as long for a name that is nobody's as for one that is somebody's", async () => {
  await using house = await startAppliance({ hasher: { memoryKib: 19_456, passes: 2 } });
  await house.addUser("somebody");
  const timed = async (username: string): Promise<number> => {
    const started = performance.now();
    await house.post("/auth/local/login", { username, password: "wrong" });
    return performance.now() - started;
  };
  for (const name of ["somebody", "nobody", "somebody", "nobody"]) await timed(name);
  const [known, unknown]: [number[], number[]] = [[], []];
  for (let n = 0; n < 200; n++) {
    // In turn, and each first as often as the other, so that the machine's mood is shared.
    const order = n % 2 ? [known, unknown] : [unknown, known];
    for (const samples of order) samples.push(await timed(samples === known ? "somebody" : `nobody${n}`));
  }
  const told = auc(known, unknown);
  expect(told).toBeGreaterThan(0.4);
  expect(told).toBeLessThan(0.6);
}, 120_000);

test("the measure itself can tell", () => {
  const noise = (n: number) => ((n * 7919) % 100) / 100;
  const base = Array.from({ length: 200 }, (_, n) => 10 + noise(n));
  const slower = base.map((sample) => sample + 0.5);
  expect(auc(slower, base)).toBeGreaterThan(0.6);
  expect(auc(base, base)).toBe(0.5);
});
