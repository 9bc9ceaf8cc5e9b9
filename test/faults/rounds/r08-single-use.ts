/** Every secret that works once, used by fifty at the same moment. */
import type { Spoken } from "../../binary.ts";
import type { Fault, Figure } from "../fault.ts";
import { fifty } from "../lanes.ts";
import { done } from "../people.ts";
import { firstRunToken, openScene, type Scene } from "./r08-scene.ts";
import { type Secret, secrets } from "./r08-secrets.ts";

interface Tally {
  races: number;

  /** What was not granted exactly once, and how often it was. */
  readonly odd: string[];

  /** Answers of 500 and above. */
  failures: number;
}

const isYes = ({ status }: Spoken): boolean => status < 300;

/** What works as often as it is used; were it granted once, the count could not tell. */
const reusable: readonly Secret[] = [
  {
    what: "an invitation for fifty",
    async make({ client, admin }) {
      const own = client();
      const { token } = done(await own.post("/auth/invites", { uses: 50 }, admin)).body;
      return (n) =>
        own.post("/auth/invites/accept", { token, username: `r-${n}`, password: "analytical engine" });
    },
  },
  {
    what: "a session",
    async make({ client, admin }) {
      const own = client();
      return () => own.get("/auth/sessions/current", admin);
    },
  },
];

export const singleUse: Fault = {
  id: "R8",
  name: "fifty at once with every secret that works once",

  async run(scale, say) {
    const [houses, times] = scale === "short" ? [1, 1] : [2, 3];
    const tally: Tally = { races: 0, odd: [], failures: 0 };
    const controls: Figure[] = [];
    for (let house = 0; house < houses; house++) {
      await using scene = await openScene();
      await firstRun(scene, tally);
      for (const secret of secrets) {
        for (let time = 0; time < times; time++) await race(scene, secret, tally);
        say(`${secret.what}: ${times} times`);
      }
      if (house === 0) for (const secret of reusable) controls.push(await control(scene, secret));
    }
    return [...figuresOf(tally), ...controls];
  },
};

/** The first-run token makes the first administrator, who does the rest. */
async function firstRun(scene: Scene, tally: Tally): Promise<void> {
  const own = scene.client();
  const token = firstRunToken(scene);
  const answers = await fifty((n) =>
    own.post("/auth/bootstrap/complete", { token, username: `ada-${n}`, password: "analytical engine" }),
  );
  count(tally, "first-run token", answers, answers.filter(isYes).length);
  const winner = answers.find(isYes);
  if (!winner) throw new Error("nobody became the first administrator");
  scene.admin = { token: winner.body.token };
}

async function race(scene: Scene, { what, make, granted = isYes }: Secret, tally: Tally): Promise<void> {
  const use = await make(scene);
  const answers = await fifty(use);
  count(tally, what, answers, answers.filter(granted).length);
}

function count(tally: Tally, what: string, answers: readonly Spoken[], winners: number): void {
  tally.races++;
  if (winners !== 1) tally.odd.push(`${what}: ${winners}`);
  tally.failures += answers.filter(({ status }) => status >= 500).length;
}

const figuresOf = ({ races, odd, failures }: Tally): Figure[] => [
  {
    what: `races of fifty for ${secrets.length + 1} kinds of secret that had not exactly one winner`,
    value: `${odd.length} of ${races}${odd.length > 0 ? `: ${odd.join(", ")}` : ""}`,
    asked: "0",
    ok: odd.length === 0,
  },
  {
    what: "answers of 500 and above",
    value: `${failures} of ${races * 50}`,
    asked: "0",
    ok: failures === 0,
  },
];

async function control(scene: Scene, { what, make }: Secret): Promise<Figure> {
  const use = await make(scene);
  const winners = (await fifty(use)).filter(isYes).length;
  return {
    what: `winners with ${what}`,
    value: `${winners}`,
    asked: "50",
    ok: winners === 50,
    control: true,
  };
}
