/** The disk takes what is written and then fails to keep it. */
import { emptyFolder, type House, run, type Spoken, speak, startHouse } from "../../binary.ts";
import type { Fault, Figure } from "../fault.ts";
import { ask, type Checked, check } from "../ledger.ts";
import { counted, losses, type Toll, tollOf } from "../losses.ts";
import { memberPassword, settleIn, signIn, type World } from "../people.ts";
import { tamper } from "../strace.ts";
import { drive, trafficEnv } from "../traffic.ts";
import { retrying, worse } from "../worse.ts";

export const flushError: Fault = {
  id: "R4",
  name: "fsync error",
  needs: ["strace"],
  async run(scale, say) {
    const rounds = scale === "full" ? 20 : 2;
    const { toll, seen } = await failures(rounds, say);
    using house = worse([retrying]);
    const worst = await failures(1, say, house.executable);
    return [
      share("failed flushes that were told by /readyz, the log and doctor", seen.told, rounds),
      share("session checks answered meanwhile", seen.reads, seen.readsAsked),
      none("writes taken after it, though the disk was well again", seen.writes, seen.writesAsked),
      ...losses(toll),
      none(
        "requests that met it and could not be repeated after a restart",
        seen.unrepeatable,
        seen.repeated,
      ),
      {
        what: "writes taken after it by a store that tries again",
        value: `${counted(worst.seen.writes)} of ${counted(worst.seen.writesAsked)}`,
        asked: "more than 0",
        ok: worst.seen.writes > 0,
        control: true,
      },
    ];
  },
};

const share = (what: string, some: number, all: number): Figure => ({
  what,
  value: `${counted(some)} of ${counted(all)}`,
  asked: "all",
  ok: some === all && all > 0,
});

const none = (what: string, some: number, all: number): Figure => ({
  what,
  value: `${counted(some)} of ${counted(all)}`,
  asked: "0",
  ok: some === 0 && all > 0,
});

interface Seen {
  told: number;
  reads: number;
  readsAsked: number;
  writes: number;
  writesAsked: number;
  repeated: number;
  unrepeatable: number;
}

async function failures(rounds: number, say: (line: string) => void, executable?: string) {
  using folder = emptyFolder();
  const started = () =>
    startHouse({ cwd: folder.path, env: trafficEnv, ...(executable !== undefined && { executable }) });
  let house: House = await started();
  await using stack = new AsyncDisposableStack();
  stack.defer(() => house.kill());
  const world = await settleIn(house);
  const seen: Seen = {
    told: 0,
    reads: 0,
    readsAsked: 0,
    writes: 0,
    writesAsked: 0,
    repeated: 0,
    unrepeatable: 0,
  };
  const checks: Checked[] = [];
  for (let round = 1; round <= rounds; round++) {
    const traffic = drive(house, world);
    await traffic.after(30);
    await traffic.stop();
    const repeat = await meet(house, world);
    await observe(house, world, seen);
    if (await isTold(house, folder.path)) seen.told++;
    // A clean stop and a kill must leave the same.
    if (round % 2 === 0 && executable === undefined) await house.stop();
    else await house.kill();
    house = await started();
    for (const again of repeat) {
      seen.repeated++;
      if (!(await again(house))) seen.unrepeatable++;
    }
    checks.push(await check(house, world.ledger, 20));
    say(`${round} failed flushes`);
  }
  if (executable === undefined) await house.stop();
  const toll: Toll = tollOf(rounds, world.ledger, checks);
  return { toll, seen };
}

type Again = (house: House) => Promise<boolean>;

/** One flush fails under requests of several kinds. Answers how each of them is done again, and whether that goes well. */
async function meet(house: House, world: World): Promise<Again[]> {
  const signedIn = await Promise.all(
    world.people.map(({ username, password }) => signIn(house, username, password.secret)),
  );
  const families = await Promise.all(
    world.people.map(({ username, password }) =>
      ask(house, "POST", "/api/v1/auth/login", { body: { email: username, password: password.secret } }),
    ),
  );
  const signOut = (at: House, { body }: Spoken) =>
    ask(at, "DELETE", "/auth/sessions/current", { token: body.token });
  const refresh = (at: House, { body }: Spoken) =>
    ask(at, "POST", "/api/v1/auth/refresh", { body: { refresh_token: body.refresh_token } });
  const enlist = (at: House, username: string) =>
    ask(at, "POST", "/auth/users", {
      token: world.adminToken,
      body: { username, role: "member", password: memberPassword },
    });
  const name = `late-${crypto.randomUUID()}`;
  const tampering = await tamper(house.child.pid, "fsync,fdatasync:error=EIO:when=1");
  try {
    await Promise.all([
      ...signedIn.map((one) => signOut(house, one)),
      ...families.map((one) => refresh(house, one)),
      enlist(house, name),
    ]);
  } finally {
    await tampering.end();
  }
  return [
    ...signedIn.map(
      (one): Again =>
        async (at) =>
          [204, 401].includes((await signOut(at, one)).status) && (await signOut(at, one)).status === 401,
    ),
    ...families.map(
      (one): Again =>
        async (at) => {
          const answer = await refresh(at, one);
          return answer.status === 200 && (await refresh(at, answer)).status === 200;
        },
    ),
    async (at) => [201, 409].includes((await enlist(at, name)).status),
  ];
}

/** The disk is well again: what the house still reads, and whether it writes. */
async function observe(house: House, world: World, seen: Seen): Promise<void> {
  for (const { username, password, token } of world.people) {
    seen.readsAsked++;
    if ((await ask(house, "GET", "/auth/sessions/current", { token })).status === 200) seen.reads++;
    seen.writesAsked++;
    if ((await signIn(house, username, password.secret)).status !== 503) seen.writes++;
  }
}

async function isTold(house: House, cwd: string): Promise<boolean> {
  const { status } = await speak(house, "GET", "/readyz");
  const { exitCode, stdout } = await run(["doctor"], { cwd });
  return (
    status === 503 &&
    house.output().includes("nothing more is written until the next start") &&
    exitCode === 1 &&
    /^WRONG flushes: since /m.test(stdout)
  );
}
