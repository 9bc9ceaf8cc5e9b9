/** Figures that were taken more than once, and how they are written. `scripts/bench` writes its own with these, too. */

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;

  /** In the order they were taken. */
  readonly values: readonly number[];
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

/** As many digits as mean something: "14,065", "129", "43.5", "0.45". */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString("en");
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

/** Median, least and most; of a single figure only itself. */
export const figures = ({ median, min, max, values }: Spread): [string, string, string] =>
  values.length > 1 ? [short(median), short(min), short(max)] : [short(median), "", ""];

/** Lines of cells under each other; the columns that `isFigure` names stand to the right. */
export function columns(
  lines: readonly (readonly string[])[],
  isFigure: (column: number) => boolean,
): string {
  const widths = lines.reduce<number[]>(
    (most, line) => line.map((cell, column) => Math.max(most[column] ?? 0, cell.length)),
    [],
  );
  const aligned = (cell: string, column: number) =>
    isFigure(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  return lines.map((line) => line.map(aligned).join("  ").trimEnd()).join("\n");
}
