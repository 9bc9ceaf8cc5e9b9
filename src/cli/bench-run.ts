/** One run of `housekey bench`, and how it is told. */
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

export interface Told {
  readonly folder: string;
  readonly figures: readonly Figure[];
  readonly hashing: Hashing & { readonly verdict: Verdict; readonly suggested: Hashing | null };
  readonly advice: readonly string[];
}

/** Throws `Failure`. */
export async function measure(
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

export function inJson({ folder, figures, hashing, advice }: Told) {
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

export function inText({ figures, advice }: Told): string {
  const { processor, cores, memory, platform } = machine();
  const about = `housekey ${pkg.version} on ${processor}, ${cores} cores, ${(memory / 1e9).toFixed(1)} GB, ${platform}`;
  const lines = figures.map(({ name, unit, spread, meaning }) => {
    const [median, min, max] = inWords(spread);
    return [name, median, unit, min === "" ? "" : `${min}–${max}`, meaning];
  });
  const table = columns(lines, (column) => column === 1);
  return [about, "", table, "", ...advice].join("\n");
}
