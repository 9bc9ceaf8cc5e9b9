/** No room is left under a house in use, and then there is again. */
import { emptyFolder, type House, speak, startHouse } from "../../binary.ts";
import type { Fault, Figure } from "../fault.ts";
import { ask, type Checked, check } from "../ledger.ts";
import { control, counted, losses, type Toll, tollOf, tolls } from "../losses.ts";
import { settleIn, type World } from "../people.ts";
import { smallDisk } from "../small-disk.ts";
import { tamper } from "../strace.ts";
import { drive, trafficEnv } from "../traffic.ts";
import { early, worse } from "../worse.ts";

export const diskFull: Fault = {
  id: "R3",
  name: "disk full",
  needs: ["strace"],
  root: true,
  async run(scale, say) {
    const full = scale === "full";
    const seen: Seen = { fills: 0, refused: 0, reads: 0, readsAsked: 0, recovered: [] };
    const all: Toll[] = [];
    for (const mebibytes of full ? [8, 16, 32, 64] : [8]) {
      say(`a disk of ${mebibytes} MiB`);
      all.push(await onSmallDisk(mebibytes, full ? 5 : 2, seen));
    }
    say("every write is told that there is no room");
    all.push(await withoutRoom(full ? 5 : 1, seen));
    const toll = tolls(all);
    using house = worse([early]);
    const worst = await onSmallDisk(8, 1, { ...seen, recovered: [] }, house.executable);
    return [...figures(seen), ...losses(toll), control("when it answers before its commit", worst)];
  },
};

interface Seen {
  /** How often there was no room. */
  fills: number;

  /** Requests that were told so, with 503. */
  refused: number;
  reads: number;
  readsAsked: number;

  /** Milliseconds from room to the first write, without a restart. */
  readonly recovered: number[];
}

const figures = ({ fills, refused, reads, readsAsked, recovered }: Seen): Figure[] => [
  {
    what: `writes refused with 503 and a sentence, with no room ${counted(fills)} times`,
    value: counted(refused),
    asked: "more than 0",
    ok: refused > 0,
  },
  {
    what: "session checks answered meanwhile",
    value: `${counted(reads)} of ${counted(readsAsked)}`,
    asked: "all",
    ok: reads === readsAsked && reads > 0,
  },
  {
    what: "milliseconds until it writes again once there is room, at most",
    value: counted(Math.round(Math.max(...recovered))),
    asked: "below 5,000",
    ok: recovered.length === fills && Math.max(...recovered) < 5000,
  },
];

interface Room {
  take(house: House): Promise<void>;
  give(): Promise<void>;
}

async function onSmallDisk(mebibytes: number, times: number, seen: Seen, executable?: string): Promise<Toll> {
  using disk = smallDisk(mebibytes);
  return await suffer(disk.path, times, seen, executable, {
    async take() {
      disk.fill();
    },
    async give() {
      disk.free();
    },
  });
}

async function withoutRoom(times: number, seen: Seen): Promise<Toll> {
  using folder = emptyFolder();
  let tampering: { end(): Promise<void> } | null = null;
  return await suffer(folder.path, times, seen, undefined, {
    async take(house) {
      tampering = await tamper(house.child.pid, "pwrite64:error=ENOSPC");
    },
    async give() {
      await tampering?.end();
    },
  });
}

async function suffer(
  cwd: string,
  times: number,
  seen: Seen,
  executable: string | undefined,
  room: Room,
): Promise<Toll> {
  const first = await startHouse({ cwd, env: trafficEnv });
  const world = await settleIn(first, { refusal: executable === undefined ? "undone" : "unsure" });
  await first.stop();
  const house = await startHouse({
    cwd,
    env: trafficEnv,
    ...(executable !== undefined && { executable }),
  });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => house.kill());
  const checks: Checked[] = [];
  for (let time = 1; time <= times; time++) {
    const traffic = drive(house, world);
    await traffic.after(40);
    const before = world.ledger.refused;
    await room.take(house);
    seen.fills++;
    for (let look = 0; look < 20; look++) {
      await lookAtAll(house, world, seen);
      await Bun.sleep(20);
    }
    await traffic.stop();
    seen.refused += world.ledger.refused - before;
    await room.give();
    const began = performance.now();
    while ((await speak(house, "GET", "/readyz")).status !== 200)
      if (performance.now() - began > 10_000) throw new Error("there is room, and it does not write again");
    seen.recovered.push(performance.now() - began);
    checks.push(await check(house, world.ledger));
  }
  if (executable === undefined) await house.stop();
  return tollOf(times, world.ledger, checks);
}

/** Whoever is signed in stays so, though nothing can be written. */
async function lookAtAll(house: House, { people }: World, seen: Seen): Promise<void> {
  for (const { token, main } of people) {
    if (!main) continue;
    seen.readsAsked++;
    if ((await ask(house, "GET", "/auth/sessions/current", { token })).status === 200) seen.reads++;
  }
}
