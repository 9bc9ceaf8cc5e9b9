import { Failure } from "../host/failure.ts";
import { readToken } from "../host/folder.ts";
import * as shape from "../http/shape.ts";
import { managedUserWire } from "../http/user.ts";
import { host } from "../identity/actor.ts";
import { closeFirstRun } from "../identity/bootstrap.ts";
import { createUser } from "../identity/people.ts";
import type { Role } from "../identity/permission.ts";
import { fold } from "../identity/user.ts";
import { type Command, type Invocation, UsageError } from "./command.ts";
import { withHouse } from "./open.ts";
import { print } from "./print.ts";

export const userAdd: Command = {
  name: "user add",
  words: ["USERNAME"],
  flags: [
    { name: "email", value: "ADDRESS", summary: "the account's e-mail address" },
    { name: "name", value: "NAME", summary: "the person's name" },
    { name: "role", value: "ROLE", summary: "member (the default) or admin" },
    { name: "password-stdin", summary: "read the password, one line, from standard input" },
  ],
  summary: "make an account; without a password, print a link by which its owner chooses one",
  example: "housekey user add grace --email grace@example.org --name 'Grace Hopper'",
  async run({ config, words: [username = ""], flags, json }) {
    const facts = {
      username: fold(fitting("username", shape.username(), username)),
      email: flags.email === undefined ? null : fold(fitting("--email", shape.email(), flags.email)),
      name: flags.name === undefined ? null : fitting("--name", shape.text(200), flags.name),
      role: roleOf(flags),
    };
    const password = flags["password-stdin"] === undefined ? null : await lineFromStandardInput();
    return withHouse(config, async (core) => {
      const { user, setup } = await createUser(core, host, { ...facts, password });
      if (user.role === "admin") await closeFirstRun(core, readToken(config.data));
      const wire = { ...managedUserWire(user), ...(setup && { setup_url: setup.url }) };
      print(json, wire, setup?.url ?? `${user.username} can sign in`);
      return 0;
    });
  },
};

/** `value`, if it is what the same field takes over HTTP. Throws `UsageError`. */
function fitting(field: string, schema: ReturnType<typeof shape.text>, value: string): string {
  const { pattern, minLength = 0, maxLength = Number.POSITIVE_INFINITY, description } = schema;
  const long = value.length >= minLength && value.length <= maxLength;
  if (long && (pattern === undefined || new RegExp(pattern).test(value))) return value;
  const expected = description?.replace(/^An /, "an ") ?? `at most ${maxLength} characters`;
  throw new UsageError(`${field} is ${JSON.stringify(value.slice(0, 80))}; expected ${expected}`);
}

function roleOf({ role = "member" }: Invocation["flags"]): Role {
  if (role === "member" || role === "admin") return role;
  throw new UsageError(`--role is ${JSON.stringify(role.slice(0, 80))}; expected one of member, admin`);
}

const longestLine = 4096;

/** The first line, without its end. Throws `Failure` when there is none, or it is no text. */
async function lineFromStandardInput(): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of Bun.stdin.stream()) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > longestLine || chunk.includes(0x0a)) break;
  }
  const [line = ""] = text(Buffer.concat(chunks)).split("\n");
  const password = line.replace(/\r$/, "");
  if (password === "") throw new Failure("there is no password on standard input");
  return password;
}

function text(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Failure("the password on standard input is not UTF-8 text");
  }
}
