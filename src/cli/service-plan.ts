/** What an installation will be, judged before anything is written. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { readConfig } from "../config.ts";
import { Failure } from "../host/failure.ts";
import { type ClientInvocation, UsageError } from "./command.ts";
import { readUnit, type Unit } from "./service-unit.ts";

type Flags = ClientInvocation["flags"];

export const paths = {
  binary: "/usr/local/bin/housekey",
  unit: "/etc/systemd/system/housekey.service",
  wanted: "/etc/systemd/system/multi-user.target.wants/housekey.service",
  user: "/etc/sysusers.d/housekey.conf",
  folder: "/etc/tmpfiles.d/housekey.conf",
  config: "/etc/housekey/housekey.toml",
} as const;

/** Where things lie: on this machine, or under the folder of an image. */
export interface Site {
  /** The folder of the image; null: this machine. */
  readonly root: string | null;

  at(path: string): string;
}

export function siteOf({ root }: Flags): Site {
  if (root === undefined) return { root: null, at: (path) => path };
  const folder = resolve(root);
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new Failure(`there is no folder ${folder}`);
  return { root: folder, at: (path) => join(folder, path) };
}

/** Throws `Failure` when services cannot be arranged here. */
export function requireSystemd({ root }: Site): void {
  if (process.platform !== "linux")
    throw new Failure(
      "a service is installed on Linux, with systemd; elsewhere, start housekey your own way",
    );
  if (root !== null) return;
  if (!existsSync("/run/systemd/system"))
    throw new Failure(
      'this machine was not started by systemd; "housekey service install --print" shows its unit, and --root writes into an image',
    );
  if (process.getuid?.() !== 0) throw new Failure("a service is installed and uninstalled by root");
}

/** What is installed; null when nothing is. Throws `Failure` when the unit of that name is somebody else's. */
export function installed(site: Site): ReturnType<typeof readUnit> {
  const path = site.at(paths.unit);
  if (!existsSync(path)) return null;
  const unit = readUnit(readFileSync(path, "utf8"));
  if (unit === null)
    throw new Failure(`${path} was not written by "housekey service install"; move it away first`);
  return unit;
}

/** The unit that the flags ask for and the file with the settings allows. Throws `UsageError`, `ConfigError`, `Failure`. */
export function plan(site: Site, flags: Flags): Unit {
  const before = installed(site);
  const keeps = flags["keep-binary"] !== undefined;
  const running = process.execPath;
  if (!Bun.main.startsWith("/$bunfs/") && site.root === null && flags.print === undefined)
    throw new Failure("only the compiled executable installs itself");
  const user = flags.user ?? before?.user ?? "housekey";
  if (!/^[a-z_][a-z0-9_-]{0,30}$/.test(user))
    throw new UsageError(`--user is ${JSON.stringify(user.slice(0, 80))}; expected the name of an account`);
  if (user === "root") throw new UsageError("the house is never served as root; expected another --user");
  const settings = settingsOf(site, flags.data, before?.data);
  const binary = keeps ? fit(running, "the executable") : paths.binary;
  // Run from where it is installed, it says nothing about who put it there.
  const isCopied = !keeps && (running !== paths.binary || site.root !== null || before?.isCopied === true);
  return { ...settings, binary, isCopied, user, config: paths.config };
}

/** The file decides, once there is one. */
function settingsOf(
  site: Site,
  asked: string | undefined,
  before: string | undefined,
): Pick<Unit, "data" | "backups" | "lowPort"> {
  const file = site.at(paths.config);
  if (!existsSync(file))
    return { data: fit(asked ?? before ?? "/var/lib/housekey", "--data"), backups: null, lowPort: false };
  const { data, backup_dir, port = 8420 } = readConfig({ flags: {}, env: {}, file }).values;
  if (data === undefined)
    throw new Failure(`${file} does not say where the data is; expected a line data = "…"`);
  if (asked !== undefined && asked !== data)
    throw new Failure(`${file} says data = "${data}", and --data another folder; change it there`);
  const within = backup_dir === undefined || `${backup_dir}/`.startsWith(`${data}/`);
  const backups = within ? null : fit(backup_dir, `backup_dir in ${file}`);
  if (backups !== null && site.root === null && !existsSync(backups))
    throw new Failure(`${file} says backup_dir = "${backups}", and there is no such folder`);
  return { data: fit(data, `data in ${file}`), backups, lowPort: port > 0 && port < 1024 };
}

/** A path that a unit can name, and that its sandbox does not hide. */
function fit(path: string, source: string): string {
  const said = `${source} is ${JSON.stringify(path.slice(0, 200))}`;
  if (!/^(\/[\w@+-][\w.@+-]*){2,}$/.test(path))
    throw new UsageError(`${said}; expected an absolute path of plain letters, such as /var/lib/housekey`);
  if (/^\/(home|root|tmp|run|dev|proc|sys|var\/tmp)\//.test(path))
    throw new UsageError(
      `${said}; a service does not see that place, expected another, such as /var/lib/housekey`,
    );
  if (/^\/(var\/(lib|cache|log|spool|local|backups|mail|opt|www)|usr\/\w+|etc\/\w+)$/.test(path))
    throw new UsageError(`${said}; that is a folder of the system, expected one for the house alone`);
  return path;
}
