/** Asking the person at the terminal, without showing what they type. */
import { Failure } from "../host/failure.ts";

export const isTerminal = (): boolean => process.stdin.isTTY && process.stderr.isTTY;

const enter = "\r\n";
const erase = "\b\u007f";
const giveUp = "\u0003\u0004";

/** One line, which is shown nowhere. Throws `Failure` when the person gives up: Ctrl-C, Ctrl-D. */
export async function askSecret(question: string): Promise<string> {
  const { stdin, stderr } = process;
  // First of all: whoever types as soon as they see the question must not see what they type.
  stdin.setRawMode(true);
  stderr.write(question);
  stdin.setEncoding("utf8");
  stdin.resume();
  try {
    return await line(stdin);
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write("\n");
  }
}

function line(stdin: NodeJS.ReadStream): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let typed: string[] = [];
  const end = () => reject(new Failure("given up; nothing was changed"));
  const take = (chunk: string) => {
    for (const letter of chunk)
      if (enter.includes(letter)) return resolve(typed.join(""));
      else if (giveUp.includes(letter)) return end();
      else if (erase.includes(letter)) typed = typed.slice(0, -1);
      else typed.push(letter);
  };
  stdin.on("data", take);
  stdin.on("end", end);
  return promise.finally(() => stdin.off("data", take).off("end", end));
}
