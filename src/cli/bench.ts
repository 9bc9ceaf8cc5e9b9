import { type Command, UsageError } from "./command.ts";
import { print } from "./print.ts";

const usual = { seconds: 3, accounts: 1000 };
const most = { seconds: 60, accounts: 100_000 };

export const bench: Command = {
  name: "bench",
  flags: [
    { name: "seconds", value: "N", summary: `how long each figure is measured (${usual.seconds})` },
    { name: "accounts", value: "N", summary: `how many the house that is measured has (${usual.accounts})` },
  ],
  summary: "measure what this machine can do for a house, in a folder of its own: yours is not touched",
  example: "housekey bench --data /var/lib/housekey",
  async run({ config, flags, json }) {
    const seconds = whole("seconds", flags.seconds) ?? usual.seconds;
    const accounts = whole("accounts", flags.accounts) ?? usual.accounts;
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
    // Nobody else waits for what only this command needs.
    const { inJson, inText, measure } = await import("./bench-run.ts");
    const told = await measure(config, { milliseconds: seconds * 1000, accounts });
    print(json, inJson(told), inText(told));
    return 0;
  },
};

function whole(name: keyof typeof most, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > most[name])
    throw new UsageError(`--${name}: expected a whole number from 1 to ${most[name]}`);
  return number;
}
