/** What every group of rows is given: the filled house, what stands beside it, the load, and how long to take. */
import { join } from "node:path";
import { type House, makeHouse } from "./bench-house.ts";
import { type Loads, makeLoads } from "./bench-load.ts";
import { makePeer, type Peer } from "./bench-peer.ts";
import { run, type Server, start } from "./bench-process.ts";
import type { Scale } from "./bench-scale.ts";

export interface Yard {
  readonly scale: Scale;
  readonly folder: string;
  readonly house: House;

  /** Null when the registry did not answer: then its rows are left out. */
  readonly peer: Peer | null;

  readonly loads: Loads;

  /** The least a server can be, of the runtime and of the framework: it answers what `/healthz` answers and nothing else. */
  startBare(what: "bun" | "elysia"): Promise<Server>;

  /** How many a second there are without us. */
  measureBare(what: "hash" | "commits" | "sign", seconds: number): Promise<number>;
}

interface Plan {
  /** The executable under test: a copy, so that a build meanwhile does not change what is measured. */
  readonly binary: string;

  readonly scale: Scale;

  /** Whether a chosen group has a row of it. */
  readonly wantsPeer: boolean;

  readonly say: (line: string) => void;
}

export async function makeYard(folder: string, { binary, scale, wantsPeer, say }: Plan): Promise<Yard> {
  const bare = [process.execPath, join(import.meta.dir, "bench-bare.ts")];
  const { accounts, draw } = scale;
  say(`filling a house with ${accounts} accounts`);
  const house = await makeHouse(join(folder, "house"), { binary, accounts, draw, everyKind: true });
  return {
    scale,
    folder,
    house,
    peer: wantsPeer ? await peerOrNot(folder, scale, say) : null,
    loads: makeLoads(folder, { warms: scale.warmSeconds > 0 }),
    startBare: (what) =>
      start({ command: (port) => [...bare, what, String(port)], cwd: folder, health: "/healthz" }),
    measureBare: async (what, seconds) => {
      const command = [...bare, what, String(seconds), join(folder, "bare.db")];
      return Number(await run(command, { cwd: folder, seconds: seconds + 20 }));
    },
  };
}

async function peerOrNot(folder: string, scale: Scale, say: Plan["say"]): Promise<Peer | null> {
  say("installing and filling the peer");
  try {
    const { accounts, draw, installSeconds: seconds } = scale;
    return await makePeer(join(folder, "peer"), { accounts, draw, seconds });
  } catch (error) {
    say(`the peer is left out: ${String(error).split("\n")[0]}`);
    return null;
  }
}
