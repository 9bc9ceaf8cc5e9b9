/** Where a command gets the passphrase of a backup from. */
import { readFileSync } from "node:fs";
import { Failure } from "../host/failure.ts";
import { names } from "../names.ts";
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

export const canAsk = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

/** One line from the terminal, which does not show it. Throws `Failure` when there is nobody, or they give up. */
export async function askPassphrase(question: string): Promise<string> {
  if (!canAsk()) throw new Failure("there is no terminal on which to ask for the passphrase");
  process.stderr.write(`${question}: `);
  process.stdin.setRawMode(true);
  let typed = "";
  try {
    for await (const chunk of process.stdin)
      for (const key of String(chunk)) {
        if (key === "\r" || key === "\n") return typed;
        if (key === "\u0003" || key === "\u0004") throw new Failure("no passphrase was given");
        typed = key === "\u007f" || key === "\b" ? [...typed].slice(0, -1).join("") : typed + key;
      }
    throw new Failure("no passphrase was given");
  } finally {
    process.stdin.setRawMode(false);
    process.stdin.pause();
    process.stderr.write("\n");
  }
}
