/** How many refreshes there are a second, beside what each of them cannot do without: a commit, and a signature. */
import { connections } from "./bench-load.ts";
import { interleave, type Row, row } from "./bench-row.ts";
import type { Yard } from "./bench-yard.ts";

const ours = "refresh";
const commits = "bare commits";
const signatures = "bare signatures";
const smaller = "the smaller of both";

export async function refreshRows({ scale, house, loads, measureBare }: Yard): Promise<Row[]> {
  const server = await house.start();
  const path = "/api/v1/auth/refresh";
  // A token is good once, so that each run has its own share of them, and it needs more than it has connections.
  const most = Math.floor(house.drawn / (connections + 1)) - 1;
  const rounds = Math.max(1, Math.min(scale.rounds, most));
  const count = Math.floor(house.drawn / (rounds + 1));
  const rotate = (share: number) =>
    loads.rotate(
      { server, path, lines: house.lines.refreshTokens, from: share * count, count },
      scale.seconds,
    );
  if (scale.warmSeconds > 0) await rotate(rounds);
  const taken = await interleave(rounds, {
    [ours]: async (round) => (await rotate(round)).perSecond,
    [commits]: () => measureBare("commits", scale.seconds),
    [signatures]: () => measureBare("sign", scale.seconds),
  });
  await server.stop();
  const compared = taken.map((round) => ({
    ...round,
    [smaller]: Math.min(round[commits], round[signatures]),
  }));
  const figures = { ours, unit: "a second", pick: (perSecond: number) => perSecond } as const;
  const note = "a commit: one row, FULL, one after another; a signature: RS256, one thread";
  return [
    row(compared, {
      ...{ ...figures, name: "refresh", against: smaller, note },
      target: { of: "ratio", atLeast: 0.5 },
    }),
    row(compared, { ...figures, name: "refresh, and commits", against: commits }),
    row(compared, { ...figures, name: "refresh, and signatures", against: signatures }),
  ];
}
