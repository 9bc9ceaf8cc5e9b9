/** The rows as people read them: a table for a terminal, or one for a page in Markdown. */
import { columns, figures, type Spread, short } from "../src/cli/bench-figures.ts";
import { isMet, type Row } from "./bench-row.ts";

/** Three lines a row: ours, the other, and what one is to the other. */
export function printed(rows: readonly Row[]): string {
  const lines = [["", "", "median", "min", "max", "target"]];
  for (const each of rows) {
    const { name, unit, ours, against, note } = each;
    const promise = promised(each);
    const isOfValue = each.target?.of === "value";
    lines.push(
      [`${name}, ${unit}`, ours.name, ...figures(ours), isOfValue ? promise : ""],
      ["", against.name, ...figures(against), ""],
      [note === undefined ? "" : `  ${note}`, ...comparison(each), isOfValue ? "" : promise],
    );
  }
  return columns(lines, (column) => column >= 2 && column <= 4);
}

function comparison(each: Row): string[] {
  const isDifference = each.target?.of === "difference";
  return isDifference ? ["difference", ...figures(each.difference)] : ["ratio", ...figures(each.ratio)];
}

/** "at least 0.6: met" */
function promised(each: Row): string {
  const { target } = each;
  if (!target) return "";
  const bound = target.atLeast === undefined ? `at most ${target.atMost}` : `at least ${target.atLeast}`;
  return `${bound}: ${isMet(each) ? "met" : "missed"}`;
}

/** One line a row, for a page of the project's own. */
export function markdown(rows: readonly Row[]): string {
  const lines = rows.map((each) => {
    const { name, unit, ours, against, target } = each;
    const compared =
      target?.of === "difference" ? `${inRange(each.difference)} ${unit} more` : inRange(each.ratio);
    const sides = [ours, against].map((side) => `${side.name} ${inRange(side)}`);
    return `| ${[`${name}, ${unit}`, ...sides, compared, promised(each)].join(" | ")} |`;
  });
  return ["| what | Housekey | beside it | ratio | target |", "|---|---|---|---|---|", ...lines].join("\n");
}

/** "0.45 (0.44–0.47)" */
const inRange = ({ median, min, max, values }: Spread): string =>
  values.length > 1 ? `${short(median)} (${short(min)}–${short(max)})` : short(median);
