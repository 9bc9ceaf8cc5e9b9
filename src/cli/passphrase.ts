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
  const { stdin, stderr } = process;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let typed = "";
  const listen = (chunk: Buffer) => {
    for (const key of chunk.toString("utf8"))
      if (key === "\r" || key === "\n") resolve(typed);
      else if (key === "\u0003" || key === "\u0004") reject(new Failure("no passphrase was given"));
      else if (key === "\u007f" || key === "\b") typed = [...typed].slice(0, -1).join("");
      else typed += key;
  };
  // Not shown from the first key on, also when somebody types ahead of the question.
  stdin.setRawMode(true);
  stdin.on("data", listen).resume();
  stderr.write(`${question}: `);
  try {
    return await promise;
  } finally {
    stdin.off("data", listen);
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write("\n");
  }
}
