/** How many requests the house answers: what looking up a session adds to one, by each kind of credential, and beside others. */

import { spread } from "../src/cli/bench-figures.ts";
import { byApiKey, byCookie, byJwt, byToken, forward, healthCheck, peerCheck } from "./bench-asked.ts";
import type { Answered, Asked } from "./bench-load.ts";
import type { Memory } from "./bench-process.ts";
import { interleave, type Row, row } from "./bench-row.ts";
import type { Yard } from "./bench-yard.ts";

const check = "by token";
const jwt = "by JWT";
const cookie = "by cookie";
const key = "by API key";
const forwarded = "/auth/forward";
const health = "/healthz";
const elysia = "bare Elysia";
const bun = "bare Bun.serve";
const peerName = "Better Auth";

type Taken = Answered & { readonly memory: Memory };

export async function checkRows({ scale, house, peer, loads, startBare }: Yard): Promise<Row[]> {
  const server = await house.start();
  const [bareElysia, bareBun] = [await startBare("elysia"), await startBare("bun")];
  const peerServer = await peer?.start("scrypt");
  const asked: Record<string, Asked> = {
    [check]: byToken(server, house),
    [health]: healthCheck(server),
    [jwt]: byJwt(server, house),
    [cookie]: byCookie(server, house),
    [key]: byApiKey(server, house),
    [forwarded]: forward(server, house),
    [elysia]: healthCheck(bareElysia),
    [bun]: healthCheck(bareBun),
    ...(peer && peerServer && { [peerName]: peerCheck(peerServer, peer) }),
  };
  for (const each of Object.values(asked))
    await loads.warm(each, {
      seconds: each.lines === undefined ? scale.seconds : scale.warmSeconds,
      seed: 0,
    });

  const sides = Object.entries(asked).map(([side, each]) => {
    const ask = async (round: number): Promise<Taken> => {
      const answered = await loads.measure(each, { seconds: scale.seconds, seed: round + 1 });
      return { ...answered, memory: each.server.memory() };
    };
    return [side, ask] as const;
  });
  const rounds = await interleave(scale.rounds, Object.fromEntries(sides));
  for (const each of [server, bareElysia, bareBun, peerServer]) await each?.stop();

  // Where a server leaves its core idle, the generator or the machine was the limit, and the ratio flatters.
  const share = (side: string) =>
    spread(rounds.map((round) => round[side]?.cpuShare ?? Number.NaN)).median.toFixed(2);
  const perSecond = (ours: string, against: string) => ({
    ...{ ours, against, unit: "req/s", pick: (taken: Taken) => taken.perSecond },
    note: `cores busy: ${share(ours)} / ${share(against)}`,
  });
  const ofPeer = { name: "session check, and the peer's", target: { of: "ratio", atLeast: 15 } } as const;
  const atLeast = (ratio: number) => ({ target: { of: "ratio", atLeast: ratio } as const });
  const [checks, processor] = [{ ours: check, against: health }, (taken: Taken) => taken.cpuPerRequest];
  return [
    row(rounds, { name: "session check", ...perSecond(check, health), ...atLeast(0.6) }),
    ...(peerServer ? [row(rounds, { ...ofPeer, ...perSecond(check, peerName) })] : []),
    row(rounds, { name: "session check, by JWT", ...perSecond(jwt, check), ...atLeast(0.9) }),
    row(rounds, { name: "session check, by cookie", ...perSecond(cookie, check), ...atLeast(0.9) }),
    row(rounds, { name: "session check, by API key", ...perSecond(key, check) }),
    row(rounds, { name: "forward-auth", ...perSecond(forwarded, health), ...atLeast(0.55) }),
    row(rounds, { name: "session check, p99", unit: "ms", ...checks, pick: ({ p99 }) => p99 }),
    row(rounds, { name: "session check, processor", unit: "µs/req", ...checks, pick: processor }),
    row(rounds, { name: "health check, and the framework's", ...perSecond(health, elysia) }),
    row(rounds, { name: "health check, and the runtime's", ...perSecond(health, bun) }),
    ...memoryRows(rounds),
  ];
}

function memoryRows(rounds: readonly Readonly<Record<string, Taken>>[]): Row[] {
  const sides = { ours: check, against: bun, unit: "MB" };
  const pick = (of: keyof Memory) => (taken: Taken) => taken.memory[of] / 1e6;
  return [
    row(rounds, { ...sides, name: "memory, under checks", pick: pick("resident") }),
    row(rounds, { ...sides, name: "memory, under checks, its own", pick: pick("own") }),
  ];
}
