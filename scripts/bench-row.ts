/**
 * A row of the benchmark: one figure of ours beside one of something else, taken in turns within one run.
 * Machines differ and are shared, so the ratio of neighbours is what a row is about; the absolute figures
 * only say on what scale it was taken.
 */
import { type Spread, spread } from "../src/cli/bench-figures.ts";

/** What a row promises. Printed beside the figure, never enforced: a busy machine is no regression. */
export interface Target {
  readonly of: "ratio" | "value" | "difference";
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface Row {
  readonly name: string;
  readonly unit: string;
  readonly ours: Series;
  readonly against: Series;

  /** ours / against, round by round. */
  readonly ratio: Spread;

  /** ours - against, round by round. */
  readonly difference: Spread;

  readonly target?: Target;

  /** A few words printed below the name. */
  readonly note?: string;
}

export interface Series extends Spread {
  readonly name: string;
}

/** What every side measured in one round. */
export type Round<Side extends string, Measured> = Readonly<Record<Side, Measured>>;

/** Measures the sides in turns, A B A B …, so that whatever else the machine does meets all of them. */
export async function interleave<Side extends string, Measured>(
  rounds: number,
  sides: Readonly<Record<Side, (round: number) => Measured | Promise<Measured>>>,
): Promise<Round<Side, Measured>[]> {
  const names = Object.keys(sides) as Side[];
  const taken: Round<Side, Measured>[] = [];
  for (let round = 0; round < rounds; round++) {
    const measured: [Side, Measured][] = [];
    for (const name of names) measured.push([name, await sides[name](round)]);
    taken.push(Object.fromEntries(measured) as Record<Side, Measured>);
  }
  return taken;
}

interface Choice<Side extends string, Measured> {
  readonly name: string;
  readonly unit: string;
  readonly ours: Side;
  readonly against: Side;
  readonly pick: (measured: Measured) => number;
  readonly target?: Target;
  readonly note?: string;
}

/** The row that two of the sides make. */
export function row<Side extends string, Measured>(
  rounds: readonly Round<Side, Measured>[],
  { ours, against, pick, ...said }: Choice<Side, Measured>,
): Row {
  const series = (side: Side): Series => ({
    name: side,
    ...spread(rounds.map((taken) => pick(taken[side]))),
  });
  const pairs = rounds.map((taken) => [pick(taken[ours]), pick(taken[against])] as const);
  return {
    ...said,
    ours: series(ours),
    against: series(against),
    ratio: spread(pairs.map(([one, other]) => one / other)),
    difference: spread(pairs.map(([one, other]) => one - other)),
  };
}

/** Whether the median keeps what the row promises. */
export function isMet({ target, ratio, difference, ours }: Row): boolean | null {
  if (!target) return null;
  const { median } = { ratio, difference, value: ours }[target.of];
  return median >= (target.atLeast ?? -Infinity) && median <= (target.atMost ?? Infinity);
}
