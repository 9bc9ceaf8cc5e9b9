/** What every group of rows is given: the filled house, the yardstick beside it, the load, and how long to take. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type House, makeHouse } from "./bench-house.ts";
import { type Loads, makeLoads } from "./bench-load.ts";
import { type Server, start } from "./bench-process.ts";

export interface Scale {
  readonly accounts: number;
  readonly rounds: number;

  /** Of load, per side and round. */
  readonly seconds: number;
  readonly warmSeconds: number;
  readonly starts: number;

  readonly idleRounds: number;
  readonly idleSeconds: number;
}

export const full: Scale = {
  accounts: 100_000,
  rounds: 7,
  seconds: 4,
  // Longer than the house waits before it writes down which sessions were used.
  warmSeconds: 12,
  starts: 10,
  idleRounds: 3,
  idleSeconds: 5,
};

export const quick: Scale = {
  accounts: 5000,
  rounds: 2,
  seconds: 1,
  warmSeconds: 1,
  starts: 2,
  idleRounds: 1,
  idleSeconds: 1,
};

export interface Yard {
  readonly scale: Scale;
  readonly house: House;
  readonly loads: Loads;

  /** The least a server of this runtime can be: Bun itself, answering what `/healthz` answers and nothing else. */
  startBare(): Promise<Server>;
}

const bareServer = `Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.argv[2]),
  development: false,
  fetch: () => Response.json({ status: "ok" }),
});
`;

export async function makeYard(
  folder: string,
  { built, scale }: { built: string; scale: Scale },
): Promise<Yard> {
  const bare = join(folder, "bare.ts");
  writeFileSync(bare, bareServer);
  return {
    scale,
    house: await makeHouse(folder, { built, accounts: scale.accounts }),
    loads: makeLoads(folder),
    startBare: () =>
      start({
        command: (port) => [process.execPath, bare, String(port)],
        cwd: folder,
        health: "/healthz",
      }),
  };
}
