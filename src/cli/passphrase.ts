/** Where a command gets the passphrase of a backup from. */
import { readFileSync } from "node:fs";
import { Failure } from "../host/failure.ts";
import { names } from "../names.ts";
import { askSecret, isTerminal } from "./client-ask.ts";
import { type Invocation, UsageError } from "./command.ts";

type Asked = Pick<Invocation, "config" | "flags">;

export const passphraseFile = {
  name: "passphrase-file",
  value: "FILE",
  summary: "a file with the passphrase (else HOUSEKEY_BACKUP_PASSPHRASE)",
} as const;

/** From the file the flag names, else from the settings; null when neither has one. Throws `UsageError`, `Failure`. */
export function givenPassphrase({ config, flags }: Asked): string | null {
  const path = flags[passphraseFile.name];
  if (path === undefined) return config.values.backup_passphrase ?? null;
  let text: string;
  try {
    text = readFileSync(path, "utf8").trim();
  } catch (error) {
    throw new Failure(`cannot read the passphrase in ${path}`, error);
  }
  const { read, expected } = names.backup_passphrase;
  const passphrase = read(text);
  if (passphrase === undefined) throw new UsageError(`the passphrase in ${path}: expected ${expected}`);
  return passphrase;
}

/** From whoever sits at the terminal. Throws `Failure` when there is nobody, or they give up. */
export function askPassphrase(question: string): Promise<string> {
  if (!isTerminal()) throw new Failure("there is no terminal on which to ask for the passphrase");
  return askSecret(`${question}: `);
}
