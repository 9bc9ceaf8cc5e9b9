import { isSecret, type NameKey, names } from "../names.ts";
import { type AnyCommand, type Command, type Flag, group, pick, readsSettings } from "./command.ts";

/** Help for all commands, for those that begin with a word, or for the one that is named. */
export const help = (commands: readonly AnyCommand[]): Command => ({
  name: "help",
  words: ["[COMMAND]", "[…]"],
  summary: "show this, or what one command does",
  example: "housekey help user add",
  run: async ({ words, json }) => {
    const asked = words.length === 0 ? commands : named(commands, words);
    if (json) process.stdout.write(`${JSON.stringify(wire(asked))}\n`);
    else process.stdout.write(words.length === 0 ? overview(commands) : asked.map(page).join("\n"));
    return 0;
  },
});

function named(commands: readonly AnyCommand[], words: readonly string[]): readonly AnyCommand[] {
  const [first = "", ...more] = words;
  const family = more.length === 0 ? group(commands, first) : [];
  return family.length > 0 ? family : [pick(commands, words).command];
}

const settingKeys = Object.keys(names) as NameKey[];

/** What the pages say, for whoever writes a shell's completions, or a test that walks them. */
const wire = (commands: readonly AnyCommand[]) => ({
  commands: commands.map((command) => ({
    name: command.name,
    words: command.words ?? [],
    flags: command.flags ?? [],
    summary: command.summary,
    example: command.example,
    takes_settings: readsSettings(command),
  })),
  settings: settingKeys.map((key) => ({ name: key, expected: names[key].expected, secret: isSecret(key) })),
});

function page(command: AnyCommand): string {
  const { summary, example, flags = [] } = command;
  const lines = flags.map((flag) => `  ${written(flag).padEnd(24)}${flag.summary}\n`);
  const own = lines.length > 0 ? `\n${lines.join("")}` : "";
  return `${usage(command)}\n  ${summary}\n${own}\nexample:\n  ${example}\n`;
}

const written = ({ name, value }: Flag): string => (value === undefined ? `--${name}` : `--${name} ${value}`);

const usage = (command: AnyCommand): string =>
  [
    "usage: housekey",
    command.name,
    ...(command.words ?? []),
    ...(command.flags ?? []).map((flag) => `[${written(flag)}]`),
    ...(readsSettings(command) ? ["[--SETTING VALUE …]"] : []),
    "[--json]",
  ].join(" ");

function overview(commands: readonly AnyCommand[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  const settings = settingKeys.map((key) => {
    const secret = isSecret(key);
    return `  ${`--${key.replaceAll("_", "-")}${secret ? "-file FILE" : " VALUE"}`.padEnd(34)}${
      secret ? `a file with ${names[key].expected}` : names[key].expected
    }`;
  });
  return `Housekey: accounts and sign-in for a house.

usage: housekey [COMMAND] [--SETTING VALUE …] [--config FILE] [--json]

commands:
${lines.join("\n")}

"housekey help COMMAND" shows what a command takes, with an example.

settings, also as HOUSEKEY_NAME in the environment or name in the file:
${settings.join("\n")}
`;
}
