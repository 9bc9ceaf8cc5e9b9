/** The clock of a running house jumps: what is over stays over, and what has an end comes to it. */
import { admin, bootstrap, emptyFolder, type House, startHouse } from "../../binary.ts";
import { codeAt } from "../../two-factor/app.ts";
import { type Clock, day, hour, turnableClock, year } from "../clock.ts";
import type { Fault, Figure } from "../fault.ts";
import { ask } from "../ledger.ts";
import { done, isSession, signIn, stands } from "../people.ts";
import { trafficEnv } from "../traffic.ts";
import { limitFigures } from "./r05-limits.ts";

const spa = "/api/v1/auth";
const devices = "/api/auth/device";

/** What was asked, and what of it went otherwise than it should. */
export interface Asked {
  count: number;
  readonly wrong: string[];
}

export const clockJumps: Fault = {
  id: "R5",
  name: "the clock jumps while the house runs",
  needs: ["faketime"],

  async run(_, say) {
    using folder = emptyFolder();
    const clock = turnableClock(folder.path);
    const env = { ...trafficEnv, ...clock.env };
    let house = await startHouse({ cwd: folder.path, env });
    try {
      await bootstrap(house);
      say("a month passes in jumps of six days");
      const ends = await untilTheEnd(house, clock);
      clock.set(0);
      const spent = await spendOneOfEach(house, clock);
      const steps: Asked = { count: 0, wrong: [] };
      const over: Asked = { count: 0, wrong: [] };
      for (const at of [90, hour, year, 0, -90, -hour, -year]) {
        say(`the clock is off by ${at} s`);
        await staysOver(house, clock, at, { spent, steps, over });
      }
      clock.set(-hour);
      await house.stop();
      say("started anew an hour behind");
      house = await startHouse({ cwd: folder.path, env });
      await staysOver(house, clock, -hour, { spent, steps, over });
      clock.set(0);
      const stepped = await ntpSteps(house, clock);
      const fresh = await freshStep(house, clock, spent);
      return [...figuresOf({ ...ends, over, steps, stepped }), fresh, ...(await limitFigures(say))];
    } finally {
      await house.stop();
    }
  },
};

const refresh = (house: House, refresh_token: string) =>
  ask(house, "POST", `${spa}/refresh`, { body: { refresh_token } });

const login = async (house: House) =>
  done(
    await ask(house, "POST", `${spa}/login`, { body: { email: admin.username, password: admin.password } }),
  ).body;

const pollOnce = async (house: House, token: string) =>
  (await ask(house, "POST", `${devices}/poll`, { body: { token } })).body;

/** A session and a family that are in use all the time, and a device code: each until its own end, and past it. */
async function untilTheEnd(house: House, clock: Clock): Promise<{ past: Asked; before: Asked }> {
  const past: Asked = { count: 0, wrong: [] };
  const before: Asked = { count: 0, wrong: [] };
  const { token } = done(await signIn(house, admin.username, admin.password)).body;
  let tokens = await login(house);
  const device = done(await ask(house, "POST", `${devices}/create`, { body: { clientType: "mobile" } })).body;
  const note = (asked: Asked, what: string, right: boolean) => {
    asked.count++;
    if (!right) asked.wrong.push(what);
  };
  note(before, "device code", (await pollOnce(house, device.token)).status === "pending");
  clock.set(601);
  note(past, "device code", (await pollOnce(house, device.token)).status === "invalid");
  for (let days = 6; days < 30; days += 6) {
    clock.set(days * day);
    note(before, "session", await isSession(token)(house));
    const answer = await refresh(house, tokens.refresh_token);
    note(before, "refresh family", answer.status === 200);
    tokens = answer.body;
    note(before, "access token", await isSession(tokens.access_token)(house));
  }
  clock.set(30 * day - 60);
  note(before, "session", await isSession(token)(house));
  tokens = done(await refresh(house, tokens.refresh_token)).body;
  for (const late of [60, hour, year]) {
    clock.set(30 * day + late);
    note(past, "session", !(await isSession(token)(house)));
    note(past, "refresh family", (await refresh(house, tokens.refresh_token)).status === 401);
    note(past, "access token", !(await isSession(tokens.access_token)(house)));
    note(past, "device code", (await pollOnce(house, device.token)).status === "invalid");
  }
  return { past, before };
}

interface Spent {
  /** What must be refused whenever it is asked. */
  readonly works: Readonly<Record<string, (house: House) => Promise<boolean>>>;

  /** Of the account `guarded`. */
  readonly secret: string;
}

const guarded = "guarded";
const guardedSignIn = (house: House, code: string) => signIn(house, guarded, admin.password, code);

/** Uses one of everything up, at the true time. */
async function spendOneOfEach(house: House, clock: Clock): Promise<Spent> {
  // What was opened before the month passed is over.
  const { token } = done(await signIn(house, admin.username, admin.password)).body;
  const person = { username: guarded, role: "member", password: admin.password };
  done(await ask(house, "POST", "/auth/users", { token, body: person }));
  const own = done(await signIn(house, guarded, admin.password)).body;
  const { secret } = done(await ask(house, "POST", `${spa}/2fa/setup`, { token: own.token })).body;
  const first = { code: codeAt(secret, clock.now()) };
  const enabled = done(await ask(house, "POST", `${spa}/2fa/enable`, { token: own.token, body: first })).body;
  const backup: string = enabled.backup_codes[0];
  done(await guardedSignIn(house, backup));
  const step = codeAt(secret, clock.now(), 1);
  done(await guardedSignIn(house, step));

  done(await ask(house, "DELETE", "/auth/sessions/current", { token: own.token }));
  const created = await ask(house, "POST", `${devices}/create`, { body: { clientType: "mobile" } });
  const device = done(created).body;
  done(await ask(house, "POST", `${devices}/authorize`, { token, body: { code: device.code } }));
  if ((await pollOnce(house, device.token)).status !== "authorized") throw new Error("no device was let in");
  return {
    secret,
    works: {
      "a session that was signed out": isSession(own.token),
      "a backup code": async (asked) => stands(await guardedSignIn(asked, backup)),
      "a TOTP code": async (asked) => stands(await guardedSignIn(asked, step)),
      "a device claim": async (asked) => (await pollOnce(asked, device.token)).status === "authorized",
    },
  };
}

/** With the clock so many seconds off: nothing that is spent works, nor any code of a step up to the last one. */
async function staysOver(
  house: House,
  clock: Clock,
  at: number,
  { spent, steps, over }: { spent: Spent; steps: Asked; over: Asked },
): Promise<void> {
  clock.set(0);
  const { refresh_token: old } = await login(house);
  done(await refresh(house, old));
  clock.set(at);
  for (const [what, works] of Object.entries(spent.works)) {
    over.count++;
    if (await works(house)) over.wrong.push(`${what} at ${at} s`);
  }
  if (at !== 0) {
    over.count++;
    if ((await refresh(house, old)).status !== 401) over.wrong.push(`a refresh token at ${at} s`);
  }
  if (at >= 0) return;
  for (const near of [-1, 0, 1]) {
    steps.count++;
    const code = codeAt(spent.secret, clock.now(), near);
    if (stands(await guardedSignIn(house, code))) steps.wrong.push(`${at} s, ${near}`);
  }
}

/** A minute and a half, as a time server sets it right: nobody notices. */
async function ntpSteps(house: House, clock: Clock): Promise<Asked> {
  const asked: Asked = { count: 0, wrong: [] };
  for (const at of [90, -90]) {
    clock.set(0);
    const { token } = done(await signIn(house, admin.username, admin.password)).body;
    const { refresh_token } = await login(house);
    const created = await ask(house, "POST", `${devices}/create`, { body: { clientType: "mobile" } });
    const device = done(created).body;
    clock.set(at);
    const { code } = device;
    const works: Record<string, () => Promise<boolean>> = {
      "a sign-in": async () => stands(await signIn(house, admin.username, admin.password)),
      "a session": () => isSession(token)(house),
      "a refresh": async () => stands(await refresh(house, refresh_token)),
      "a device": async () =>
        stands(await ask(house, "POST", `${devices}/authorize`, { token, body: { code } })) &&
        (await pollOnce(house, device.token)).status === "authorized",
    };
    for (const [what, work] of Object.entries(works)) {
      asked.count++;
      if (!(await work())) asked.wrong.push(`${what} at ${at} s`);
    }
  }
  return asked;
}

/** The step after the last one used signs in, so that the ones before were refused for being old. */
async function freshStep(house: House, clock: Clock, { secret }: Spent): Promise<Figure> {
  clock.set(60);
  const { status } = await guardedSignIn(house, codeAt(secret, clock.now()));
  return {
    what: "a TOTP code of a later step signs in",
    value: status === 201 ? "yes" : `no, ${status}`,
    asked: "yes",
    ok: status === 201,
    control: true,
  };
}

type Results = Readonly<Record<"past" | "before" | "over" | "steps" | "stepped", Asked>>;

const figuresOf = ({ past, before, over, steps, stepped }: Results): Figure[] => [
  none("sessions, JWTs, refresh families and device codes alive past their end", past),
  none("spent or ended secrets that worked again, 90 s, 1 h and 1 y ahead and behind", over),
  none("TOTP codes up to the last step used that signed in after the clock stepped back", steps),
  none("refused after a step of 90 s either way: sign-in, session, refresh, device", stepped),
  { ...none("refused before their end", before), control: true },
];

export const none = (what: string, { count, wrong }: Asked): Figure => ({
  what,
  value: `${wrong.length} of ${count}${wrong.length > 0 ? `: ${wrong.join(", ")}` : ""}`,
  asked: "0",
  ok: wrong.length === 0 && count > 0,
});
