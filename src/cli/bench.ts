import { availableParallelism, cpus, totalmem } from "node:os";
import pkg from "../../package.json" with { type: "json" };
import type { Config } from "../config.ts";
import { Failure } from "../host/failure.ts";
import { makeHasher } from "../identity/hasher.ts";
import { diskWords, type Hashing, hashWords, judgeHashing, type Verdict } from "./bench-advice.ts";
import { columns, figures as inWords } from "./bench-figures.ts";
import { fillHouse, password } from "./bench-house.ts";
import { diskFigures, type Figure, hashAlone, hashFigures, serveFigures } from "./bench-measure.ts";
import { makePlace } from "./bench-place.ts";
import { type Command, UsageError } from "./command.ts";
import { print } from "./print.ts";

const usual = { seconds: 3, accounts: 1000 };
const most = { seconds: 60, accounts: 100_000 };

export const bench: Command = {
  name: "bench",
  flags: [
    { name: "seconds", value: "N", summary: `how long each figure is measured (${usual.seconds})` },
    { name: "accounts", value: "N", summary: `how many the house that is measured has (${usual.accounts})` },
  ],
  summary: "measure what this machine can do for a house, in a folder of its own: yours is not touched",
  example: "housekey bench --data /var/lib/housekey",
  async run({ config, flags, json }) {
    const seconds = whole("seconds", flags.seconds) ?? usual.seconds;
    const accounts = whole("accounts", flags.accounts) ?? usual.accounts;
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
    const told = await measure(config, { milliseconds: seconds * 1000, accounts });
    print(json, inJson(told), inText(told));
    return 0;
  },
};

function whole(name: keyof typeof most, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > most[name])
    throw new UsageError(`--${name}: expected a whole number from 1 to ${most[name]}`);
  return number;
}

interface Told {
  readonly folder: string;
  readonly figures: readonly Figure[];
  readonly hashing: Hashing & { readonly verdict: Verdict; readonly suggested: Hashing | null };
  readonly advice: readonly string[];
}

async function measure(
  config: Config,
  { milliseconds, accounts }: { milliseconds: number; accounts: number },
): Promise<Told> {
  const { values } = config;
  const cores = availableParallelism();
  const hashing = { memoryKib: values.argon2_memory_kib ?? 19_456, passes: values.argon2_passes ?? 2 };
  const { folder, isOfHouse, remove } = makePlace(config);
  try {
    const hashes = await hashFigures(hashing, { milliseconds, cores });
    const [alone] = hashes;
    const took = alone?.spread.median ?? Number.NaN;
    const judged = judgeHashing({ ...hashing, milliseconds: took, cores, memory: totalmem() });
    const better = judged.suggested && (await hashAlone(judged.suggested)).median;

    const disk = await diskFigures(folder, milliseconds);
    const [oneByOne] = disk;
    const passwordHash = await makeHasher({ width: 1, depth: 0, ...hashing }).hash(password);
    const house = await fillHouse(folder, { accounts, passwordHash });
    const served = await serveFigures(house, hashing, { milliseconds, cores });
    return {
      folder,
      figures: [...hashes, ...disk, ...served],
      hashing: { ...hashing, ...judged },
      advice: [
        hashWords(judged.verdict, judged.suggested, better),
        diskWords(oneByOne?.spread.median ?? Number.NaN, { isOfHouse }),
      ],
    };
  } catch (error) {
    throw error instanceof Failure ? error : new Failure("cannot measure this machine", error);
  } finally {
    remove();
  }
}

const machine = () => ({
  processor: cpus()[0]?.model ?? "unknown",
  cores: availableParallelism(),
  memory: totalmem(),
  platform: `${process.platform}-${process.arch}`,
});

function inJson({ folder, figures, hashing, advice }: Told) {
  const { memoryKib, passes, verdict, suggested } = hashing;
  return {
    ok: true,
    version: pkg.version,
    machine: machine(),
    folder,
    figures: figures.map(({ name, unit, spread: { median, min, max } }) => ({
      name,
      unit,
      median,
      min,
      max,
    })),
    argon2: {
      memory_kib: memoryKib,
      passes,
      verdict,
      suggested: suggested && { memory_kib: suggested.memoryKib, passes: suggested.passes },
    },
    advice,
  };
}

function inText({ figures, advice }: Told): string {
  const { processor, cores, memory, platform } = machine();
  const about = `housekey ${pkg.version} on ${processor}, ${cores} cores, ${(memory / 1e9).toFixed(1)} GB, ${platform}`;
  const lines = figures.map(({ name, unit, spread, meaning }) => {
    const [median, min, max] = inWords(spread);
    return [name, median, unit, min === "" ? "" : `${min}–${max}`, meaning];
  });
  const table = columns(lines, (column) => column === 1);
  return [about, "", table, "", ...advice].join("\n");
}
