/**
 * The house as a service of systemd: its own user, a sandbox, its settings in a file that root alone can read.
 * Installing again upgrades. What a house keeps, and settings once they are there, are never touched.
 */
import { existsSync } from "node:fs";
import { Failure } from "../host/failure.ts";
import type { MachineCommand } from "./command.ts";
import { print } from "./print.ts";
import { type Change, putCopy, putLink, putOnce, putText, removeFile } from "./service-files.ts";
import { readyFolder, refuseStrangers, serveAnew, stopService, systemctl } from "./service-machine.ts";
import { installed, paths, plan, requireSystemd, type Site, siteOf } from "./service-plan.ts";
import { configText, folderText, type Unit, unitText, userText } from "./service-unit.ts";

const root = {
  name: "root",
  value: "DIR",
  summary: "write under DIR, for an image; nothing is started",
} as const;

export const serviceInstall: MachineCommand = {
  name: "service install",
  machine: true,
  flags: [
    { name: "data", value: "DIR", summary: "the folder of the house; /var/lib/housekey unless named" },
    { name: "user", value: "NAME", summary: "who serves it; housekey unless named, made when missing" },
    { name: "keep-binary", summary: "serve with this very file instead of a copy in /usr/local/bin" },
    { name: "no-start", summary: "only arrange it, to start with the machine" },
    { name: "print", summary: "only show the unit" },
    root,
  ],
  summary: "run the house as a service of systemd, in a sandbox; again, to upgrade it",
  example: "housekey service install --data /srv/housekey",
  async run({ flags, json }) {
    // What belongs to the system is readable by all, except where it says otherwise.
    process.umask(0o022);
    const site = siteOf(flags);
    if (flags.print !== undefined) {
      const unit = unitText(plan(site, flags));
      print(json, { unit }, unit.trimEnd());
      return 0;
    }
    requireSystemd(site);
    const unit = plan(site, flags);
    const changes =
      site.root === null ? await arrange(site, unit, flags["no-start"] === undefined) : write(site, unit);
    const started = site.root === null && flags["no-start"] === undefined;
    const { data, user } = unit;
    print(
      json,
      { changes, data, user, config: paths.config, started },
      inWords(changes, site, unit, started),
    );
    return 0;
  },
};

export const serviceUninstall: MachineCommand = {
  name: "service uninstall",
  machine: true,
  flags: [root],
  summary: "stop the service and remove it; data and settings stay",
  example: "housekey service uninstall",
  async run({ flags, json }) {
    const site = siteOf(flags);
    requireSystemd(site);
    const unit = installed(site);
    if (unit === null) throw new Failure(`no service is installed: there is no ${site.at(paths.unit)}`);
    if (site.root === null) stopService();
    const own = [
      paths.wanted,
      paths.unit,
      paths.user,
      paths.folder,
      ...(unit.isCopied ? [paths.binary] : []),
    ];
    const changes = own.flatMap((path) => removeFile(site.at(path)) ?? []);
    if (site.root === null) systemctl("daemon-reload");
    const kept = { data: site.at(unit.data), config: site.at(paths.config), user: unit.user };
    print(
      json,
      { changes, kept },
      `${lines(changes)}\nthe house is kept in ${kept.data}, its settings in ${kept.config}, and both by their user ${kept.user}`,
    );
    return 0;
  },
};

/** Puts the files where they belong, the executable first. */
function write(site: Site, unit: Unit): Change[] {
  const folder = site.root === null ? null : folderText(unit);
  const changes = [
    ...(unit.isCopied ? [putCopy(site.at(paths.binary), process.execPath)] : []),
    putText(site.at(paths.user), userText(unit)),
    ...(folder === null ? [] : [putText(site.at(paths.folder), folder)]),
    putOnce(site.at(paths.config), configText(unit)),
    putText(site.at(paths.unit), unitText(unit)),
  ];
  if (site.root !== null) putLink(site.at(paths.wanted), "../housekey.service");
  return changes;
}

async function arrange(site: Site, unit: Unit, start: boolean): Promise<Change[]> {
  refuseStrangers(unit);
  const changes = write(site, unit);
  readyFolder(unit);
  systemctl("daemon-reload");
  systemctl("enable", "housekey.service");
  const anew = changes.some(({ path, what }) => what !== "unchanged" && path !== paths.config);
  if (start) await serveAnew(unit, anew);
  return changes;
}

const lines = (changes: readonly Change[]): string =>
  changes.map(({ path, what }) => `${what} ${path}`).join("\n");

function inWords(changes: readonly Change[], site: Site, { data }: Unit, started: boolean): string {
  const unread = site.at(`${data}/housekey.toml`);
  const notes = [
    ...(existsSync(unread)
      ? [`the service does not read ${unread}; move what it says to ${paths.config}`]
      : []),
    started
      ? `the house is served; "housekey bootstrap-token --config ${paths.config}" prints the link of the first admin`
      : site.root === null
        ? "the house starts with the machine, or with: systemctl start housekey"
        : "the house starts with the machine of that image",
    `commands beside it: housekey recover USER --config ${paths.config}`,
  ];
  return [lines(changes), ...notes].join("\n");
}
