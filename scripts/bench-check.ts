/** How many requests the house answers, and what looking up a session adds to one. */
import type { Asked } from "./bench-load.ts";
import { interleave, type Row, row, spread } from "./bench-row.ts";
import type { Yard } from "./bench-yard.ts";

const check = "GET /auth/sessions/current";
const health = "GET /healthz";
const bare = "bare Bun";

export async function checkRows({ scale, house, loads, startBare }: Yard): Promise<Row[]> {
  const server = await house.start();
  const bareServer = await startBare();
  const asked = {
    [check]: { server, path: "/auth/sessions/current", tokens: house.tokens },
    [health]: { server, path: "/healthz" },
    [bare]: { server: bareServer, path: "/healthz" },
  } satisfies Record<string, Asked>;

  for (const each of Object.values(asked))
    await loads.warm(each, { seconds: "tokens" in each ? scale.warmSeconds : scale.seconds, seed: 0 });

  const ask = (side: keyof typeof asked) => async (round: number) => {
    const answered = await loads.measure(asked[side], { seconds: scale.seconds, seed: round + 1 });
    return { ...answered, memory: asked[side].server.memory() };
  };
  const rounds = await interleave(scale.rounds, {
    [check]: ask(check),
    [health]: ask(health),
    [bare]: ask(bare),
  });
  await server.stop();
  await bareServer.stop();

  // Where a server leaves its core idle, the generator or the machine was the limit, and the ratio flatters.
  const share = (side: keyof typeof asked) =>
    spread(rounds.map((round) => round[side].cpuShare)).median.toFixed(2);
  const checks = { ours: check, against: health } as const;
  return [
    row(rounds, {
      ...checks,
      name: "session check",
      unit: "req/s",
      pick: ({ perSecond }) => perSecond,
      target: { of: "ratio", atLeast: 0.3, later: 0.6 },
      note: `cores busy: ${share(check)} / ${share(health)}`,
    }),
    row(rounds, { ...checks, name: "session check, p99", unit: "ms", pick: ({ p99 }) => p99 }),
    row(rounds, {
      ...checks,
      name: "session check, processor",
      unit: "µs/req",
      pick: ({ cpuPerRequest }) => cpuPerRequest,
    }),
    row(rounds, {
      ours: health,
      against: bare,
      name: "health check",
      unit: "req/s",
      note: `cores busy: ${share(health)} / ${share(bare)}`,
      pick: ({ perSecond }) => perSecond,
    }),
    row(rounds, {
      ours: check,
      against: bare,
      name: "memory, under checks",
      unit: "MB",
      pick: ({ memory }) => memory.resident / 1e6,
    }),
    row(rounds, {
      ours: check,
      against: bare,
      name: "memory, under checks, its own",
      unit: "MB",
      pick: ({ memory }) => memory.own / 1e6,
    }),
  ];
}
