/** The figures of `housekey bench`, each taken several times. */
import { join } from "node:path";
import { makeHasher } from "../identity/hasher.ts";
import { openSqlite } from "../store/sqlite.ts";
import type { Hashing } from "./bench-advice.ts";
import { type Spread, spread } from "./bench-figures.ts";
import { type Filled, password, type Served, serveHouse } from "./bench-house.ts";
import { during, load, written } from "./bench-load.ts";

/** A figure is taken so often, each time for its share of the seconds. */
const takes = 3;
const starts = 5;
const together = 64;
const checkConnections = 16;

export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly spread: Spread;

  /** What it is, in words. */
  readonly meaning: string;
}

async function taken<Measured>(count: number, measure: () => Promise<Measured>): Promise<Measured[]> {
  const all: Measured[] = [];
  for (let take = 0; take < count; take++) all.push(await measure());
  return all;
}

/** How many times a second `work` ends, with `width` of it under way. */
async function rate(milliseconds: number, width: number, work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  let done = 0;
  await Promise.all(
    Array.from({ length: width }, async () => {
      do {
        await work();
        done++;
      } while (performance.now() - began < milliseconds);
    }),
  );
  return (done * 1000) / (performance.now() - began);
}

/** Milliseconds that one hash takes alone. */
export async function hashAlone({ memoryKib, passes }: Hashing): Promise<Spread> {
  const hasher = makeHasher({ width: 1, depth: 0, memoryKib, passes });
  await hasher.hash(password);
  return spread(
    await taken(takes, async () => {
      const began = performance.now();
      await hasher.hash(password);
      return performance.now() - began;
    }),
  );
}

interface Asked {
  readonly milliseconds: number;
  readonly cores: number;
}

export async function hashFigures(hashing: Hashing, { milliseconds, cores }: Asked): Promise<Figure[]> {
  const { memoryKib, passes } = hashing;
  const hasher = makeHasher({ width: cores, depth: cores, memoryKib, passes });
  const perSecond = await taken(takes, () => rate(milliseconds / takes, cores, () => hasher.hash(password)));
  return [
    {
      ...{ name: "password hash, alone", unit: "ms", spread: await hashAlone(hashing) },
      meaning: `argon2id with ${memoryKib} KiB and ${passes} passes; a sign-in by password takes at least this`,
    },
    {
      ...{ name: "password hashes", unit: "/s", spread: spread(perSecond) },
      meaning: `${cores} at once, one a core; sign-ins by password cannot be more`,
    },
  ];
}

/** Commits through the store itself, so each is what a write of the house costs. */
export async function diskFigures(folder: string, milliseconds: number): Promise<Figure[]> {
  const store = openSqlite(join(folder, "disk.db"));
  let value = 0;
  const write = () => store.write((tx) => tx.settings.put({ auditDays: ++value }));
  const rates = (width: number) => taken(takes, () => rate(milliseconds / takes / 2, width, write));
  const [alone, crowd] = [await rates(1), await rates(together)];
  await store.close();
  return [
    {
      ...{ name: "durable writes, one by one", unit: "/s", spread: spread(alone) },
      meaning: "each on the disk before the next begins; a sign-in is one, a refresh is one",
    },
    {
      ...{ name: "durable writes, together", unit: "/s", spread: spread(crowd) },
      meaning: `${together} at once, which share what the disk does`,
    },
  ];
}

export async function serveFigures(
  { data, tokens, usernames }: Filled,
  hashing: Hashing,
  { milliseconds, cores }: Asked,
): Promise<Figure[]> {
  const started = await taken(starts, async () => {
    const served = await serveHouse(data, hashing);
    await served.stop();
    return served.startedIn;
  });
  const served = await serveHouse(data, hashing);
  const idle = await served.memory();
  const checks = tokens.map((token) =>
    written({ path: "/auth/sessions/current", headers: { authorization: `Bearer ${token}` } }),
  );
  const signIns = usernames.map((username) =>
    written({ method: "POST", path: "/auth/local/login", body: JSON.stringify({ username, password }) }),
  );
  const asked = { served, milliseconds: milliseconds / takes };
  await ask({ ...asked, requests: checks, connections: checkConnections });
  const checked = await taken(takes, () =>
    ask({ ...asked, requests: checks, connections: checkConnections }),
  );
  const signedIn = await taken(takes, () => ask({ ...asked, requests: signIns, connections: 2 * cores }));
  const busy = await served.memory();
  await served.stop();
  const accounts = tokens.length.toLocaleString("en");
  return [
    {
      ...{ name: "session checks", unit: "/s", spread: spread(checked.map(({ perSecond }) => perSecond)) },
      meaning: "who is behind a token, asked by this same machine, which has to ask as well",
    },
    {
      ...{
        name: "session check, the slowest of 100",
        unit: "ms",
        spread: spread(checked.map(({ p99 }) => p99)),
      },
      meaning: `while ${checkConnections} ask without a pause`,
    },
    {
      ...{ name: "sign-ins", unit: "/s", spread: spread(signedIn.map(({ perSecond }) => perSecond)) },
      meaning: "by password: the hash, and a durable write",
    },
    {
      ...{ name: "start", unit: "ms", spread: spread(started) },
      meaning: `until the first answer, with ${accounts} accounts and as many sessions`,
    },
    {
      ...{ name: "memory, idle", unit: "MB", spread: spread([idle / 1e6]) },
      meaning: "a third and more of it is the executable itself, shared and given back when others need it",
    },
    { name: "memory, afterwards", unit: "MB", spread: spread([busy / 1e6]), meaning: "after all of this" },
  ];
}

interface Load {
  readonly served: Served;
  readonly milliseconds: number;
  readonly requests: readonly Uint8Array[];
  readonly connections: number;
}

async function ask({ served, milliseconds, requests, connections }: Load) {
  const next = during(milliseconds, requests);
  const { right, wrong, seconds, took } = await load({ url: served.url, connections, next });
  if (wrong > 0) throw new Error(`${wrong} of ${right + wrong} answers were refusals`);
  const sorted = took.toSorted((a, b) => a - b);
  return { perSecond: right / seconds, p99: sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN };
}
