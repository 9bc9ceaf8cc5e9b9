/** `scripts/faults`: what goes wrong in a house's life, done to the executable on purpose, and what came of it. */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { requireBinary } from "../test/binary.ts";
import type { Fault, Figure, Scale } from "../test/faults/fault.ts";
import { powerCut } from "../test/faults/rounds/r01-power-cut.ts";
import { killed } from "../test/faults/rounds/r02-kill.ts";
import { diskFull } from "../test/faults/rounds/r03-disk-full.ts";
import { flushError } from "../test/faults/rounds/r04-flush-error.ts";
import { damaged } from "../test/faults/rounds/r06-damage.ts";
import { upgrade } from "../test/faults/rounds/r12-upgrade.ts";
import { isInstalled, packages } from "./test-packages.ts";

const faults: readonly Fault[] = [powerCut, killed, diskFull, flushError, damaged, upgrade];

interface Outcome {
  readonly fault: Fault;
  readonly figures: readonly Figure[];
  readonly seconds: number;

  /** Why there are no figures, or not all of them. */
  readonly broke?: string;
}

const { scale, json, chosen } = choose();
await packages(chosen.flatMap(({ needs = [] }) => needs));
requireBinary();
const outcomes: Outcome[] = [];
for (const fault of chosen) outcomes.push(await suffer(fault));

const isFine = ({ figures, broke }: Outcome) =>
  broke === undefined && figures.length > 0 && figures.every(({ ok }) => ok);
for (const outcome of outcomes) process.stdout.write(`${printed(outcome)}\n`);
if (json !== undefined)
  writeFileSync(
    json,
    `${JSON.stringify(
      outcomes.map(({ fault: { id, name }, ...rest }) => ({ id, name, scale, ...rest })),
      null,
      2,
    )}\n`,
  );
const failed = outcomes.filter((outcome) => !isFine(outcome)).length;
process.stdout.write(`\n${outcomes.length - failed} pass\n${failed} fail\n`);
process.exit(failed > 0 ? 1 : 0);

function choose(): { scale: Scale; json: string | undefined; chosen: readonly Fault[] } {
  const { values, positionals } = parseArgs({
    options: { short: { type: "boolean", default: false }, json: { type: "string" } },
    allowPositionals: true,
  });
  const unknown = positionals.find((name) => !faults.some(({ id }) => id === name));
  if (unknown !== undefined) {
    console.error(`scripts/faults: no fault ${unknown}; there are ${faults.map(({ id }) => id).join(", ")}`);
    process.exit(2);
  }
  return {
    scale: values.short ? "short" : "full",
    json: values.json,
    chosen: positionals.length > 0 ? faults.filter(({ id }) => positionals.includes(id)) : faults,
  };
}

async function suffer(fault: Fault): Promise<Outcome> {
  const began = performance.now();
  const outcome = (figures: readonly Figure[], broke?: string): Outcome => ({
    fault,
    figures,
    seconds: Math.round((performance.now() - began) / 100) / 10,
    ...(broke !== undefined && { broke }),
  });
  const absent = (fault.needs ?? []).filter((name) => !isInstalled(name));
  if (absent.length > 0) return outcome([], `it needs ${absent.join(", ")}, which could not be installed`);
  if (fault.root && process.getuid?.() !== 0) return outcome([], "it takes root");
  try {
    return outcome(await fault.run(scale, (line) => process.stderr.write(`${fault.id}: ${line}\n`)));
  } catch (error) {
    return outcome([], error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

/** `R2   kill -9 under load   38.2 s`, and a line for each figure. */
function printed({ fault, figures, seconds, broke }: Outcome): string {
  const line = ({ what, value, asked, ok, control }: Figure) =>
    `  ${ok ? "ok " : "BAD"} ${control ? "control: " : ""}${what}: ${value} (asked: ${asked})`;
  return [
    `${fault.id.padEnd(4)} ${fault.name}, ${seconds} s`,
    ...figures.map(line),
    ...(broke === undefined ? [] : [`  BAD ${broke}`]),
  ].join("\n");
}
