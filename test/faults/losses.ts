/** What came of a ledger, in figures. */
import type { Figure } from "./fault.ts";
import { type Checked, type Ledger, together } from "./ledger.ts";

export const counted = (count: number): string => count.toLocaleString("en-GB");

/** What several rounds came to. */
export interface Toll {
  readonly rounds: number;
  readonly acknowledged: number;
  readonly negative: number;
  readonly checked: Checked;

  /** Answers nobody expects, and houses that did not start again. */
  readonly strange: readonly string[];
}

export const tollOf = (
  rounds: number,
  { acknowledged, negative, strange }: Ledger,
  checks: Checked[],
): Toll => ({
  rounds,
  acknowledged,
  negative,
  strange,
  checked: together(checks),
});

export const tolls = (all: readonly Toll[]): Toll => ({
  rounds: all.reduce((sum, { rounds }) => sum + rounds, 0),
  acknowledged: all.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
  negative: all.reduce((sum, { negative }) => sum + negative, 0),
  strange: all.flatMap(({ strange }) => strange),
  checked: together(all.map(({ checked }) => checked)),
});

/** `what`: `kills`. After each the house was started again, and would have thrown had it not come up. */
export const survived = (what: string, asked: number, { rounds }: Toll): Figure => ({
  what: `${what} it started again from, and was sound at the end`,
  value: counted(rounds),
  asked: counted(asked),
  ok: rounds >= asked,
});

/** The three figures of a story that must lose nothing. */
export function losses({ acknowledged, negative, checked, strange }: Toll): Figure[] {
  const { lost, back } = checked;
  return [
    {
      what: "acknowledged changes lost",
      value: `${named(lost)} of ${counted(acknowledged)}`,
      asked: "0",
      ok: lost.length === 0 && acknowledged > 0,
    },
    {
      what: "ended, spent or revoked and back again",
      value: `${named(back)} of ${counted(negative)}`,
      asked: "0",
      ok: back.length === 0 && negative > 0,
    },
    {
      what: "unexpected answers",
      value:
        strange.length === 0 ? "0" : `${strange.length}: ${[...new Set(strange)].slice(0, 5).join("; ")}`,
      asked: "0",
      ok: strange.length === 0,
    },
  ];
}

/** The figure of a house made worse, which must lose. `how`: `with synchronous=NORMAL, 3 cuts`. */
export const control = (how: string, { checked: { asked, lost, back } }: Toll): Figure => ({
  what: `lost or back again ${how}`,
  value: `${counted(lost.length + back.length)} of ${counted(asked)} asked about`,
  asked: "more than 0",
  ok: lost.length + back.length > 0,
  control: true,
});

/** `0`, `3 (session, refresh token)` */
const named = (what: readonly string[]): string =>
  what.length === 0 ? "0" : `${counted(what.length)} (${[...new Set(what)].join(", ")})`;
