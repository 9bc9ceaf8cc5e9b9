/** A verb of the command line. Help is made of these, so that it cannot fall behind. */
import type { Config } from "../config.ts";

export interface Invocation {
  readonly config: Config;

  /** What followed the command and is no flag. */
  readonly words: readonly string[];

  /** The command's own flags, as they were given; a switch that was given is "true". */
  readonly flags: Readonly<Record<string, string>>;

  /** `--json`: for machines. */
  readonly json: boolean;
}

/** A flag of one command's own. What can be configured is a flag of every command and needs none. */
export interface Flag {
  /** Without the dashes. */
  readonly name: string;

  /** What stands behind it, as help shows it; a switch has none. */
  readonly value?: string;

  readonly summary: string;
}

export interface Command {
  /** One word, or several: `user add`. */
  readonly name: string;

  /** The words it takes, as help shows them; those in brackets can be left out. */
  readonly words?: readonly string[];

  readonly flags?: readonly Flag[];
  readonly summary: string;
  readonly example: string;

  /** Answers the exit code: 0 fine, 1 failed. */
  readonly run: (invocation: Invocation) => Promise<number>;
}

/** The command was written wrong: exit 2. */
export class UsageError extends Error {}

/** The command that `words` begin with, and the words behind its name. Throws `UsageError`. */
export function pick(
  commands: readonly Command[],
  words: readonly string[],
): { command: Command; rest: readonly string[] } {
  const begins = ({ name }: Command) => name.split(" ").every((part, index) => words[index] === part);
  const command = commands.find(begins);
  if (command) return { command, rest: words.slice(command.name.split(" ").length) };
  const [first = ""] = words;
  const family = group(commands, first).map(({ name }) => name.slice(first.length + 1));
  if (family.length > 0)
    throw new UsageError(`${first} is one of ${family.join(", ")}; see "housekey help ${first}"`);
  throw new UsageError(`there is no command ${JSON.stringify(first)}; see "housekey help"`);
}

/** The commands whose name begins with the word `first` and goes on. */
export const group = (commands: readonly Command[], first: string): Command[] =>
  commands.filter(({ name }) => name.startsWith(`${first} `));

/** Whether the command takes what it was given. Throws `UsageError`. */
export function judge({ name, words = [], flags = [] }: Command, rest: readonly string[], given: string[]) {
  const see = `see "housekey help ${name}"`;
  const stray = given.find((flag) => !flags.some((own) => own.name === flag));
  if (stray !== undefined) throw new UsageError(`${name} does not take --${stray}; ${see}`);
  if (rest.length > words.length)
    throw new UsageError(`${name} does not take ${JSON.stringify(rest.at(-1))}; ${see}`);
  const missing = words.find((word, index) => !word.startsWith("[") && rest[index] === undefined);
  if (missing !== undefined) throw new UsageError(`${name} needs ${missing}; ${see}`);
}
