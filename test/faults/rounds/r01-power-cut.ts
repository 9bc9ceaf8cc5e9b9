/** The power is cut under a house in use. */
import { type House, startHouse } from "../../binary.ts";
import type { Fault } from "../fault.ts";
import { type Checked, check } from "../ledger.ts";
import { control, counted, losses, survived, type Toll, tollOf, tolls } from "../losses.ts";
import { settleIn } from "../people.ts";
import { poweredDisk } from "../power.ts";
import { drive, trafficEnv } from "../traffic.ts";
import { normal, worse } from "../worse.ts";

export const powerCut: Fault = {
  id: "R1",
  name: "power cut",
  needs: ["nbdkit", "libnbd-bin"],
  root: true,
  async run(scale, say) {
    const rounds = scale === "full" ? 200 : 3;
    const toll = await cuts(rounds, say);
    using house = worse([normal]);
    const worst: Toll[] = [];
    // It may lose its very accounts, so that each cut takes a house of its own.
    for (let round = 0; round < (scale === "full" ? 6 : 1); round++)
      worst.push(await cuts(1, say, house.executable));
    return [
      survived("power cuts", rounds, toll),
      ...losses(toll),
      control(`with synchronous=NORMAL, cuts: ${worst.length}`, tolls(worst)),
    ];
  },
};

/** Cuts the power as often under one house, each time some milliseconds into its traffic. */
async function cuts(rounds: number, say: (line: string) => void, executable?: string): Promise<Toll> {
  await using disk = await poweredDisk(64);
  await disk.on();
  const started = () =>
    startHouse({ cwd: disk.path, env: trafficEnv, ...(executable !== undefined && { executable }) });
  let house: House = await started();
  await using stack = new AsyncDisposableStack();
  stack.defer(() => house.kill());
  const world = await settleIn(house);
  Bun.spawnSync(["sync", "-f", disk.path]);
  const checks: Checked[] = [];
  for (let round = 1; round <= rounds; round++) {
    const traffic = drive(house, world);
    await traffic.after(60);
    await disk.cut();
    await house.kill();
    await traffic.ended;
    await disk.off();
    await disk.on();
    house = await started();
    checks.push(await check(house, world.ledger, 20));
    if (round % 20 === 0) say(`${round} cuts, ${counted(world.ledger.acknowledged)} changes`);
  }
  checks.push(await check(house, world.ledger));
  // A house made worse is not asked whether it is sound.
  if (executable === undefined) await house.stop();
  return tollOf(rounds, world.ledger, checks);
}
