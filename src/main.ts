import { parseArgs } from "node:util";
import { bootstrapToken } from "./cli/bootstrap-token.ts";
import { type Command, UsageError } from "./cli/command.ts";
import { help } from "./cli/help.ts";
import { version } from "./cli/version.ts";
import { ConfigError, readConfig } from "./config.ts";
import { isSecret, type NameKey, names } from "./names.ts";

const serve: Command = {
  name: "serve",
  summary: "run the house (also without any command)",
  example: "housekey serve --port 8420 --data /var/lib/housekey",
  run: async ({ config }) => (await import("./serve.ts")).serve(config),
};

const commands: Command[] = [serve, bootstrapToken, version];
commands.push(help(commands));

async function run(argv: readonly string[]): Promise<number> {
  const { flags, words } = parse(argv);
  const { json, help: asksHelp, version: asksVersion, config: file, ...settings } = flags;
  const [name = "serve", ...rest] = asksHelp ? ["help", ...words] : asksVersion ? ["version"] : words;
  const command = commands.find((one) => one.name === name);
  if (!command) throw new UsageError(`there is no command ${JSON.stringify(name)}; see "housekey help"`);
  if (rest.length > (command.words ?? []).length)
    throw new UsageError(`${name} does not take ${JSON.stringify(rest.at(-1))}; see "housekey help ${name}"`);
  const named = Object.entries(settings).map(([flag, value]) => [flag.replaceAll("-", "_"), String(value)]);
  const config = readConfig({
    flags: Object.fromEntries(named),
    env: process.env,
    file: typeof file === "string" ? file : undefined,
  });
  return command.run({ config, words: rest, json: json === true });
}

function parse(argv: readonly string[]) {
  const text = { type: "string" } as const;
  const settings = (Object.keys(names) as NameKey[]).flatMap((key) => {
    const flag = key.replaceAll("_", "-");
    return isSecret(key) ? [flag, `${flag}-file`] : [flag];
  });
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      strict: true,
      options: {
        ...Object.fromEntries(settings.map((flag) => [flag, text])),
        config: text,
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
        version: { type: "boolean" },
      },
    });
    return { flags: values as Record<string, string | boolean | undefined>, words: positionals };
  } catch (error) {
    throw new UsageError(`${plain(error)}; see "housekey help"`);
  }
}

/** One line, lower case at its start, no full stop. */
function plain(error: unknown): string {
  const [line = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
  const [sentence = ""] = line.split(". ");
  return sentence.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase()).replace(/\.$/, "");
}

// Everything is kept for its owner alone, SQLite's own files too.
process.umask(0o077);
try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  // Left uncaught, Bun prints the minified bundle around the throw, which helps nobody.
  process.stderr.write(`housekey: ${plain(error)}\n`);
  process.exitCode = error instanceof UsageError || error instanceof ConfigError ? 2 : 1;
}
