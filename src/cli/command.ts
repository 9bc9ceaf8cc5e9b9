/** A verb of the command line. Help is made of these, so that it cannot fall behind. */
import type { Config } from "../config.ts";

export interface Asked {
  /** What followed the command and is no flag. */
  readonly words: readonly string[];

  /** The command's own flags, as they were given; a switch that was given is "true". */
  readonly flags: Readonly<Record<string, string>>;

  /** `--json`: for machines. */
  readonly json: boolean;
}

export interface Invocation extends Asked {
  readonly config: Config;
}

export interface ClientInvocation extends Asked {
  /** Where the person's own things are kept. */
  readonly folder: string;
}

/** A flag of one command's own. What can be configured is a flag of every command and needs none. */
export interface Flag {
  /** Without the dashes. */
  readonly name: string;

  /** What stands behind it, as help shows it; a switch has none. */
  readonly value?: string;

  readonly summary: string;
}

interface About {
  /** One word, or several: `user add`. */
  readonly name: string;

  /** The words it takes, as help shows them; those in brackets can be left out. */
  readonly words?: readonly string[];

  readonly flags?: readonly Flag[];
  readonly summary: string;
  readonly example: string;
}

export interface Command extends About {
  /** Answers the exit code: 0 fine, 1 failed. */
  readonly run: (invocation: Invocation) => Promise<number>;
}

/** Speaks to a running house as its client: it reads no setting and needs no data folder. */
export interface ClientCommand extends About {
  readonly client: true;
  readonly run: (invocation: ClientInvocation) => Promise<number>;
}

/** Arranges the machine that a house lives on: it reads no setting, so none can be named beside it. */
export interface MachineCommand extends About {
  readonly machine: true;
  readonly run: (asked: Asked) => Promise<number>;
}

export type AnyCommand = Command | ClientCommand | MachineCommand;

/** Whether the settings of a house are read before the command runs. */
export const readsSettings = (command: AnyCommand): command is Command =>
  !("client" in command || "machine" in command);

/** The command was written wrong: exit 2. */
export class UsageError extends Error {}

/** The command that `words` begin with, and the words behind its name. Throws `UsageError`. */
export function pick(
  commands: readonly AnyCommand[],
  words: readonly string[],
): { command: AnyCommand; rest: readonly string[] } {
  const begins = ({ name }: AnyCommand) => name.split(" ").every((part, index) => words[index] === part);
  const command = commands.find(begins);
  if (command) return { command, rest: words.slice(command.name.split(" ").length) };
  const [first = ""] = words;
  const family = group(commands, first).map(({ name }) => name.slice(first.length + 1));
  if (family.length > 0)
    throw new UsageError(`${first} is one of ${family.join(", ")}; see "housekey help ${first}"`);
  throw new UsageError(`there is no command ${JSON.stringify(first)}; see "housekey help"`);
}

/** The commands whose name begins with the word `first` and goes on. */
export const group = (commands: readonly AnyCommand[], first: string): AnyCommand[] =>
  commands.filter(({ name }) => name.startsWith(`${first} `));

/** Whether the command takes what it was given. Throws `UsageError`. */
export function judge(
  { name, words = [], flags = [] }: AnyCommand,
  rest: readonly string[],
  given: string[],
) {
  const see = `see "housekey help ${name}"`;
  const stray = given.find((flag) => !flags.some((own) => own.name === flag));
  if (stray !== undefined) throw new UsageError(`${name} does not take --${stray}; ${see}`);
  if (rest.length > words.length)
    throw new UsageError(`${name} does not take ${JSON.stringify(rest.at(-1))}; ${see}`);
  const missing = words.find((word, index) => !word.startsWith("[") && rest[index] === undefined);
  if (missing !== undefined) throw new UsageError(`${name} needs ${missing}; ${see}`);
}
