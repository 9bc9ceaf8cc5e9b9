import { isSecret, type NameKey, names } from "../names.ts";
import { type Command, UsageError } from "./command.ts";

/** Help for all commands, or for the one that is named. */
export const help = (commands: readonly Command[]): Command => ({
  name: "help",
  words: ["[COMMAND]"],
  summary: "show this, or what one command does",
  example: "housekey help bootstrap-token",
  run: async ({ words: [name] }) => {
    if (name === undefined) {
      process.stdout.write(overview(commands));
      return 0;
    }
    const command = commands.find((one) => one.name === name);
    if (!command) throw new UsageError(`there is no command ${JSON.stringify(name)}`);
    process.stdout.write(`${usage(command)}\n  ${command.summary}\n\nexample:\n  ${command.example}\n`);
    return 0;
  },
});

const usage = ({ name, words = [] }: Command): string =>
  ["usage: housekey", name, ...words, "[--SETTING VALUE …] [--json]"].join(" ");

function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  const settings = (Object.keys(names) as NameKey[]).map((key) => {
    const secret = isSecret(key);
    return `  ${`--${key.replaceAll("_", "-")}${secret ? "-file FILE" : " VALUE"}`.padEnd(34)}${
      secret ? `a file with ${names[key].expected}` : names[key].expected
    }`;
  });
  return `Housekey: accounts and sign-in for a house.

usage: housekey [COMMAND] [--SETTING VALUE …] [--config FILE] [--json]

commands:
${lines.join("\n")}

settings, also as HOUSEKEY_NAME in the environment or name in the file:
${settings.join("\n")}
`;
}
