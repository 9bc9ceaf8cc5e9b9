/** `scripts/bench`: builds the product, measures it in one bounded run, prints a table. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release, tmpdir, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { checkRows } from "./bench-check.ts";
import { footprintRows } from "./bench-footprint.ts";
import { connections, threads } from "./bench-load.ts";
import { run } from "./bench-process.ts";
import { isMet, printed, type Row } from "./bench-row.ts";
import { full, makeYard, quick, type Scale, type Yard } from "./bench-yard.ts";

const usage = `Measures Housekey on this machine, every figure beside one of something else.

  scripts/bench [--accounts N] [--rounds N] [--quick] [--json FILE]

  --accounts N  accounts in the database, each with an open session (${full.accounts})
  --rounds N    rounds of load, each side once a round (${full.rounds})
  --quick       a small run that proves the script, not the product
  --json FILE   also writes everything that was measured
`;

/** A run that takes longer than this hangs. */
const mostMinutes = 20;

/** Each group starts and stops what it needs, and answers its rows. */
const groups: ((yard: Yard) => Promise<Row[]>)[] = [footprintRows, checkRows];

class Mistake extends Error {}

async function bench(): Promise<void> {
  const chosen = choose();
  if (!chosen) return void process.stdout.write(usage);
  if (process.platform !== "linux") throw new Mistake("reads /proc, so it runs on Linux only");
  if (Bun.which("wrk") === null)
    throw new Mistake("the load generator wrk is missing; get it with: apt-get install wrk");
  const { scale, json } = chosen;

  const root = resolve(import.meta.dir, "..");
  say("building");
  await run(["scripts/build"], { cwd: root, seconds: 300 });
  const built = join(root, "dist/housekey");
  const folder = mkdtempSync(join(tmpdir(), "housekey-bench-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

  say(`filling a house with ${scale.accounts} accounts`);
  const yard = await makeYard(folder, { built, scale });
  const machine = await describeMachine(yard);
  const rows: Row[] = [];
  for (const group of groups) {
    say(`measuring: ${group.name.replace("Rows", "")}`);
    rows.push(...(await group(yard)));
  }

  process.stdout.write(`${printed(rows)}\n\n${inWords(machine, scale)}\n`);
  if (json !== undefined)
    writeFileSync(
      json,
      `${JSON.stringify({ machine, scale: { ...scale, connections, threads, tokens: yard.house.tokenCount }, rows: rows.map((row) => ({ ...row, met: isMet(row) })) }, null, 2)}\n`,
    );
}

function choose(): { scale: Scale; json: string | undefined } | null {
  const { values } = read();
  if (values.help) return null;
  const usual = values.quick ? quick : full;
  return {
    json: values.json,
    scale: {
      ...usual,
      accounts: whole("accounts", values.accounts) ?? usual.accounts,
      rounds: whole("rounds", values.rounds) ?? usual.rounds,
    },
  };
}

function read() {
  try {
    return parseArgs({
      options: {
        accounts: { type: "string" },
        rounds: { type: "string" },
        quick: { type: "boolean", default: false },
        json: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new Mistake(error instanceof Error ? error.message : String(error));
  }
}

function whole(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new Mistake(`--${name}: expected a whole number above 0`);
  return Number(text);
}

async function describeMachine({ house }: Yard) {
  const version = await run([house.binary, "version", "--json"], { cwd: tmpdir(), seconds: 10 });
  return {
    at: new Date().toISOString(),
    housekey: { ...(JSON.parse(version) as { version: string }), bytes: statSync(house.binary).size },
    bun: Bun.version,
    processor: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memory: totalmem(),
    kernel: `${process.platform} ${release()} ${process.arch}`,
    /** Over the last minute: what else was going on. */
    load: loadavg()[0] ?? 0,
  };
}

type Machine = Awaited<ReturnType<typeof describeMachine>>;

const inWords = (machine: Machine, { accounts, rounds, seconds, starts }: Scale): string =>
  `Housekey ${machine.housekey.version}, Bun ${machine.bun}; ${machine.processor}, ${machine.cores} cores, ` +
  `${(machine.memory / 1e9).toFixed(1)} GB, ${machine.kernel}; load before ${machine.load.toFixed(2)}\n` +
  `${accounts.toLocaleString("en")} accounts and sessions; ${rounds} rounds of ${seconds} s by turns, ` +
  `wrk with ${connections} connections on ${threads} thread over loopback; ${starts} starts.\n` +
  "Every answer of the warm-up was a 200, and none after it an error.";

function say(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
setTimeout(() => {
  say(`gives up after ${mostMinutes} minutes`);
  process.exit(1);
}, mostMinutes * 60_000).unref();

try {
  await bench();
} catch (error) {
  say(error instanceof Mistake ? error.message : `failed: ${error instanceof Error ? error.stack : error}`);
  process.exit(1);
}
