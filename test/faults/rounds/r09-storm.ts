/** Two thousand wrong sign-ins at any moment, against a house that may have 256 MiB. */
import { join } from "node:path";
import { admin, bootstrap, emptyFolder, type House, speak, startHouse } from "../../binary.ts";
import type { Fault, Figure } from "../fault.ts";
import { highest, mebibytes, milliseconds, ownMemory, percentile, spread, whileProbing } from "../measure.ts";
import { type MemoryGroup, memoryGroup } from "../memory-group.ts";

const limit = 256 * 1024 * 1024;
const mostOwn = 192 * 1024 * 1024;
const concurrent = 2000;

/** Limits and hashing as everybody has them; each client has an address of its own. */
const env = { HOUSEKEY_TRUSTED_PROXIES: "127.0.0.1", HOUSEKEY_LOG_LEVEL: "warn" };

interface Stormed {
  readonly answers: Readonly<Record<string, number>>;

  /** From the end of the storm to a sign-in with the right password, in milliseconds. */
  readonly recovered: number;
}

export const loginStorm: Fault = {
  id: "R9",
  name: `${concurrent} wrong sign-ins at a time in 256 MiB`,
  root: true,

  async run(scale, say) {
    const seconds = scale === "short" ? 3 : 60;
    return [...(await survive(seconds, say)), await control()];
  },
};

async function survive(seconds: number, say: (line: string) => void): Promise<Figure[]> {
  using folder = emptyFolder();
  using group = memoryGroup(limit);
  const house = await startHouse({ cwd: folder.path, env, under: group?.under ?? [] });
  try {
    const { token } = (await bootstrap(house)).body;
    const [, calm] = await whileProbing(house, token, () => Bun.sleep(1000));
    say(`session checks before: ${spread(calm)}`);
    const [[stormed, probed], own] = await highest(
      () => ownMemory(house.child.pid),
      () => whileProbing(house, token, () => storm(house, seconds)),
    );
    return [...figuresOf(stormed, group, own), checksOf(probed)];
  } finally {
    await house.stop();
  }
}

/** A storm of so many seconds, and then somebody with the right password. */
async function storm(house: House, seconds: number): Promise<Stormed> {
  const script = join(import.meta.dir, "../storm.ts");
  const child = Bun.spawn(
    ["nice", "-n", "10", process.execPath, script, house.url, String(concurrent), String(seconds)],
    {
      env: { ...process.env, BUN_CONFIG_MAX_HTTP_REQUESTS: String(concurrent) },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let said = "";
  const over = Promise.withResolvers<void>();
  const heard = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stdout) {
      said += decoder.decode(chunk, { stream: true });
      if (said.startsWith("over\n")) over.resolve();
    }
    over.resolve();
  })();
  await over.promise;
  const recovered = await timeToSignIn(house);
  await heard;
  return { answers: JSON.parse(said.replace(/^over\n/, "") || "{}"), recovered };
}

async function timeToSignIn(house: House): Promise<number> {
  const started = performance.now();
  while (house.child.exitCode === null && house.child.signalCode === null) {
    // From where ada signed in before: strangers wait for each other's failures.
    const { status } = await speak(house, "POST", "/auth/local/login", { body: admin });
    if (status === 201) return performance.now() - started;
    if (status !== 503) throw new Error(`the right password: ${status}`);
    await Bun.sleep(250);
  }
  throw new Error("the house did not outlive the storm");
}

function figuresOf({ answers, recovered }: Stormed, group: MemoryGroup | null, own: number): Figure[] {
  const others = Object.keys(answers).filter((status) => !["401", "429", "503"].includes(status));
  const told = Object.entries(answers).map(([status, count]) => `${count} × ${status}`);
  return [
    ...(group
      ? [
          {
            what: "killed for want of memory",
            value: `${group.kills()}`,
            asked: "0",
            ok: group.kills() === 0,
          },
        ]
      : []),
    {
      what: "memory of its own, at most",
      value: mebibytes(own),
      asked: `under ${mebibytes(mostOwn)}`,
      ok: own < mostOwn,
    },
    {
      what: "answers",
      value: told.join(", "),
      asked: "401, 429 and 503 alone, of each some",
      ok: others.length === 0 && Object.keys(answers).length === 3,
    },
    {
      what: "from the end of the storm to a sign-in with the right password",
      value: milliseconds(recovered),
      asked: "under 30 s",
      ok: recovered < 30_000,
    },
  ];
}

const checksOf = (probed: Awaited<ReturnType<typeof whileProbing>>[1]): Figure => ({
  what: "session checks meanwhile",
  value: `${spread(probed)}; ${probed.wrong.length} failed`,
  asked: "none failed, median under 100 ms",
  ok: probed.wrong.length === 0 && percentile(probed.times, 0.5) < 100,
});

/** A house of which one hash takes all there is: the same storm must have it killed, or found over the bound. */
async function control(): Promise<Figure> {
  using folder = emptyFolder();
  using group = memoryGroup(limit);
  const greedy = { ...env, HOUSEKEY_ARGON2_MEMORY_KIB: "262144" };
  const house = await startHouse({ cwd: folder.path, env: greedy, under: group?.under ?? [] });
  let own = 0;
  const isFound = () => {
    own = Math.max(own, ownMemory(house.child.pid));
    return group ? group.kills() === 1 : own > mostOwn;
  };
  // What the storm left in the queue goes on, on a machine that has much to do for a while.
  const late = performance.now() + 30_000;
  const storming = storm(house, 2).catch(() => {});
  while (!isFound() && performance.now() < late) await Bun.sleep(50);
  await house.kill();
  await storming;
  const found = isFound();
  return {
    what: `the same with 256 MiB a hash: ${group ? "killed for want of memory" : "memory of its own"}`,
    value: group ? `${group.kills()}` : mebibytes(own),
    asked: group ? "1" : `over ${mebibytes(mostOwn)}`,
    ok: found,
    control: true,
  };
}
