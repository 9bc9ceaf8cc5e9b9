/** People who use a house all at once and remember what it told them. */
import { deeds } from "./deeds.ts";
import { type Asked, Gone } from "./ledger.ts";
import type { Person, World } from "./people.ts";

/** What is tested is not how often one may try, and hashing is as cheap as the house lets it be. */
export const trafficEnv: Record<string, string> = {
  ...Object.fromEntries(
    ["SIGNIN", "REGISTER", "REFRESH", "DEVICE", "POLL", "BOOTSTRAP"].map((row) => [
      `HOUSEKEY_LIMIT_${row}`,
      "off",
    ]),
  ),
  HOUSEKEY_TRUSTED_PROXIES: "127.0.0.1",
  HOUSEKEY_ARGON2_MEMORY_KIB: "8192",
  HOUSEKEY_ARGON2_PASSES: "1",
};

export interface Traffic {
  /**
   * Resolves at some moment when about so many more changes are acknowledged, a tenth of them negative: however slow
   * the machine is, there is something to lose.
   */
  after(changes: number): Promise<void>;

  /** Ends it after the requests that are under way. */
  stop(): Promise<void>;

  /** Resolves when everybody has stopped: they were told to, or the house is gone. */
  readonly ended: Promise<void>;
}

/** Everybody signs in anew and goes on until they are stopped or get no answer. */
export function drive(house: Asked, world: World): Traffic {
  let stopped = false;
  const lane = async (person: Person, nth: number): Promise<void> => {
    try {
      await deeds.arrive(house, world, person);
      while (!stopped) await deeds.next(house, world, person, nth === 0);
    } catch (error) {
      if (!(error instanceof Gone)) throw error;
    }
  };
  const ended = Promise.all(world.people.map(lane)).then(() => {});
  let isOver = false;
  const over = ended.finally(() => {
    isOver = true;
  });
  const { ledger } = world;
  return {
    ended: over,
    async after(changes) {
      const { acknowledged, negative } = ledger;
      const enough = Math.ceil(changes * (0.2 + Math.random()));
      while (
        !isOver &&
        (ledger.acknowledged - acknowledged < enough || ledger.negative - negative < enough / 10)
      )
        await Bun.sleep(1);
      await Bun.sleep(Math.random() * 10);
    },
    async stop() {
      stopped = true;
      await over;
    },
  };
}
