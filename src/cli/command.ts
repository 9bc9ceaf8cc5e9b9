/** A verb of the command line. Help is made of these, so that it cannot fall behind. */
import type { Config } from "../config.ts";

export interface Invocation {
  readonly config: Config;

  /** What followed the command and is no flag. */
  readonly words: readonly string[];

  /** `--json`: for machines. */
  readonly json: boolean;
}

export interface Command {
  readonly name: string;

  /** The words it takes, as help shows them. */
  readonly words?: readonly string[];

  readonly summary: string;
  readonly example: string;

  /** Answers the exit code: 0 fine, 1 failed. */
  readonly run: (invocation: Invocation) => Promise<number>;
}

/** The command was written wrong: exit 2. */
export class UsageError extends Error {}
