/** How often one may try does not depend on what the clock shows. */
import { admin, bootstrap, emptyFolder, type House, type Spoken, startHouse } from "../../binary.ts";
import { type Clock, hour, turnableClock } from "../clock.ts";
import type { Figure } from "../fault.ts";
import { anyAddress, ask } from "../ledger.ts";
import { trafficEnv } from "../traffic.ts";

const window = 3;
const patience = 20;

/** Two limits, each hit before the clock jumps: that of an address, and the slow-down of an account. */
export async function limitFigures(say: (line: string) => void): Promise<Figure[]> {
  using folder = emptyFolder();
  const clock = turnableClock(folder.path);
  const house = await startHouse({
    cwd: folder.path,
    env: { ...trafficEnv, ...clock.env, HOUSEKEY_LIMIT_SIGNIN: `3/${window}s` },
  });
  try {
    await bootstrap(house);
    const figures: Figure[] = [];
    for (const at of [hour, -hour]) {
      say(`limits, the clock off by ${at} s`);
      figures.push(await addressLimit(house, clock, at));
    }
    const jumped = await slowDown(house, clock, -hour);
    const left = await slowDown(house, clock, 0);
    return [
      ...figures,
      {
        what: "an account slowed down for 1 s, the clock set back an hour meanwhile: the right password refused for",
        value: jumped < patience ? `${jumped.toFixed(1)} s` : `over ${patience} s`,
        asked: "under 3 s",
        ok: jumped < 3,
      },
      {
        what: "the same with the clock left alone",
        value: `${left.toFixed(1)} s`,
        asked: "0.8 s to 3 s",
        ok: left > 0.8 && left < 3,
        control: true,
      },
    ];
  } finally {
    await house.stop();
  }
}

const attempt = (house: House, username: string, address: string): Promise<Spoken> =>
  ask(house, "POST", "/auth/local/login", {
    body: { username, password: "not the password" },
    address,
  });

const direction = (at: number): string => (at < 0 ? "back" : "forward");

async function addressLimit(house: House, clock: Clock, at: number): Promise<Figure> {
  clock.set(0);
  const address = at < 0 ? "10.0.0.1" : "10.0.0.2";
  const name = () => crypto.randomUUID();
  for (let n = 0; n < 3; n++) await attempt(house, name(), address);
  const full = performance.now();
  clock.set(at);
  const refused = (await attempt(house, name(), address)).status === 429;
  const seconds = await until(async () => (await attempt(house, name(), address)).status !== 429, full);
  return {
    what: `an address's limit of ${window} s, the clock set ${direction(at)} an hour meanwhile: full for`,
    value: refused ? `${seconds.toFixed(1)} s` : "no time",
    asked: `${window} s`,
    ok: refused && Math.abs(seconds - window) < 1,
  };
}

/** Five wrong passwords from nowhere known make strangers wait a second; how long the right one is refused then. */
async function slowDown(house: House, clock: Clock, at: number): Promise<number> {
  clock.set(0);
  for (let n = 0; n < 5; n++) await attempt(house, admin.username, anyAddress());
  const slowed = performance.now();
  clock.set(at);
  return until(async () => {
    const answer = await ask(house, "POST", "/auth/local/login", { body: admin });
    return answer.status === 201;
  }, slowed);
}

/** Seconds since `from` when it is so, or `patience`. */
async function until(isSo: () => Promise<boolean>, from: number): Promise<number> {
  const passed = () => (performance.now() - from) / 1000;
  while (!(await isSo()) && passed() < patience) await Bun.sleep(100);
  return passed();
}
