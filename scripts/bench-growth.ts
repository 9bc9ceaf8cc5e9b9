/**
 * What a check costs in a big house and in a small one when the house remembers none of the sessions: another process
 * commits, which empties its memory of them, and then each session of a random share is asked for once. Both houses
 * are asked alike, and for as many sessions.
 */
import { Database } from "bun:sqlite";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { each, load, written } from "../src/cli/bench-load.ts";
import { type House, makeHouse } from "./bench-house.ts";
import { connections } from "./bench-load.ts";
import type { Server } from "./bench-process.ts";
import { interleave, type Row, row } from "./bench-row.ts";
import type { Yard } from "./bench-yard.ts";

export async function growthRows({ scale, folder, house: { binary } }: Yard): Promise<Row[]> {
  const { big, small, draw } = scale;
  const make = (name: string, accounts: number) =>
    makeHouse(join(folder, name), { binary, accounts, draw, everyKind: false });
  const houses = [await make("big", big), await make("small", small)] as const;
  const [ours, against] = houses.map(({ accounts }) => `${accounts.toLocaleString("en")} sessions`);
  if (ours === undefined || against === undefined) throw new Error("two houses");

  const opened = await Promise.all(houses.map(open));
  const [inBig, inSmall] = opened;
  if (!inBig || !inSmall) throw new Error("two houses");
  // Pages come from the disk once, and the house writes down once that the sessions were used.
  for (const { ask, shares } of opened) for (let turn = 0; turn < shares; turn++) await ask(turn);
  await Bun.sleep(scale.warmSeconds * 1000);

  const turns = scale.rounds * scale.bursts;
  const bursts = await interleave(turns, { [ours]: inBig.ask, [against]: inSmall.ask });
  for (const { close } of opened) await close();

  const rounds = Array.from({ length: scale.rounds }, (_, round) => {
    const own = bursts.slice(round * scale.bursts, (round + 1) * scale.bursts);
    const mean = (side: string) => own.reduce((sum, burst) => sum + (burst[side] ?? 0), 0) / own.length;
    return { [ours]: mean(ours), [against]: mean(against) };
  });
  return [
    row(rounds, {
      ...{ name: "time of a check, nothing remembered", unit: "µs", ours, against, pick: (micros) => micros },
      note: `${connections} connections, ${small} sessions after each emptying`,
      target: { of: "ratio", atMost: 1.35 },
    }),
  ];

  async function open(house: House) {
    const server = await house.start();
    const tokens = readFileSync(house.lines.tokens, "utf8").trim().split("\n");
    const empty = emptier(house);
    return {
      shares: Math.ceil(tokens.length / small),
      ask: (turn: number) => timed(server, empty.now, shareOf(tokens, turn, small)),
      close: async () => {
        empty.close();
        await server.stop();
      },
    };
  }
}

/** One share after the other, in an order of its own each time. */
function shareOf(tokens: readonly string[], turn: number, size: number): string[] {
  const shares = Math.max(1, Math.floor(tokens.length / size));
  const from = (turn % shares) * size;
  return tokens
    .slice(from, from + size)
    .map((token) => ({ token, place: Math.random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ token }) => token);
}

/** Microseconds a check. */
async function timed(server: Server, empty: () => void, tokens: readonly string[]): Promise<number> {
  const requests = tokens.map((token) =>
    written({ path: "/auth/sessions/current", headers: { authorization: `Bearer ${token}` } }),
  );
  empty();
  const { right, wrong, seconds } = await load({ url: server.url, connections, next: each(requests) });
  if (wrong > 0) throw new Error(`${server.url}: ${wrong} of ${right + wrong} checks were refused`);
  return (seconds * 1e6) / right;
}

/** Commits a change that changes nothing, as a command beside the server would. */
function emptier({ database }: House): { now: () => void; close: () => void } {
  const file = new Database(database, { readwrite: true, create: false, strict: true });
  file.run("PRAGMA busy_timeout = 5000");
  file.run("PRAGMA synchronous = OFF");
  const touch = file.prepare("UPDATE users SET name = name WHERE username = 'ada'");
  return {
    now: () => void touch.run(),
    close() {
      touch.finalize();
      file.close();
    },
  };
}
