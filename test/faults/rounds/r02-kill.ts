/** The process is killed under load, again and again, and its house stands by all it said. */
import { emptyFolder, type House, startHouse } from "../../binary.ts";
import type { Fault } from "../fault.ts";
import { type Checked, check } from "../ledger.ts";
import { control, counted, losses, survived, type Toll, tollOf } from "../losses.ts";
import { settleIn } from "../people.ts";
import { drive, trafficEnv } from "../traffic.ts";
import { early, worse } from "../worse.ts";

export const killed: Fault = {
  id: "R2",
  name: "kill -9 under load",
  async run(scale, say) {
    const rounds = scale === "full" ? 100 : 3;
    const toll = await kills(rounds, say);
    using house = worse([early]);
    const worst = await kills(10, say, house.executable);
    return [
      survived("kills", rounds, toll),
      ...losses(toll),
      control(`when it answers 100 ms before its commit, kills: ${worst.rounds}`, worst),
    ];
  },
};

/** Kills one house as often, each time some milliseconds into its traffic. A worse one is killed until it has lost. */
async function kills(rounds: number, say: (line: string) => void, executable?: string): Promise<Toll> {
  using folder = emptyFolder();
  const world = await settled(await startHouse({ cwd: folder.path, env: trafficEnv }));
  const started = () =>
    startHouse({ cwd: folder.path, env: trafficEnv, ...(executable !== undefined && { executable }) });
  let house: House = await started();
  await using stack = new AsyncDisposableStack();
  stack.defer(() => house.kill());
  const checks: Checked[] = [];
  for (let round = 1; round <= rounds; round++) {
    const traffic = drive(house, world);
    await traffic.after(60);
    await house.kill();
    await traffic.ended;
    house = await started();
    const checked = await check(house, world.ledger, 20);
    checks.push(checked);
    if (round % 20 === 0) say(`${round} kills, ${counted(world.ledger.acknowledged)} changes`);
    if (executable !== undefined && checked.lost.length + checked.back.length > 0)
      return tollOf(round, world.ledger, checks);
  }
  checks.push(await check(house, world.ledger));
  if (executable === undefined) await house.stop();
  return tollOf(rounds, world.ledger, checks);
}

/** People move in while it is still the product. */
async function settled(house: House) {
  try {
    return await settleIn(house, { lanes: 16 });
  } finally {
    await house.kill();
  }
}
