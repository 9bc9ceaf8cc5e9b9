import { managedUserWire } from "../http/user.ts";
import { host } from "../identity/actor.ts";
import type { Core } from "../identity/core.ts";
import { listUsers, patchUser } from "../identity/people.ts";
import type { User } from "../identity/user.ts";
import { findAccount } from "./account.ts";
import type { Command } from "./command.ts";
import { withHouse } from "./open.ts";
import { print, table } from "./print.ts";

interface Listed {
  readonly user: User;

  /** When one of the sessions it still has was last used. */
  readonly lastSeenAt: Date | null;
}

export const userList: Command = {
  name: "user list",
  words: ["[QUERY]"],
  summary: "list the accounts, or those whose username, address or name has QUERY in it",
  example: "housekey user list example.org",
  run: ({ config, words: [query], json }) =>
    withHouse(config, async (core) => {
      const all = await everybody(core, query ?? null);
      const wire = all.map(({ user, lastSeenAt }) => ({
        ...managedUserWire(user),
        last_seen_at: lastSeenAt?.toISOString() ?? null,
      }));
      print(json, wire, table(["USERNAME", "EMAIL", "ROLE", "STATE", "CREATED", "LAST SEEN"], all.map(row)));
      return 0;
    }),
};

const atOnce = 500;

async function everybody(core: Core, query: string | null): Promise<Listed[]> {
  const all: Listed[] = [];
  let after: string | null = null;
  do {
    const { items, next } = await listUsers(core, query, { after, limit: atOnce });
    const seen = await core.store.read.sessions.lastSeen(items.map(({ id }) => id));
    all.push(...items.map((user) => ({ user, lastSeenAt: seen.get(user.id) ?? null })));
    after = next;
  } while (after !== null);
  return all;
}

const row = ({ user, lastSeenAt }: Listed): string[] => [
  user.username,
  user.email ?? "-",
  user.role,
  user.disabledAt ? "disabled" : "-",
  day(user.createdAt),
  lastSeenAt ? day(lastSeenAt) : "-",
];

const day = (at: Date): string => at.toISOString().slice(0, 10);

export const userDisable: Command = {
  name: "user disable",
  words: ["USER"],
  summary: "lock an account: its sessions end and its links are void, at once",
  example: "housekey user disable grace@example.org",
  run: ({ config, words: [typed = ""], json }) =>
    withHouse(config, (core) => setDisabled(core, typed, true, json)),
};

export const userEnable: Command = {
  name: "user enable",
  words: ["USER"],
  summary: "let a locked account sign in again",
  example: "housekey user enable grace",
  run: ({ config, words: [typed = ""], json }) =>
    withHouse(config, (core) => setDisabled(core, typed, false, json)),
};

async function setDisabled(core: Core, typed: string, disabled: boolean, json: boolean): Promise<number> {
  const { id } = await findAccount(core, typed);
  const user = await patchUser(core, host, id, { disabled });
  print(json, managedUserWire(user), `${user.username} is ${disabled ? "disabled" : "enabled"}`);
  return 0;
}
