/** What the house remembers of a busy day: its memory after many sign-ins and checks. */
import { byToken, signIn } from "./bench-asked.ts";
import type { Asked } from "./bench-load.ts";
import { interleave, type Row, row } from "./bench-row.ts";
import type { Yard } from "./bench-yard.ts";

const ours = "after the day";
const against = "before it";

/** A machine that hashes slowly, or is shared, does not get to the end of its sign-ins in time; the note tells how far it got. */
const mostSeconds = 300;

export async function memoryRows({ scale, house, loads }: Yard): Promise<Row[]> {
  const server = await house.start();
  async function ask(asked: Asked, count: number): Promise<number> {
    const until = performance.now() + mostSeconds * 1000;
    let answered = 0;
    for (let [seed, seconds] = [1, 1]; answered < count && performance.now() < until; seed++) {
      const { requests, perSecond } = await loads.measure(asked, { seconds, seed });
      answered += requests;
      seconds = Math.min(20, Math.max(1, Math.ceil((count - answered) / perSecond)));
    }
    return answered;
  }
  const counts: number[] = [];
  const [taken] = await interleave(1, {
    [against]: () => server.memory(),
    [ours]: async () => {
      counts.push(await ask(signIn(server, house), scale.signIns));
      counts.push(await ask(byToken(server, house), scale.checks));
      await Bun.sleep(scale.idleSeconds * 1000);
      return server.memory();
    },
  });
  await server.stop();
  const rounds = taken ? [taken] : [];
  const [signIns = 0, checks = 0] = counts.map((count) => count.toLocaleString("en"));
  const sides = { ours, against, unit: "MB", note: `${signIns} sign-ins and ${checks} checks` } as const;
  return [
    row(rounds, {
      ...{ ...sides, name: "memory, afterwards", pick: ({ resident }) => resident / 1e6 },
      target: { of: "value", atMost: 130 },
    }),
    row(rounds, { ...sides, name: "memory, afterwards, its own", pick: ({ own }) => own / 1e6 }),
  ];
}
