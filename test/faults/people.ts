/** Who lives in a house that is about to suffer, and what each of them holds. */
import { bootstrap, type House, type Spoken } from "../binary.ts";
import { codeAt } from "../two-factor/app.ts";
import { type Asked, ask, type Fact, type Ledger, learn, newLedger } from "./ledger.ts";

/** A secret with the fact that says how it stands. */
export interface Held {
  readonly secret: string;

  /** What the house calls it, where it has a name. */
  readonly id?: string;
  readonly fact: Fact;
}

export interface Family {
  newest: Held;

  /** What `newest` took the place of. */
  former: Held | null;
}

/** Somebody who does one thing after the other. */
export interface Person {
  readonly username: string;
  password: Held;

  /** What acts for them, of their last sign-in for it. */
  token: string;
  main?: Held;

  /** When that was, in monotonic milliseconds. */
  arrived: number;
  sessions: Held[];
  families: Family[];
  apiKeys: Held[];

  /** Their second account has two-factor on. */
  readonly guarded: string;
  backupCodes: Held[];
  guardedSessions: Held[];
}

/** Somebody whom the administrator disables and enables. */
export interface Subject {
  readonly id: string;
  readonly username: string;
  readonly enabled: Fact;
  sessions: Held[];
}

export interface World {
  readonly ledger: Ledger;
  readonly people: readonly Person[];
  readonly subject: Subject;

  /** The administrator's session. */
  adminToken: string;

  /** How many people may sign up by themselves: the setting that is changed. */
  registration: { value: string; fact: Fact };
}

export const memberPassword = "difference engine";

/** Whether an answer is a yes; a house that cannot say is neither. */
export function stands({ status, body }: Spoken): boolean {
  if (status < 300) return true;
  if (status < 500 && status !== 429) return false;
  throw new Error(`the house does not say: ${status} ${JSON.stringify(body)}`);
}

export const isSession = (token: string) => async (house: Asked) =>
  stands(await ask(house, "GET", "/auth/sessions/current", { token }));

export const signIn = (house: Asked, username: string, password: string, code?: string) =>
  ask(house, "POST", "/auth/local/login", {
    body: { username, password, ...(code !== undefined && { code }) },
  });

export const isPasswordOf = (username: string, password: string) => async (house: Asked) =>
  stands(await signIn(house, username, password));

/** Takes a new house through its first run and fills it with people. */
export async function settleIn(
  house: House,
  { lanes = 8, refusal }: { lanes?: number; refusal?: Ledger["refusal"] } = {},
): Promise<World> {
  const ledger = newLedger(refusal);
  const { body } = await bootstrap(house);
  const adminToken: string = body.token;
  const made = async (username: string): Promise<string> =>
    done(
      await ask(house, "POST", "/auth/users", {
        token: adminToken,
        body: { username, role: "member", password: memberPassword },
      }),
    ).body.user.id;
  const passwordOf = (username: string): Held => ({
    secret: memberPassword,
    fact: learn(ledger, "password", isPasswordOf(username, memberPassword)),
  });
  const people = await Promise.all(
    Array.from({ length: lanes }, async (_, lane): Promise<Person> => {
      const [username, guarded] = [`person-${lane}`, `guarded-${lane}`];
      await made(username);
      await made(guarded);
      return {
        username,
        password: passwordOf(username),
        token: "",
        arrived: 0,
        sessions: [],
        families: [],
        apiKeys: [],
        guarded,
        backupCodes: await guard(house, ledger, guarded),
        guardedSessions: [],
      };
    }),
  );
  const id = await made("subject");
  return {
    ledger,
    people,
    adminToken,
    subject: {
      id,
      username: "subject",
      enabled: learn(ledger, "enabled account", isPasswordOf("subject", memberPassword)),
      sessions: [],
    },
    registration: { value: "closed", fact: settingIs(ledger, "closed", adminToken) },
  };
}

export const settingIs = (ledger: Ledger, value: string, token: string): Fact =>
  learn(ledger, "setting", async (house) => {
    const { body } = done(await ask(house, "GET", "/auth/settings", { token }));
    return body.registration === value || body.registration?.value === value;
  });

/** Switches two-factor on; answers the backup codes. */
async function guard(house: Asked, ledger: Ledger, username: string): Promise<Held[]> {
  const { token } = done(await signIn(house, username, memberPassword)).body;
  const { secret } = done(await ask(house, "POST", "/api/v1/auth/2fa/setup", { token })).body;
  const { body } = done(
    await ask(house, "POST", "/api/v1/auth/2fa/enable", {
      token,
      body: { code: codeAt(secret, new Date()) },
    }),
  );
  return backupCodes(ledger, username, body.backup_codes);
}

export const backupCodes = (ledger: Ledger, username: string, codes: readonly string[]): Held[] =>
  codes.map((secret) => ({
    secret,
    fact: learn(
      ledger,
      "backup code",
      async (house) => stands(await signIn(house, username, memberPassword, secret)),
      { onlyOver: true },
    ),
  }));

export function done(answer: Spoken): Spoken {
  if (answer.status < 300) return answer;
  throw new Error(`refused: ${answer.status} ${JSON.stringify(answer.body)}`);
}
