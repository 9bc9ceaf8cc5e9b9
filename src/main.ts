import { parseArgs } from "node:util";
import { backup } from "./cli/backup.ts";
import { bench } from "./cli/bench.ts";
import { bootstrapToken } from "./cli/bootstrap-token.ts";
import { keysCreate, keysDelete, keysList } from "./cli/client-keys.ts";
import { login } from "./cli/client-login.ts";
import { logout, whoami } from "./cli/client-session.ts";
import { type AnyCommand, type Command, judge, pick, readsSettings, UsageError } from "./cli/command.ts";
import { doctor } from "./cli/doctor.ts";
import { domainEnd, domainMove, domainStatus } from "./cli/domain.ts";
import { healthcheck } from "./cli/healthcheck.ts";
import { help } from "./cli/help.ts";
import { keysRotate } from "./cli/keys.ts";
import { recover } from "./cli/recovery.ts";
import { restore } from "./cli/restore.ts";
import { serviceInstall, serviceUninstall } from "./cli/service.ts";
import { settings } from "./cli/settings.ts";
import { userDisable, userEnable, userList } from "./cli/user.ts";
import { userAdd } from "./cli/user-add.ts";
import { verify } from "./cli/verify.ts";
import { version } from "./cli/version.ts";
import { wording } from "./cli/wording.ts";
import { ConfigError, clientFolder, readConfig } from "./config.ts";
import { isSecret, type NameKey, names } from "./names.ts";

const serve: Command = {
  name: "serve",
  summary: "run the house (also without any command)",
  example: "housekey serve --port 8420 --data /var/lib/housekey",
  run: async ({ config, json }) => (await import("./serve.ts")).serve(config, { json }),
};

const commands: AnyCommand[] = [serve, bootstrapToken, recover, userList, userAdd, userDisable, userEnable];
commands.push(settings, domainMove, domainStatus, domainEnd, keysRotate, backup, restore, verify);
commands.push(doctor, healthcheck, bench, serviceInstall, serviceUninstall, version);
commands.push(login, whoami, logout, keysCreate, keysList, keysDelete);
commands.push(help(commands));

const settingFlags = (Object.keys(names) as NameKey[]).flatMap((key) => {
  const flag = key.replaceAll("_", "-");
  return isSecret(key) ? [flag, `${flag}-file`] : [flag];
});

async function run(argv: readonly string[]): Promise<number> {
  const { flags, words } = parse(argv);
  const { json: asksJson, help: asksHelp, version: asksVersion, ...given } = flags;
  const asked = asksHelp ? ["help", ...words] : asksVersion ? ["version"] : words;
  const { command, rest } = pick(commands, asked.length > 0 ? asked : ["serve"]);
  const declares = (flag: string) => command.flags?.some(({ name }) => name === flag) === true;
  const isOwn = (flag: string) =>
    !readsSettings(command) || declares(flag) || (flag !== "config" && !settingFlags.includes(flag));
  const texts = Object.entries(given).map(([flag, value]) => [flag, String(value)] as const);
  const own = texts.filter(([flag]) => isOwn(flag));
  if (!asksHelp)
    judge(
      command,
      rest,
      own.map(([flag]) => flag),
    );
  const invocation = { words: rest, flags: Object.fromEntries(own), json: asksJson === true };
  if ("machine" in command) return command.run(invocation);
  if ("client" in command) return command.run({ ...invocation, folder: clientFolder(process.env) });
  const { config: file, ...rules } = Object.fromEntries(texts.filter(([flag]) => !isOwn(flag)));
  const named = Object.entries(rules).map(([flag, value]) => [flag.replaceAll("-", "_"), value]);
  const config = readConfig({ flags: Object.fromEntries(named), env: process.env, file });
  return command.run({ ...invocation, config });
}

function parse(argv: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const own = commands.flatMap(({ flags = [] }) => flags);
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      strict: true,
      options: {
        ...Object.fromEntries(own.map(({ name, value }) => [name, value === undefined ? flag : text])),
        ...Object.fromEntries(settingFlags.map((name) => [name, text])),
        config: text,
        json: flag,
        help: { ...flag, short: "h" },
        version: flag,
      },
    });
    return { flags: values as Record<string, string | boolean | undefined>, words: positionals };
  } catch (error) {
    const [sentence = ""] = wording(error).split(". ");
    throw new UsageError(`${sentence}; see "housekey help"`);
  }
}

// Everything is kept for its owner alone, SQLite's own files too.
process.umask(0o077);
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // A reader who has seen enough closes the pipe, and that is no failure.
  if (error.code === "EPIPE") return;
  process.stderr.write(`housekey: cannot write the output: ${wording(error)}\n`);
  process.exitCode = 1;
});
try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  // Left uncaught, Bun prints the minified bundle around the throw, which helps nobody.
  process.stderr.write(`housekey: ${wording(error)}\n`);
  process.exitCode = error instanceof UsageError || error instanceof ConfigError ? 2 : 1;
}
