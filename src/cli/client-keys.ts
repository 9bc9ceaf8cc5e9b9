/** API keys of whoever is signed in. */
import { Failure } from "../host/failure.ts";
import { ask, field, plain, text } from "./client.ts";
import { confirmed } from "./client-confirm.ts";
import { signedIn } from "./client-file.ts";
import { serverFlag } from "./client-session.ts";
import { type ClientCommand, UsageError } from "./command.ts";
import { print, table } from "./print.ts";

export const keysCreate: ClientCommand = {
  client: true,
  name: "api-keys create",
  words: ["NAME"],
  flags: [
    { name: "scopes", value: "A,B", summary: "what it may do; profile:read unless told" },
    { name: "expires-in-days", value: "N", summary: "1 to 3650; otherwise it never expires" },
    serverFlag,
  ],
  summary: "make an API key and print it, this once",
  example: "housekey api-keys create backup --scopes profile:read --expires-in-days 365",
  async run({ folder, words: [name = ""], flags, json }) {
    const days = flags["expires-in-days"];
    const body = {
      name,
      ...(flags.scopes !== undefined && { scopes: flags.scopes.split(",").map((scope) => scope.trim()) }),
      ...(days !== undefined && { expires_in_days: wholeNumber(days) }),
    };
    const house = signedIn(folder, flags.server);
    const made = await confirmed(house, () => ask(house, "POST", "/v1/auth/api-keys", body));
    print(json, field(made, "data"), text(made, "data", "key"));
    if (!json) process.stderr.write("Keep it now: it is shown this once.\n");
    return 0;
  },
};

function wholeNumber(typed: string): number {
  if (/^\d{1,4}$/.test(typed)) return Number(typed);
  const given = JSON.stringify(typed.slice(0, 80));
  throw new UsageError(`--expires-in-days is ${given}; expected a whole number from 1 to 3650`);
}

export const keysList: ClientCommand = {
  client: true,
  name: "api-keys list",
  flags: [serverFlag],
  summary: "list your API keys, newest first",
  example: "housekey api-keys list",
  async run({ folder, flags, json }) {
    const answer = await ask(signedIn(folder, flags.server), "GET", "/v1/auth/api-keys");
    const keys = field(answer, "data");
    if (!Array.isArray(keys)) throw new Failure("the house answers without a list");
    print(json, keys, table(["ID", "NAME", "PREFIX", "SCOPES", "LAST USED", "EXPIRES"], keys.map(row)));
    return 0;
  },
};

function row(key: unknown): string[] {
  const [scopes, used, expires] = [
    field(key, "scopes"),
    field(key, "last_used_at"),
    field(key, "expires_at"),
  ];
  return [
    text(key, "id"),
    text(key, "name"),
    text(key, "prefix"),
    Array.isArray(scopes) ? plain(scopes.join(",")) : "-",
    typeof used === "string" ? used.slice(0, 10) : "-",
    typeof expires === "number" ? new Date(expires * 1000).toISOString().slice(0, 10) : "never",
  ];
}

export const keysDelete: ClientCommand = {
  client: true,
  name: "api-keys delete",
  words: ["ID"],
  flags: [serverFlag],
  summary: "delete an API key: it is refused from then on",
  example: "housekey api-keys delete key_01kg0q2v9hexq8t4n7c5m3b2za",
  async run({ folder, words: [id = ""], flags, json }) {
    const house = signedIn(folder, flags.server);
    await confirmed(house, () => ask(house, "DELETE", `/v1/auth/api-keys/${encodeURIComponent(id)}`));
    print(json, { id }, `${id} is deleted`);
    return 0;
  },
};
