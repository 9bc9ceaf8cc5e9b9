/** What people do in a house, one request after the other, each with what it changes. */
import { type Asked, ask, type Change, type Fact, learn, settle } from "./ledger.ts";
import {
  backupCodes,
  type Family,
  type Held,
  isPasswordOf,
  isSession,
  memberPassword,
  type Person,
  settingIs,
  signIn,
  stands,
  type World,
} from "./people.ts";

type Deed = (house: Asked, world: World, person: Person) => Promise<void>;

const spa = "/api/v1/auth";

const isGood = ({ fact }: Held): boolean => fact.standing === "good";
const over = (held: readonly Held[]): Change[] => held.map(({ fact }) => [fact, "over"] as const);
const oneOf = <T>(items: readonly T[]): T | undefined => items[Math.floor(Math.random() * items.length)];

function session(world: World, token: string, id?: string): Held {
  return { secret: token, ...(id && { id }), fact: learn(world.ledger, "session", isSession(token)) };
}

const refreshToken = (world: World, secret: string): Held => ({
  secret,
  fact: learn(
    world.ledger,
    "refresh token",
    async (house) => stands(await ask(house, "POST", `${spa}/refresh`, { body: { refresh_token: secret } })),
    { once: true },
  ),
});

/** What of theirs is still known to be good: the rest is for the ledger alone. */
function tidy(person: Person): void {
  person.sessions = person.sessions.filter(isGood);
  person.apiKeys = person.apiKeys.filter(isGood);
  person.families = person.families.filter(({ newest }) => isGood(newest));
  person.backupCodes = person.backupCodes.filter(isGood);
}

/** As long as what is only for who has just signed in is theirs for sure. */
const freshMilliseconds = 300_000;

/** A sign-in whose session acts for them from now on, unless the last one still does. */
const arrive = async (house: Asked, world: World, person: Person): Promise<void> => {
  // Families are asked about once, which ends them.
  person.families = person.families.filter(({ newest }) => world.ledger.facts.has(newest.fact));
  if (person.main && performance.now() - person.arrived < freshMilliseconds) return;
  const answer = await settle(world.ledger, "sign-in", [], () =>
    signIn(house, person.username, person.password.secret),
  );
  if (answer === null) return;
  if (person.main) person.sessions.push(person.main);
  person.token = answer.body.token;
  person.main = session(world, person.token);
  person.arrived = performance.now();
};

const openSession: Deed = async (house, world, person) => {
  const answer = await settle(world.ledger, "sign-in", [], () =>
    signIn(house, person.username, person.password.secret),
  );
  if (answer) person.sessions.push(session(world, answer.body.token));
};

const endSession: Deed = async (house, world, person) => {
  const held = oneOf(person.sessions);
  if (held)
    await settle(world.ledger, "sign-out", over([held]), () =>
      ask(house, "DELETE", "/auth/sessions/current", { token: held.secret }),
    );
};

const openFamily: Deed = async (house, world, person) => {
  const answer = await settle(world.ledger, "spa sign-in", [], () =>
    ask(house, "POST", `${spa}/login`, {
      body: { email: person.username, password: person.password.secret },
    }),
  );
  if (answer) person.families.push({ newest: refreshToken(world, answer.body.refresh_token), former: null });
};

/** Whether a token's successor is spent decides how the token is taken: while that is unsure, nothing is owed. */
function forgetFormer(world: World, family: Family): void {
  if (family.former) world.ledger.facts.delete(family.former.fact);
  family.former = null;
}

const refresh: Deed = async (house, world, person) => {
  const family = oneOf(person.families);
  if (!family) return openFamily(house, world, person);
  const { newest } = family;
  forgetFormer(world, family);
  const answer = await settle(world.ledger, "refresh", over([newest]), () =>
    ask(house, "POST", `${spa}/refresh`, { body: { refresh_token: newest.secret } }),
  );
  if (!answer) return;
  family.former = newest;
  family.newest = refreshToken(world, answer.body.refresh_token);
};

const endFamily: Deed = async (house, world, person) => {
  const family = oneOf(person.families);
  if (!family) return;
  forgetFormer(world, family);
  await settle(world.ledger, "spa sign-out", over([family.newest]), () =>
    ask(house, "POST", `${spa}/logout`, { body: { refresh_token: family.newest.secret } }),
  );
};

const held = ({ newest, former }: Family): Held[] => (former ? [newest, former] : [newest]);

/** All their sessions but the one that acts for them. */
const others = (person: Person): Held[] => [...person.sessions, ...person.families.flatMap(held)];

const endOthers: Deed = async (house, world, person) => {
  await settle(world.ledger, "ending the others", over(others(person)), () =>
    ask(house, "DELETE", `${spa}/sessions`, { token: person.token }),
  );
};

const changePassword: Deed = async (house, world, person) => {
  const former = person.password;
  const secret = `engine ${crypto.randomUUID()}`;
  const answer = await settle(world.ledger, "password", [...over([former]), ...over(others(person))], () =>
    ask(house, "POST", "/auth/password", {
      token: person.token,
      body: { current_password: former.secret, new_password: secret },
    }),
  );
  if (answer)
    person.password = {
      secret,
      fact: learn(world.ledger, "password", isPasswordOf(person.username, secret)),
    };
};

const makeKey: Deed = async (house, world, person) => {
  if (person.apiKeys.length > 20) return dropKey(house, world, person);
  const answer = await settle(world.ledger, "API key", [], () =>
    ask(house, "POST", "/v1/auth/api-keys", { token: person.token, body: { name: "traffic" } }),
  );
  if (!answer) return;
  const { id, key } = answer.body.data;
  person.apiKeys.push({ secret: key, id, fact: learn(world.ledger, "API key", isSession(key)) });
};

const dropKey: Deed = async (house, world, person) => {
  const key = oneOf(person.apiKeys);
  if (key)
    await settle(world.ledger, "dropping a key", over([key]), () =>
      ask(house, "DELETE", `/v1/auth/api-keys/${key.id}`, { token: person.token }),
    );
};

const claimDevice: Deed = async (house, world, person) => {
  const created = await settle(world.ledger, "device code", [], () =>
    ask(house, "POST", "/api/auth/device/create", { body: { clientType: "mobile" } }),
  );
  if (!created) return;
  const { code, token: pollToken } = created.body;
  const poll = () => ask(house, "POST", "/api/auth/device/poll", { body: { token: pollToken } });
  const authorized = await settle(world.ledger, "authorizing a device", [], () =>
    ask(house, "POST", "/api/auth/device/authorize", { token: person.token, body: { code } }),
  );
  if (!authorized) return;
  const claim = learn(
    world.ledger,
    "device claim",
    async (asked) =>
      (await ask(asked, "POST", "/api/auth/device/poll", { body: { token: pollToken } })).body.status !==
      "invalid",
    { onlyOver: true },
  );
  const claimed = await settle(world.ledger, "device claim", [[claim, "over"]], poll);
  if (claimed?.body.status === "authorized") person.sessions.push(session(world, claimed.body.token));
  else if (claimed) world.ledger.strange.push(`device claim: ${claimed.body.status}`);
};

const spendBackupCode: Deed = async (house, world, person) => {
  const code = person.backupCodes[0];
  if (!code || person.backupCodes.length < 2) return renewBackupCodes(house, world, person);
  const answer = await settle(world.ledger, "backup code", over([code]), () =>
    signIn(house, person.guarded, memberPassword, code.secret),
  );
  if (answer) person.guardedSessions.push(session(world, answer.body.token));
};

/** One more sign-in, whose new codes void those that were left and end the sessions of before. */
const renewBackupCodes: Deed = async (house, world, person) => {
  const code = person.backupCodes[0];
  if (!code) return;
  const signed = await settle(world.ledger, "backup code", over([code]), () =>
    signIn(house, person.guarded, memberPassword, code.secret),
  );
  if (!signed) return;
  const answer = await settle(
    world.ledger,
    "new backup codes",
    over([...person.backupCodes.filter(isGood), ...person.guardedSessions.filter(isGood)]),
    () => ask(house, "POST", `${spa}/2fa/backup-codes/regenerate`, { token: signed.body.token }),
  );
  if (answer) person.backupCodes.push(...backupCodes(world.ledger, person.guarded, answer.body.backup_codes));
};

/** Disabling ends every session; enabling brings none of them back. */
const judgeSubject: Deed = async (house, world) => {
  const { subject, ledger, adminToken } = world;
  const patch = (disabled: boolean, changes: Change[]) =>
    settle(ledger, disabled ? "disabling" : "enabling", changes, () =>
      ask(house, "PATCH", `/auth/users/${subject.id}`, { token: adminToken, body: { disabled } }),
    );
  if (subject.enabled.standing !== "good") {
    await patch(false, [[subject.enabled, "good"]]);
    return;
  }
  const answer = await settle(ledger, "sign-in", [], () => signIn(house, subject.username, memberPassword));
  if (answer) subject.sessions.push(session(world, answer.body.token));
  const changes = over(subject.sessions);
  subject.sessions = [];
  await patch(true, [[subject.enabled, "over"], ...changes]);
};

const changeSetting: Deed = async (house, world) => {
  const { ledger, registration, adminToken } = world;
  const value = registration.value === "closed" ? "invite" : "closed";
  const before: Fact = registration.fact;
  const answer = await settle(ledger, "setting", [[before, "over"]], () =>
    ask(house, "PATCH", "/auth/settings", { token: adminToken, body: { registration: value } }),
  );
  if (before.standing === "good") return;
  ledger.facts.delete(before);
  world.registration = { value, fact: settingIs(ledger, value, adminToken) };
  if (!answer) world.registration.fact.standing = "unsure";
};

const odds: readonly (readonly [weight: number, Deed])[] = [
  [20, openSession],
  [20, endSession],
  [40, refresh],
  [4, openFamily],
  [3, endFamily],
  [1, endOthers],
  [1, changePassword],
  [8, makeKey],
  [6, dropKey],
  [8, claimDevice],
  [8, spendBackupCode],
];
const all = odds.reduce((sum, [weight]) => sum + weight, 0);

/** `asAdmin`: one of them also does what administrators do. */
const next = async (house: Asked, world: World, person: Person, asAdmin: boolean): Promise<void> => {
  tidy(person);
  if (!person.main) return arrive(house, world, person);
  if (asAdmin && Math.random() < 0.2)
    return (Math.random() < 0.5 ? judgeSubject : changeSetting)(house, world, person);
  let left = Math.random() * all;
  const [, deed] = odds.find(([weight]) => {
    left -= weight;
    return left < 0;
  }) ?? [0, refresh];
  await deed(house, world, person);
};

export const deeds = { arrive, next };
