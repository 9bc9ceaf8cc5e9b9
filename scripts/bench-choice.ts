/** What the command line of `scripts/bench` asks for. */
import { parseArgs } from "node:util";
import { checkRows } from "./bench-check.ts";
import { footprintRows } from "./bench-footprint.ts";
import { growthRows } from "./bench-growth.ts";
import { memoryRows } from "./bench-memory.ts";
import { refreshRows } from "./bench-refresh.ts";
import type { Row } from "./bench-row.ts";
import { full, quick, type Scale } from "./bench-scale.ts";
import { signInRows } from "./bench-signin.ts";
import { stormRows } from "./bench-storm.ts";
import type { Yard } from "./bench-yard.ts";

export interface Group {
  readonly name: string;

  /** Starts and stops what it needs. */
  readonly measure: (yard: Yard) => Promise<Row[]>;

  readonly usesPeer?: true;
}

export const groups: readonly Group[] = [
  { name: "footprint", measure: footprintRows },
  { name: "check", measure: checkRows, usesPeer: true },
  { name: "signin", measure: signInRows, usesPeer: true },
  { name: "storm", measure: stormRows },
  { name: "refresh", measure: refreshRows },
  { name: "growth", measure: growthRows },
  { name: "memory", measure: memoryRows },
];

const names = groups.map(({ name }) => name).join(", ");

export const usage = `Measures Housekey on this machine, every figure beside one of something else.

  scripts/bench [--only GROUP …] [--accounts N] [--rounds N] [--quick] [--markdown] [--json FILE]

  --only GROUP  one of ${names}; may be given several times
  --accounts N  accounts in the database, each with an open session (${full.accounts})
  --rounds N    rounds of load, each side once a round (${full.rounds})
  --quick       a small run that proves the script, not the product
  --markdown    prints the table as Markdown
  --json FILE   also writes everything that was measured

It installs Better Auth from npm into a temporary folder; when that does not work, its rows are left out.
`;

/** The command line was written wrong. */
export class Mistake extends Error {}

export interface Choice {
  readonly scale: Scale;
  readonly groups: readonly Group[];
  readonly markdown: boolean;
  readonly json: string | undefined;
}

/** Null: only the usage is asked for. Throws `Mistake`. */
export function choose(args: readonly string[]): Choice | null {
  const { values } = read(args);
  if (values.help) return null;
  const usual = values.quick ? quick : full;
  const { only = [] } = values;
  const unknown = only.find((wanted) => !groups.some(({ name }) => name === wanted));
  if (unknown !== undefined) throw new Mistake(`--only: no group ${unknown}; there are ${names}`);
  return {
    json: values.json,
    markdown: values.markdown,
    groups: groups.filter(({ name }) => only.length === 0 || only.includes(name)),
    scale: {
      ...usual,
      accounts: whole("accounts", values.accounts, 100) ?? usual.accounts,
      rounds: whole("rounds", values.rounds, 1) ?? usual.rounds,
    },
  };
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: "string", multiple: true },
        accounts: { type: "string" },
        rounds: { type: "string" },
        quick: { type: "boolean", default: false },
        markdown: { type: "boolean", default: false },
        json: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new Mistake(error instanceof Error ? error.message : String(error));
  }
}

function whole(name: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,7}$/.test(text) || Number(text) < least)
    throw new Mistake(`--${name}: expected a whole number from ${least}`);
  return Number(text);
}
