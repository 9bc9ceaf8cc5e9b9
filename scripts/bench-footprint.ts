/** What the house costs when nobody asks for anything: its start, its memory, its size. */
import { statSync } from "node:fs";
import type { Server } from "./bench-process.ts";
import { interleave, type Row, row } from "./bench-row.ts";
import type { Yard } from "./bench-yard.ts";

const ours = "filled house";
const against = "bare Bun";
const sides = { ours, against } as const;

export async function footprintRows({ scale, house, startBare }: Yard): Promise<Row[]> {
  const startedIn = async (start: () => Promise<Server>) => {
    const server = await start();
    await server.stop();
    return server.startedIn;
  };
  const idleMemory = async (start: () => Promise<Server>) => {
    const server = await start();
    await Bun.sleep(scale.idleSeconds * 1000);
    const memory = server.memory();
    await server.stop();
    return memory;
  };
  const bare = () => startBare("bun");

  // The first of each reads its files from the disk.
  await startedIn(house.start);
  await startedIn(bare);
  const starts = await interleave(scale.starts, {
    [ours]: () => startedIn(house.start),
    [against]: () => startedIn(bare),
  });
  const idle = await interleave(scale.idleRounds, {
    [ours]: () => idleMemory(house.start),
    [against]: () => idleMemory(bare),
  });
  const size = await interleave(1, {
    "the executable": () => statSync(house.binary).size,
    "Bun's own": () => statSync(process.execPath).size,
  });

  const megabytes = (bytes: number) => bytes / 1e6;
  return [
    row(starts, {
      ...{ ...sides, name: "start to the first 200", unit: "ms", pick: (milliseconds) => milliseconds },
      target: { of: "value", atMost: 50 },
    }),
    row(idle, {
      ...{ ...sides, name: "memory, idle", unit: "MB", pick: ({ resident }) => megabytes(resident) },
      target: { of: "value", atMost: 65 },
    }),
    row(idle, { ...sides, name: "memory, idle, its own", unit: "MB", pick: ({ own }) => megabytes(own) }),
    row(size, {
      ...{ ours: "the executable", against: "Bun's own", name: "size on disk", unit: "MB", pick: megabytes },
      target: { of: "difference", atMost: 15 },
    }),
  ];
}
