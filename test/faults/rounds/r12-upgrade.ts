/** Houses of every schema there was are taken over, and the process is killed at some write on the way. */
import { Database } from "bun:sqlite";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { admin, type House, speak, startHouse } from "../../binary.ts";
import { releases, unpacked } from "../../releases/unpacked.ts";
import type { Fault } from "../fault.ts";
import { counted } from "../losses.ts";
import { piecemeal, worse } from "../worse.ts";

export const upgrade: Fault = {
  id: "R12",
  name: "kill -9 during an upgrade",
  needs: ["strace"],
  async run(scale, say) {
    const each = scale === "full" ? 25 : 1;
    const sum: Tally = { before: 0, after: 0, half: 0, bad: 0 };
    // The last one is of today's schema: nothing to take over.
    for (const release of releases.slice(0, -1)) {
      const range = await rangeOf(release);
      for (let kill = 0; kill < each; kill++) await suffer(release, range, sum);
      say(`${release}: killed at ${each} of ${range.writes} writes`);
    }
    const kills = each * (releases.length - 1);
    using house = worse(piecemeal);
    const worst: Tally = { before: 0, after: 0, half: 0, bad: 0 };
    const [oldest = ""] = releases;
    const range = await rangeOf(oldest);
    let tries = 0;
    while (worst.half === 0 && tries < 40) {
      tries++;
      await suffer(oldest, range, worst, house.executable);
    }
    return [
      {
        what: `kills at random writes of an upgrade, from ${releases.length - 1} schemas`,
        value: `${counted(kills)}: ${counted(sum.before)} left the house of before, ${counted(sum.after)} the new one`,
        asked: counted(kills),
        ok: sum.before + sum.after === kills && sum.before > 0,
      },
      {
        what: "half-migrated databases",
        value: `${sum.half} of ${counted(kills)}`,
        asked: "0",
        ok: sum.half === 0,
      },
      {
        what: "houses that were not taken over whole at the next start",
        value: `${sum.bad} of ${counted(kills)}`,
        asked: "0",
        ok: sum.bad === 0,
      },
      {
        what: "half-migrated where each step commits by itself",
        value: `${worst.half} of ${tries}`,
        asked: "more than 0",
        ok: worst.half > 0,
        control: true,
      },
    ];
  },
};

interface Tally {
  before: number;
  after: number;
  half: number;
  bad: number;
}

interface Range {
  readonly before: string;
  readonly after: string;

  /** How often a start that takes the house over writes. */
  readonly writes: number;
}

const tracing = (...more: string[]) => ["strace", "-D", "-f", "-qq", "-e", "trace=pwrite64", ...more];

/** Takes a copy over in peace. */
async function rangeOf(release: string): Promise<Range> {
  using folder = unpacked(release);
  const before = stateOf(folder.data);
  const log = join(folder.path, "writes");
  const house = await startHouse({ cwd: folder.path, under: tracing("-o", log) });
  await house.kill();
  const writes = readFileSync(log, "utf8")
    .split("\n")
    .filter((line) => line.includes("pwrite64(")).length;
  return { before, after: stateOf(folder.data), writes };
}

async function suffer(release: string, range: Range, tally: Tally, executable?: string): Promise<void> {
  using folder = unpacked(release);
  const nth = 1 + Math.floor(Math.random() * range.writes);
  await startHouse({
    cwd: folder.path,
    ...(executable !== undefined && { executable }),
    under: tracing("-o", "/dev/null", "-e", `inject=pwrite64:signal=SIGKILL:when=${nth}`),
  }).then(
    (house) => house.kill(),
    () => {},
  );
  const state = stateOf(folder.data);
  if (state === range.before) tally.before++;
  else if (state === range.after) tally.after++;
  else tally.half++;
  if (executable === undefined && !(await isTakenOver(folder.path, range))) tally.bad++;
}

/** The next start makes it today's house, lets its admin in, and leaves it sound. */
async function isTakenOver(cwd: string, { after }: Range): Promise<boolean> {
  let house: House | null = null;
  try {
    house = await startHouse({ cwd });
    const { status } = await speak(house, "POST", "/auth/local/login", { body: admin });
    await house.stop();
    return (
      status === 201 && stateOf(house.data) === after && !existsSync(join(house.data, "bootstrap-token"))
    );
  } catch {
    await house?.kill();
    return false;
  }
}

/** Which migrations it says it has, and every table and index it really has. */
function stateOf(data: string): string {
  using db = new Database(join(data, "housekey.db"), { readwrite: true, create: false });
  const migrations = db.query("SELECT name FROM migrations ORDER BY name").values();
  const made = db.query("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name").values();
  const damage = db.query("PRAGMA integrity_check").values();
  return JSON.stringify([migrations, made, damage]);
}
