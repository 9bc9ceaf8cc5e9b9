/** How many sign-ins there are a second, beside what the hash alone allows and beside the peer's. */
import { peerSignIn, signIn } from "./bench-asked.ts";
import { argon2id } from "./bench-password.ts";
import type { Server } from "./bench-process.ts";
import { interleave, type Row, row } from "./bench-row.ts";
import type { Yard } from "./bench-yard.ts";

const ours = "sign-in";
const bare = "bare Bun.password.verify";
const peerScrypt = "Better Auth, its scrypt";
const peerArgon2id = "Better Auth, our argon2id";

export async function signInRows({ scale, house, peer, loads, measureBare }: Yard): Promise<Row[]> {
  const seconds = scale.signInSeconds;
  const server = await house.start();
  const peers: Partial<Record<string, Server>> = peer
    ? { [peerScrypt]: await peer.start("scrypt"), [peerArgon2id]: await peer.start("argon2id") }
    : {};
  const asked = {
    [ours]: signIn(server, house),
    ...(peer && mapped(peers, (each) => peerSignIn(each, peer))),
  };
  for (const each of Object.values(asked)) await loads.warm(each, { seconds, seed: 0 });
  const rounds = await interleave<string, number>(scale.rounds, {
    [bare]: () => measureBare("hash", seconds),
    ...mapped(asked, (each) => async (round: number) => {
      const { perSecond } = await loads.measure(each, { seconds, seed: round + 1 });
      return perSecond;
    }),
  });
  for (const each of [server, ...Object.values(peers)]) await each?.stop();

  const figures = { ours, unit: "sign-ins/s", pick: (perSecond: number) => perSecond };
  const beside = (against: string) => ({ ...figures, against });
  const note = `argon2id, ${argon2id.memoryCost} KiB, ${argon2id.timeCost} passes`;
  return [
    row(rounds, { name: "sign-in", ...beside(bare), note, target: { of: "ratio", atLeast: 0.95 } }),
    ...(peer
      ? [
          row(rounds, {
            ...{ name: "sign-in, and the peer's", ...beside(peerScrypt) },
            target: { of: "ratio", atLeast: 1.5 },
          }),
          row(rounds, { name: "sign-in, and the peer's with our hash", ...beside(peerArgon2id) }),
        ]
      : []),
  ];
}

const mapped = <Value, Made>(record: Partial<Record<string, Value>>, make: (value: Value) => Made) =>
  Object.fromEntries(
    Object.entries(record).flatMap(([name, value]) => (value === undefined ? [] : [[name, make(value)]])),
  ) as Record<string, Made>;
