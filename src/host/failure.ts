/** What an operator should read when something cannot go on: one line in lower case, without a full stop. */
export class Failure extends Error {
  constructor(message: string, cause?: unknown) {
    const reason = cause instanceof Error ? `: ${cause.message.split("\n")[0]}` : "";
    super(`${message}${reason}`, { cause });
    this.name = "Failure";
  }
}
