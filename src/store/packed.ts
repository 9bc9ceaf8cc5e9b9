/** How sessions and API keys are remembered, with their accounts: taken apart into numbers and texts. */
import type { ApiKey, OwnedKey } from "../identity/api-key.ts";
import type { Permission, Role } from "../identity/permission.ts";
import { type Caller, type Method, type Session, sessionKinds } from "../identity/session.ts";
import type { Aside, Codec, Row } from "../identity/shelf.ts";
import type { User } from "../identity/user.ts";

const roles: readonly Role[] = ["member", "admin"];

const userNumbers = ({ createdAt, disabledAt, twoFactorAt, emailVerified, role }: User) => [
  createdAt,
  disabledAt,
  twoFactorAt,
  emailVerified ? 1 : 0,
  roles.indexOf(role),
];
const userTexts = ({ username, email, name, passwordHash }: User) => [username, email, name, passwordHash];
const [numbersOfUser, textsOfUser] = [5, 4];

/** An account's numbers and texts come first. */
const userIn = (row: Row): User => ({
  id: row.owner,
  username: row.text(0),
  email: row.textOrNull(1),
  emailVerified: row.number(3) === 1,
  name: row.textOrNull(2),
  role: roles[row.number(4)] ?? "member",
  passwordHash: row.textOrNull(3),
  disabledAt: row.timeOrNull(1),
  createdAt: row.time(0),
  twoFactorAt: row.timeOrNull(2),
});

const sessionNumbers = (session: Session) => [
  session.createdAt,
  session.lastSeenAt,
  session.expiresAt,
  session.provedAt,
  session.endedAt,
  sessionKinds.indexOf(session.kind),
];

const sessionTexts = ({ id, tokenHash, device, ip, userAgent, methods }: Session) => [
  ...[id, tokenHash, device, ip, userAgent],
  methods.join(" "),
];

const sessionIn = (row: Row): Session => ({
  id: row.text(textsOfUser),
  userId: row.owner,
  tokenHash: row.text(textsOfUser + 1),
  kind: sessionKinds[row.number(numbersOfUser + 5)] ?? "web",
  device: row.textOrNull(textsOfUser + 2),
  ip: row.text(textsOfUser + 3),
  userAgent: row.textOrNull(textsOfUser + 4),
  methods: words<Method>(row.text(textsOfUser + 5)),
  createdAt: row.time(numbersOfUser),
  lastSeenAt: row.time(numbersOfUser + 1),
  expiresAt: row.time(numbersOfUser + 2),
  provedAt: row.timeOrNull(numbersOfUser + 3),
  endedAt: row.timeOrNull(numbersOfUser + 4),
});

/** A caller and the room beside it, which nobody sees who compares or copies one. */
class Recalled implements Caller {
  readonly session: Session;
  readonly user: User;
  readonly #aside: Aside;

  constructor(session: Session, user: User, aside: Aside) {
    this.session = session;
    this.user = user;
    this.#aside = aside;
  }

  get aside(): Aside {
    return this.#aside;
  }
}

export const callers: Codec<Caller> = {
  owner: ({ user }) => user.id,
  numbers: ({ session, user }) => [...userNumbers(user), ...sessionNumbers(session)],
  texts: ({ session, user }) => [...userTexts(user), ...sessionTexts(session)],
  make: (row, aside) => new Recalled(sessionIn(row), userIn(row), aside()),
};

const keyNumbers = ({ createdAt, lastUsedAt, expiresAt }: ApiKey) => [createdAt, lastUsedAt, expiresAt];

const keyTexts = ({ id, tokenHash, name, prefix, sessionId, scopes }: ApiKey) => [
  ...[id, tokenHash, name, prefix, sessionId],
  scopes.join(" "),
];

const keyIn = (row: Row): ApiKey => ({
  id: row.text(textsOfUser),
  userId: row.owner,
  tokenHash: row.text(textsOfUser + 1),
  name: row.text(textsOfUser + 2),
  prefix: row.text(textsOfUser + 3),
  sessionId: row.textOrNull(textsOfUser + 4),
  scopes: words<Permission>(row.text(textsOfUser + 5)),
  createdAt: row.time(numbersOfUser),
  lastUsedAt: row.timeOrNull(numbersOfUser + 1),
  expiresAt: row.timeOrNull(numbersOfUser + 2),
});

export const ownedKeys: Codec<OwnedKey> = {
  owner: ({ user }) => user.id,
  numbers: ({ key, user }) => [...userNumbers(user), ...keyNumbers(key)],
  texts: ({ key, user }) => [...userTexts(user), ...keyTexts(key)],
  make: (row) => ({ key: keyIn(row), user: userIn(row) }),
};

/** Few lists are in use, so each is taken apart once; there is an end to it all the same. */
const mostLists = 512;
const lists = new Map<string, readonly string[]>();

function words<Word extends string>(text: string): readonly Word[] {
  const known = lists.get(text);
  if (known) return known as readonly Word[];
  const made = text === "" ? [] : (text.split(" ") as Word[]);
  if (lists.size >= mostLists) lists.clear();
  lists.set(text, made);
  return made;
}
