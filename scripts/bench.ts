/** `scripts/bench`: builds the product, measures it in one bounded run, prints a table. */
import { copyFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release, tmpdir, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { type Choice, choose, Mistake, usage } from "./bench-choice.ts";
import { connections, threads } from "./bench-load.ts";
import { peerVersion } from "./bench-peer.ts";
import { markdown, printed } from "./bench-print.ts";
import { run } from "./bench-process.ts";
import { isMet, type Row } from "./bench-row.ts";
import type { Scale } from "./bench-scale.ts";
import { makeYard, type Yard } from "./bench-yard.ts";

/** A run that takes longer than this hangs. */
const mostMinutes = 30;

async function bench(choice: Choice): Promise<void> {
  if (process.platform !== "linux") throw new Mistake("reads /proc, so it runs on Linux only");
  if (Bun.which("wrk") === null)
    throw new Mistake("the load generator wrk is missing; get it with: apt-get install wrk");
  const { scale, groups, json } = choice;
  const began = performance.now();
  const folder = mkdtempSync(join(tmpdir(), "housekey-bench-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const binary = join(folder, "housekey");
  await build(binary);

  const wantsPeer = groups.some(({ usesPeer }) => usesPeer);
  const yard = await makeYard(folder, { binary, scale, wantsPeer, say });
  const machine = await describeMachine(binary);
  const rows: Row[] = [];
  for (const { name, measure } of groups) {
    say(`measuring: ${name}`);
    rows.push(...(await measure(yard)));
  }

  const minutes = (performance.now() - began) / 60_000;
  const table = choice.markdown ? markdown(rows) : printed(rows);
  const about = inWords(machine, yard, { minutes, wantsPeer });
  process.stdout.write(`${table}\n\n${about}\n`);
  if (json === undefined) return;
  const peer = yard.peer === null ? null : { name: "better-auth", version: peerVersion };
  const told = {
    machine,
    scale: { ...scale, connections, threads },
    peer,
    minutes,
    rows: rows.map((row) => ({ ...row, met: isMet(row) })),
  };
  writeFileSync(json, `${JSON.stringify(told, null, 2)}\n`);
}

/** `scripts/test` has just built it. */
async function build(binary: string): Promise<void> {
  const root = resolve(import.meta.dir, "..");
  if (process.env.TEST_BINARY_BUILT !== "1") {
    say("building");
    await run(["scripts/build"], { cwd: root, seconds: 300 });
  }
  copyFileSync(join(root, "dist/housekey"), binary);
}

async function describeMachine(binary: string) {
  const version = await run([binary, "version", "--json"], { cwd: tmpdir(), seconds: 10 });
  return {
    at: new Date().toISOString(),
    housekey: { ...(JSON.parse(version) as { version: string }), bytes: statSync(binary).size },
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

const peerWords =
  `Better Auth ${peerVersion} on the same Bun, in production, SQLite in WAL, limits of rates off, cookie cache off ` +
  "(it would answer ended sessions), with as many accounts and sessions.";

function inWords(
  machine: Machine,
  { scale, house, peer }: Yard,
  { minutes, wantsPeer }: { minutes: number; wantsPeer: boolean },
): string {
  const { accounts, rounds, seconds, starts }: Scale = scale;
  return [
    `Housekey ${machine.housekey.version}, Bun ${machine.bun}; ${machine.processor}, ${machine.cores} cores, ` +
      `${(machine.memory / 1e9).toFixed(1)} GB, ${machine.kernel}; load before ${machine.load.toFixed(2)}`,
    `${accounts.toLocaleString("en")} accounts and sessions, ${house.drawn.toLocaleString("en")} credentials of each ` +
      `kind drawn at random; ${rounds} rounds of ${seconds} s by turns,`,
    `wrk with ${connections} connections on ${threads} thread over loopback; ${starts} starts; ${minutes.toFixed(1)} minutes.`,
    ...(wantsPeer ? [peer === null ? "The peer was left out." : peerWords] : []),
    scale.warmSeconds > 0
      ? "Every answer of the warm-up was a success, and none after it an error."
      : "Nothing was warmed up: the figures only prove that the script works.",
  ].join("\n");
}

function say(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
setTimeout(() => {
  say(`gives up after ${mostMinutes} minutes`);
  process.exit(1);
}, mostMinutes * 60_000).unref();

try {
  const choice = choose(process.argv.slice(2));
  if (choice) await bench(choice);
  else process.stdout.write(usage);
} catch (error) {
  say(error instanceof Mistake ? error.message : `failed: ${error instanceof Error ? error.stack : error}`);
  process.exit(error instanceof Mistake ? 2 : 1);
}
