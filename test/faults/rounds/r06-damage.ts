/** The database is damaged while the house is stopped. */
import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { admin, emptyFolder, run, speak, startHouse } from "../../binary.ts";
import { done } from "../../cli/backups.ts";
import { plant } from "../../cli/operator.ts";
import { type Damage, flippedByte, garbagePage, plain } from "../damage.ts";
import type { Fault, Figure } from "../fault.ts";
import { check } from "../ledger.ts";
import { counted } from "../losses.ts";
import { settleIn } from "../people.ts";
import { drive, trafficEnv } from "../traffic.ts";

export const damaged: Fault = {
  id: "R6",
  name: "damaged database",
  async run(scale, say) {
    const times = scale === "full" ? 60 : 4;
    await using house = await stoppedHouse();
    say("plain damage");
    const refusals = await outcomes(house, plain);
    say("garbage pages");
    const pages = await outcomes(house, Array(times).fill(garbagePage));
    say("flipped bytes");
    const bytes = await outcomes(house, Array(times).fill(flippedByte));
    const every = [...refusals, ...pages, ...bytes];
    const older = await olderCopy(house);
    const { seconds, whole } = await restored(house);
    const [sound = "unseen"] = await outcomes(house, [{ name: "none", apply() {} }]);
    return [
      {
        what: `refused to start, in one line (${plain.map(({ name }) => name).join(", ")})`,
        value: `${count(refusals, "refused")} of ${plain.length}`,
        asked: "all",
        ok: count(refusals, "refused") === plain.length,
      },
      {
        what: "opened the first run, or fell without words",
        value: `${count(every, "opened") + count(every, "wordless")} of ${every.length}`,
        asked: "0",
        ok: count(every, "opened") + count(every, "wordless") === 0,
      },
      found("a page of garbage", pages, true),
      found("one flipped byte", bytes, false),
      older,
      {
        what: "seconds from damage to the first sign-in, by restore and start",
        value: seconds.toFixed(1),
        asked: "below 60, and all of the backup there",
        ok: seconds < 60 && whole,
      },
      {
        what: "the undamaged house",
        value: sound === "unseen" ? "starts, and verify finds nothing" : sound,
        asked: "starts",
        ok: sound === "unseen",
        control: true,
      },
    ];
  },
};

/** `refused`: in one line. `found`: it starts, and `housekey verify` finds it. `unseen`: neither. */
type Outcome = "refused" | "found" | "unseen" | "opened" | "wordless";

const count = (all: readonly Outcome[], which: Outcome): number => all.filter((one) => one === which).length;

/** `must`: SQLite can see it. In a byte of somebody's name it cannot, which has no checksum. */
function found(what: string, all: readonly Outcome[], must: boolean): Figure {
  const seen = count(all, "refused") + count(all, "found");
  return {
    what: `${what}: refused at start, found by verify, not to be told from data`,
    value: [count(all, "refused"), count(all, "found"), count(all, "unseen")].map(counted).join(", "),
    asked: must ? "all seen" : "no first run",
    ok: must ? seen === all.length : seen + count(all, "unseen") === all.length,
  };
}

/** A house that people lived in, its backup, and a copy of its database that is older than what followed. */
async function stoppedHouse() {
  const folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path, env: trafficEnv });
  const world = await settleIn(house, { lanes: 4 });
  const first = drive(house, world);
  await first.after(100);
  await first.stop();
  await done(folder.path, "backup", "house.tar.gz");
  await house.stop();
  // A page that nothing is kept on can hold anything.
  plant(house.data, (db) => db.run("VACUUM"));
  cpSync(join(house.data, "housekey.db"), join(folder.path, "older.db"));
  return {
    path: folder.path,
    data: house.data,
    world,
    async [Symbol.asyncDispose]() {
      folder[Symbol.dispose]();
    },
  };
}

type Stopped = Awaited<ReturnType<typeof stoppedHouse>>;

async function outcomes({ data }: Stopped, damages: readonly Damage[]): Promise<Outcome[]> {
  const all: Outcome[] = [];
  for (const { apply } of damages) {
    using folder = emptyFolder();
    const own = join(folder.path, "housekey-data");
    cpSync(data, own, { recursive: true });
    await apply(join(own, "housekey.db"));
    all.push(await outcomeIn(folder.path, own));
  }
  return all;
}

async function outcomeIn(cwd: string, data: string): Promise<Outcome> {
  try {
    const house = await startHouse({ cwd, env: trafficEnv });
    const { body } = await speak(house, "GET", "/auth/options");
    await house.kill();
    if (body.bootstrapped === false || existsSync(join(data, "bootstrap-token"))) return "opened";
  } catch (error) {
    const words = error instanceof Error ? error.message : "";
    if (existsSync(join(data, "bootstrap-token"))) return "opened";
    return /^housekey did not start \(exit 1\): housekey: [^\n]+\n$/.test(words) ? "refused" : "wordless";
  }
  const { exitCode } = await run(["verify"], { cwd });
  return exitCode === 0 ? "unseen" : "found";
}

/** A copy of the database put back by hand, past `restore`: nothing in it says that time has gone on. */
async function olderCopy({ path, data }: Stopped): Promise<Figure> {
  using folder = emptyFolder();
  const own = join(folder.path, "housekey-data");
  cpSync(data, own, { recursive: true });
  cpSync(join(path, "older.db"), join(own, "housekey.db"));
  const outcome = await outcomeIn(folder.path, own);
  return {
    what: "an older copy put back by hand, past restore",
    value: outcome === "unseen" ? "starts as it was then, no first run" : outcome,
    asked: "no first run",
    ok: outcome === "unseen",
  };
}

/** Restores the backup over a damaged database, and looks whether all that it had is there. */
async function restored({ path, data, world }: Stopped): Promise<{ seconds: number; whole: boolean }> {
  using folder = emptyFolder();
  const own = join(folder.path, "housekey-data");
  cpSync(data, own, { recursive: true });
  for (const { apply } of plain.slice(0, 1)) await apply(join(own, "housekey.db"));
  const began = performance.now();
  await done(folder.path, "restore", join(path, "house.tar.gz"), "--keep-sessions");
  const house = await startHouse({ cwd: folder.path, env: trafficEnv });
  const { status } = await speak(house, "POST", "/auth/local/login", { body: admin });
  const seconds = (performance.now() - began) / 1000;
  const { lost, back } = await check(house, world.ledger);
  await house.stop();
  return { seconds, whole: status === 201 && lost.length === 0 && back.length === 0 };
}
