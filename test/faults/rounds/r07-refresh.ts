/** One refresh token shown by fifty at once, as a client with many tabs does, and by a thief when it is too late. */
import { admin, bootstrap, emptyFolder, type House, type Spoken, startHouse } from "../../binary.ts";
import { type Clock, turnableClock } from "../clock.ts";
import type { Fault, Figure } from "../fault.ts";
import { atOnce, fifty, inLanes } from "../lanes.ts";
import { ask } from "../ledger.ts";
import { trafficEnv } from "../traffic.ts";

const api = "/api/v1/auth";

/** Seconds from which on a spent token is theft. */
const grace = 10;

interface Counted {
  /** Successors beyond the first of a family. */
  forks: number;

  /** Families that were ended, or refused somebody, although nobody was late. */
  killed: number;

  /** Families that ended, every token of theirs, when a token came back late. */
  thefts: number;
}

const login = async (house: House): Promise<Spoken["body"]> =>
  (
    await ask(house, "POST", `${api}/login`, {
      body: { email: admin.username, password: admin.password },
    })
  ).body;

const refresh = (house: House, refresh_token: string): Promise<Spoken> =>
  ask(house, "POST", `${api}/refresh`, { body: { refresh_token } });

const isAlive = async (house: House, token: string): Promise<boolean> =>
  (await ask(house, "GET", `${api}/me`, { token })).status === 200;

const successorsOf = (answers: readonly Spoken[]): Set<string> =>
  new Set(answers.flatMap(({ status, body }) => (status === 200 ? [body.refresh_token] : [])));

export const concurrentRefresh: Fault = {
  id: "R7",
  name: "fifty refreshes at once with one token",
  needs: ["faketime"],

  async run(scale, say) {
    const families = scale === "short" ? 20 : 1000;
    using folder = emptyFolder();
    const clock = turnableClock(folder.path);
    const house = await startHouse({ cwd: folder.path, env: { ...trafficEnv, ...clock.env } });
    try {
      await bootstrap(house);
      const counted = await race(house, clock, families, say);
      return [...figuresOf(counted, families), await control(house)];
    } finally {
      await house.stop();
    }
  },
};

async function race(house: House, clock: Clock, families: number, say: (line: string) => void) {
  const counted: Counted = { forks: 0, killed: 0, thefts: 0 };
  const spent: { old: string; newest: string; access: string }[] = [];
  const started = performance.now();
  await inLanes(atOnce(families), 4, async () => {
    const { refresh_token: old } = await login(house);
    const answers = await fifty(() => refresh(house, old));
    const successors = successorsOf(answers);
    counted.forks += Math.max(0, successors.size - 1);
    const [first = ""] = successors;
    // Its own successor shows that the family is whole, and is left unspent for the thief to be late with.
    const next = await refresh(house, first);
    const { refresh_token: newest = "", access_token: access = "" } = next.body;
    if (answers.some(({ status }) => status !== 200) || !(await isAlive(house, access))) counted.killed++;
    spent.push({ old: first, newest, access });
  });
  say(`${families} families, ${families * 50} refreshes in ${seconds(started)} s`);

  clock.set(grace + 1);
  await inLanes(spent, 16, async ({ old, newest, access }) => {
    const { status } = await refresh(house, old);
    const over = (await refresh(house, newest)).status === 401 && !(await isAlive(house, access));
    if (status === 401 && over) counted.thefts++;
  });
  return counted;
}

const seconds = (started: number): number => Math.round((performance.now() - started) / 100) / 10;

const figuresOf = ({ forks, killed, thefts }: Counted, families: number): Figure[] => [
  { what: "forks", value: `${forks} of ${families} families × 50`, asked: "0", ok: forks === 0 },
  {
    what: "families ended although nobody was late",
    value: `${killed} of ${families}`,
    asked: "0",
    ok: killed === 0,
  },
  {
    what: `families ended by a token shown ${grace + 1} s after it was spent`,
    value: `${thefts} of ${families}`,
    asked: "all",
    ok: thefts === families,
  },
];

/** Fifty families are told apart by the same count. */
async function control(house: House): Promise<Figure> {
  const tokens = await Promise.all(atOnce(50).map(async () => (await login(house)).refresh_token as string));
  const answers = await Promise.all(tokens.map((token) => refresh(house, token)));
  const forks = successorsOf(answers).size - 1;
  return {
    what: "forks counted when the fifty tokens are of fifty families",
    value: `${forks}`,
    asked: "49",
    ok: forks === 49,
    control: true,
  };
}
