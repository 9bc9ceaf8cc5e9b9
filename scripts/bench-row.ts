/**
 * A row of the benchmark: one figure of ours beside one of something else, taken in turns within one run.
 * Machines differ and are shared, so the ratio of neighbours is what a row is about; the absolute figures
 * only say on what scale it was taken.
 */

/** What a row promises. Printed beside the figure, never enforced: a busy machine is no regression. */
export interface Target {
  readonly of: "ratio" | "value";
  readonly atLeast?: number;
  readonly atMost?: number;
  /** What it is to become. */
  readonly later?: number;
}

export interface Row {
  readonly name: string;
  readonly unit: string;
  readonly ours: Series;
  readonly against: Series;
  /** ours / against, round by round. */
  readonly ratio: Spread;
  readonly target?: Target;

  /** A few words printed below the name. */
  readonly note?: string;
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** In the order they were taken. */
  readonly values: readonly number[];
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
  const ratios = rounds.map((taken) => pick(taken[ours]) / pick(taken[against]));
  return { ...said, ours: series(ours), against: series(against), ratio: spread(ratios) };
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    min: at(0),
    max: at(sorted.length - 1),
    values,
  };
}

/** Whether the median keeps what the row promises. */
export function isMet({ target, ratio, ours }: Row): boolean | null {
  if (!target) return null;
  const { median } = target.of === "ratio" ? ratio : ours;
  return median >= (target.atLeast ?? -Infinity) && median <= (target.atMost ?? Infinity);
}

/** For people: three lines a row. */
export function printed(rows: readonly Row[]): string {
  const lines = [["", "", "median", "min", "max", "target"]];
  for (const each of rows) {
    const { name, unit, ours, against, ratio } = each;
    lines.push(
      [`${name}, ${unit}`, ours.name, ...figures(ours), targetOf("value", each)],
      ["", against.name, ...figures(against), ""],
      [each.note === undefined ? "" : `  ${each.note}`, "ratio", ...figures(ratio), targetOf("ratio", each)],
    );
  }
  const widths = lines.reduce<number[]>(
    (most, line) => line.map((cell, column) => Math.max(most[column] ?? 0, cell.length)),
    [],
  );
  const isFigure = (column: number) => column >= 2 && column <= 4;
  const aligned = (cell: string, column: number) =>
    isFigure(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  return lines.map((line) => line.map(aligned).join("  ").trimEnd()).join("\n");
}

function figures({ median, min, max, values }: Spread): string[] {
  return values.length > 1 ? [median, min, max].map(short) : [short(median), "", ""];
}

function short(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString("en");
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

function targetOf(what: Target["of"], each: Row): string {
  const { target } = each;
  if (target?.of !== what) return "";
  const bound = target.atLeast === undefined ? `at most ${target.atMost}` : `at least ${target.atLeast}`;
  const later = target.later === undefined ? "" : ` (later ${target.later})`;
  return `${bound}${later}: ${isMet(each) ? "met" : "missed"}`;
}
