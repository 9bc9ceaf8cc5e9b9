/** How session checks fare while sign-ins keep every core hashing. */
import { byToken, signIn } from "./bench-asked.ts";
import { interleave, type Row, row } from "./bench-row.ts";
import type { Yard } from "./bench-yard.ts";

const ours = "while all sign in";
const against = "while nobody does";

export async function stormRows({ scale, house, loads }: Yard): Promise<Row[]> {
  const server = await house.start();
  const [checks, signIns] = [byToken(server, house), signIn(server, house)];
  await loads.warm(checks, { seconds: scale.warmSeconds, seed: 0 });
  await loads.warm(signIns, { seconds: scale.signInSeconds, seed: 0 });
  const rounds = await interleave(scale.rounds, {
    [against]: (round) => loads.measure(checks, { seconds: scale.seconds, seed: round + 1 }),
    [ours]: async (round) => {
      const seed = round + 1;
      // The storm begins before and ends after.
      const storm = loads.measure(signIns, { seconds: scale.seconds + 2, seed });
      await Bun.sleep(1000);
      const calm = await loads.measure(checks, { seconds: scale.seconds, seed });
      await storm;
      return calm;
    },
  });
  await server.stop();
  const name = "session check under sign-ins";
  const sides = { ours, against } as const;
  return [
    row(rounds, {
      ...{ ...sides, name: `${name}, p99`, unit: "ms", pick: ({ p99 }) => p99 },
      target: { of: "value", atMost: 10 },
    }),
    row(rounds, {
      ...{ ...sides, name, unit: "req/s", pick: ({ perSecond }) => perSecond },
      target: { of: "ratio", atLeast: 0.6 },
    }),
  ];
}
