/** Backups of a house in use, each restored: what had ended before stays so, and what ended since comes back only where asked. */
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { admin, emptyFolder, type House, startHouse } from "../../binary.ts";
import { done as ran } from "../../cli/backups.ts";
import type { Fault, Figure } from "../fault.ts";
import { inLanes } from "../lanes.ts";
import type { Fact, Standing } from "../ledger.ts";
import { milliseconds } from "../measure.ts";
import { settleIn, signIn, type World } from "../people.ts";
import { drive, trafficEnv } from "../traffic.ts";

interface Backup {
  readonly file: string;

  /** How everything stood when it began, and when it was done. */
  readonly before: ReadonlyMap<Fact, Standing>;
  readonly after: ReadonlyMap<Fact, Standing>;

  readonly milliseconds: number;
}

interface Toll {
  /** Acknowledged before a backup began, and not in it. */
  lost: string[];

  /** Ended, spent or taken back before a backup began, and alive where it was restored. */
  back: string[];

  /** Sessions and families that ended after a backup: alive where it was restored, without and with `--keep-sessions`. */
  revived: string[];
  kept: string[];

  asked: number;
  warned: number;

  /** From `restore` to the first sign-in, in milliseconds. */
  readonly times: number[];
}

/** What a restore ends. The rest is as it was when the backup was made, which it says. */
const isSession = ({ what }: Fact): boolean => what === "session" || what === "refresh token";

export const backups: Fault = {
  id: "R13",
  name: "backups of a house in use, each restored",

  async run(scale, say) {
    const { count, every, most } =
      scale === "short" ? { count: 1, every: 2, most: 60 } : { count: 10, every: 5, most: 400 };
    using folder = emptyFolder();
    const house = await startHouse({ cwd: folder.path, env: trafficEnv });
    try {
      const world = await settleIn(house, { lanes: 4 });
      const made = await makeBackups(house, folder.path, world, { count, every });
      const toll: Toll = { lost: [], back: [], revived: [], kept: [], asked: 0, warned: 0, times: [] };
      for (const backup of made) {
        await judge(house, backup, most, toll);
        say(`${backup.file}: ${toll.asked} asked about so far`);
      }
      return figuresOf(made, toll, every);
    } finally {
      await house.stop();
    }
  },
};

const standings = ({ ledger }: World): ReadonlyMap<Fact, Standing> =>
  new Map([...ledger.facts].map((fact) => [fact, fact.standing]));

async function makeBackups(
  house: House,
  cwd: string,
  world: World,
  { count, every }: { count: number; every: number },
): Promise<Backup[]> {
  const traffic = drive(house, world);
  const made: Backup[] = [];
  for (let n = 0; n < count; n++) {
    await Bun.sleep(every * 1000);
    const before = standings(world);
    const began = performance.now();
    await ran(cwd, "backup", `${n}.tar.gz`);
    const took = performance.now() - began;
    made.push({ file: join(cwd, `${n}.tar.gz`), before, after: standings(world), milliseconds: took });
  }
  // So that something ends after the last one.
  await Bun.sleep(every * 1000);
  await traffic.stop();
  return made;
}

/** Restores it both ways and asks what it has. */
async function judge(house: House, backup: Backup, most: number, toll: Toll): Promise<void> {
  const { before, after, file } = backup;
  const stood = (as: Standing): Fact[] =>
    [...before].flatMap(([fact, standing]) => (standing === as && after.get(fact) === as ? [fact] : []));
  const good = drawn(
    stood("good").filter(({ onlyOver }) => !onlyOver),
    most,
  );
  const over = drawn(stood("over"), most);
  const since = drawn(
    stood("good").filter((fact) => isSession(fact) && fact.standing === "over"),
    most,
  );

  await restored(house, file, ["--keep-sessions"], async (other, said) => {
    toll.asked += good.length + over.length;
    toll.lost.push(...(await those(other, good, false)));
    toll.kept.push(
      ...(await those(
        other,
        since.filter(({ once }) => !once),
        true,
      )),
    );
    toll.back.push(...(await those(other, over, true)));
    if (said.includes("is open again")) toll.warned++;
  });
  const began = performance.now();
  await restored(house, file, [], async (other) => {
    if ((await signIn(other, admin.username, admin.password)).status !== 201)
      throw new Error("nobody can sign in to what was restored");
    toll.times.push(performance.now() - began);
    toll.revived.push(...(await those(other, [...since, ...good.filter(isSession)], true)));
    // Settings are asked for by an administrator whose session the restore has ended.
    const askable = over.filter(({ what }) => what !== "setting");
    toll.back.push(...(await those(other, askable, true)));
  });
}

/** Any `most` of them. */
const drawn = (facts: readonly Fact[], most: number): Fact[] =>
  facts
    .map((fact) => ({ fact, lot: Math.random() }))
    .sort((a, b) => a.lot - b.lot)
    .slice(0, most)
    .map(({ fact }) => fact);

/** What of them works, or does not, in a house. */
async function those(house: House, facts: readonly Fact[], working: boolean): Promise<string[]> {
  const found: string[] = [];
  await inLanes(facts, 8, async (fact) => {
    if ((await fact.works(house)) === working) found.push(fact.what);
  });
  return found;
}

/** The house of a backup, with the key of the house it was made of; stopping it looks it over. */
async function restored(
  house: House,
  file: string,
  flags: readonly string[],
  work: (other: House, said: string) => Promise<void>,
): Promise<void> {
  using folder = emptyFolder();
  const data = join(folder.path, "housekey-data");
  mkdirSync(data, { mode: 0o700 });
  copyFileSync(join(house.data, "master.key"), join(data, "master.key"));
  const { stdout, stderr } = await ran(folder.path, "restore", file, ...flags);
  const other = await startHouse({ cwd: folder.path, env: trafficEnv });
  try {
    await work(other, stdout + stderr);
  } finally {
    await other.stop();
  }
}

const listed = (wrong: readonly string[]): string =>
  wrong.length === 0 ? "0" : `${wrong.length}: ${[...new Set(wrong)].join(", ")}`;

function figuresOf(made: readonly Backup[], toll: Toll, every: number): Figure[] {
  const slowest = Math.max(...made.map(({ milliseconds: took }) => took));
  const longest = Math.max(...toll.times);
  return [
    {
      what: `acknowledged before a backup began and not in it, ${made.length} restored`,
      value: `${listed(toll.lost)} of ${toll.asked}`,
      asked: "0",
      ok: toll.lost.length === 0 && toll.asked > 0,
    },
    {
      what: "ended, spent or taken back before a backup began and alive again",
      value: listed(toll.back),
      asked: "0",
      ok: toll.back.length === 0,
    },
    {
      what: "sessions and refresh families alive after a restore",
      value: listed(toll.revived),
      asked: "0",
      ok: toll.revived.length === 0,
    },
    {
      what: `lost at most (RPO), with a backup every ${every} s: that and how long one takes`,
      value: `${every} s + ${milliseconds(slowest)}`,
      asked: "under 5 s for one",
      ok: slowest < 5000,
    },
    {
      what: "from the command to the first sign-in (RTO), at most",
      value: milliseconds(longest),
      asked: "under 10 s",
      ok: longest < 10_000,
    },
    {
      what: "with --keep-sessions, sessions that ended after the backup and are alive again",
      value: `${toll.kept.length}, said so ${toll.warned} of ${made.length} times`,
      asked: "some, and always said",
      ok: toll.kept.length > 0 && toll.warned === made.length,
      control: true,
    },
  ];
}
