/** A house in use, for long: what it holds on to does not grow. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { emptyFolder, type House, startHouse } from "../../binary.ts";
import type { Fault, Figure } from "../fault.ts";
import { check } from "../ledger.ts";
import { mebibytes, openFiles, ownMemory, percentile, threads } from "../measure.ts";
import { settleIn } from "../people.ts";
import { drive, trafficEnv } from "../traffic.ts";

/** What is sampled, and by how much its last third may be above its middle third. */
const series = {
  "memory of its own": {
    sample: ({ child }: House) => ownMemory(child.pid),
    shown: mebibytes,
    slack: 24 << 20,
  },
  "write-ahead log": { sample: walSize, shown: mebibytes, slack: 2 << 20 },
  "open files and sockets": { sample: ({ child }: House) => openFiles(child.pid), shown: String, slack: 8 },
  threads: { sample: ({ child }: House) => threads(child.pid), shown: String, slack: 2 },
} as const;

type Name = keyof typeof series;
const names = Object.keys(series) as Name[];

const mostWal = 64 << 20;

function walSize({ data }: House): number {
  try {
    return statSync(join(data, "housekey.db-wal")).size;
  } catch {
    return 0;
  }
}

/** People go on as themselves for longer than a sign-in is fresh. */
const env = { ...trafficEnv, HOUSEKEY_LOG_LEVEL: "warn", HOUSEKEY_FRESH: "1d" };

export const soak: Fault = {
  id: "R11",
  name: "in use for long",

  async run(scale, say) {
    const { seconds, every } = scale === "short" ? { seconds: 9, every: 0.2 } : { seconds: 1800, every: 5 };
    using folder = emptyFolder();
    const house = await startHouse({ cwd: folder.path, env });
    try {
      const world = await settleIn(house);
      const traffic = drive(house, world);
      const samples = await sampled(house, { seconds, every, say });
      await traffic.stop();
      const { asked, lost, back } = await check(house, world.ledger);
      const wrong = [...lost, ...back, ...world.ledger.strange];
      return [
        ...names.map((name) => flat(name, samples[name])),
        bounded(samples["write-ahead log"]),
        {
          what: `facts of ${world.ledger.acknowledged} acknowledged changes that are not so at the end`,
          value: `${wrong.length} of ${asked}${wrong.length > 0 ? `: ${wrong.slice(0, 5).join(", ")}` : ""}`,
          asked: "0",
          ok: wrong.length === 0 && asked > 0,
        },
        ...names.map((name) => leaking(name, samples[name])),
      ];
    } finally {
      await house.stop();
    }
  },
};

type Samples = Record<Name, number[]>;

async function sampled(
  house: House,
  { seconds, every, say }: { seconds: number; every: number; say: (line: string) => void },
): Promise<Samples> {
  const samples: Samples = {
    "memory of its own": [],
    "write-ahead log": [],
    "open files and sockets": [],
    threads: [],
  };
  const count = Math.round(seconds / every);
  for (let n = 0; n < count; n++) {
    await Bun.sleep(every * 1000);
    for (const name of names) samples[name].push(series[name].sample(house));
    if (n % Math.ceil(count / 10) === 0)
      say(names.map((name) => `${name} ${series[name].shown(samples[name].at(-1) ?? 0)}`).join(", "));
  }
  return samples;
}

/** The medians of the middle third and of the last one: what comes before is warming up. */
function thirds(values: readonly number[]): { middle: number; last: number } {
  const third = Math.floor(values.length / 3);
  return {
    middle: percentile(values.slice(third, 2 * third), 0.5),
    last: percentile(values.slice(2 * third), 0.5),
  };
}

function isFlat(name: Name, values: readonly number[]): boolean {
  const { middle, last } = thirds(values);
  return last - middle <= series[name].slack;
}

function flat(name: Name, values: readonly number[]): Figure {
  const { shown, slack } = series[name];
  const { middle, last } = thirds(values);
  return {
    what: `${name}, median of the middle third and of the last`,
    value: `${shown(middle)}, ${shown(last)}`,
    asked: `no more than ${shown(slack)} above`,
    ok: isFlat(name, values),
  };
}

const bounded = (values: readonly number[]): Figure => ({
  what: "write-ahead log, at most",
  value: mebibytes(Math.max(...values)),
  asked: `under ${mebibytes(mostWal)}`,
  ok: Math.max(...values) < mostWal,
});

/** The same samples with something added to each, four times what is let pass by the end. */
function leaking(name: Name, values: readonly number[]): Figure {
  const { slack } = series[name];
  const leak = values.map((value, n) => value + (n / values.length) * slack * 4);
  const found = !isFlat(name, leak);
  return {
    what: `${name}, a slow leak added to the samples`,
    value: found ? "found" : "not found",
    asked: "found",
    ok: found,
    control: true,
  };
}
