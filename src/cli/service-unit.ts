/** What systemd is told about a house: its unit, its user, and its folder when that is not under /var/lib. */

export interface Unit {
  /** The executable, an absolute path. */
  readonly binary: string;

  /** Whether the executable was put there by the installation, and goes with it. */
  readonly isCopied: boolean;

  readonly user: string;
  readonly data: string;

  /** The file with the settings, which root alone can read. */
  readonly config: string;

  /** Where backups by the clock go, when that is elsewhere. */
  readonly backups: string | null;

  /** Whether it listens on a port that takes a capability. */
  readonly lowPort: boolean;
}

const firstLine = '# Written by "housekey service install", which writes it anew.';

const stateFolder = "/var/lib/";

/** systemd makes it, and gives it to the user, at each start. */
const isStateFolder = ({ data }: Pick<Unit, "data">): boolean => data.startsWith(stateFolder);

export function unitText(unit: Unit): string {
  const capability = unit.lowPort ? "CAP_NET_BIND_SERVICE" : "";
  return `${firstLine}
# What you want otherwise belongs beside it: systemctl edit housekey

[Unit]
Description=Housekey: accounts and sign-in for a house
Wants=network-online.target
After=network-online.target

[Service]
Type=exec
User=${unit.user}
# The settings stay root's alone: systemd hands the house a copy.
LoadCredential=housekey.toml:${unit.config}
ExecStart=${unit.binary} serve --config \${CREDENTIALS_DIRECTORY}/housekey.toml
${isStateFolder(unit) ? `StateDirectory=${unit.data.slice(stateFolder.length)}\nStateDirectoryMode=0700` : `ReadWritePaths=${unit.data}`}
${unit.backups === null ? "" : `ReadWritePaths=${unit.backups}\n`}WorkingDirectory=${unit.data}
UMask=0077
Restart=on-failure
RestartSec=2s
# A setting that is wrong stays wrong.
RestartPreventExitStatus=2
TimeoutStopSec=15
LimitNOFILE=65536

NoNewPrivileges=yes
CapabilityBoundingSet=${capability}
AmbientCapabilities=${capability}
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
DevicePolicy=closed
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
RemoveIPC=yes
# Netlink tells the addresses of this machine, for the set-up links.
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM
# No MemoryDenyWriteExecute: the runtime compiles what it runs, and would not start.

[Install]
WantedBy=multi-user.target

[X-Housekey]
Copied=${unit.isCopied ? "yes" : "no"}
`;
}

/** What an earlier installation wrote; null when somebody else wrote the unit. */
export function readUnit(text: string): Pick<Unit, "binary" | "isCopied" | "user" | "data"> | null {
  const value = (name: string) => new RegExp(`^${name}=(\\S*)`, "m").exec(text)?.[1];
  const { binary, user, data } = {
    binary: value("ExecStart"),
    user: value("User"),
    data: value("WorkingDirectory"),
  };
  if (!text.startsWith(firstLine) || !binary || !user || !data) return null;
  return { binary, user, data, isCopied: value("Copied") === "yes" };
}

/** sysusers.d(5): the user is there before the first start, also on an image; one that is there stays as it is. */
export const userText = ({ user, data }: Unit): string =>
  `${firstLine}\nu ${user} - "Housekey" ${data} /usr/sbin/nologin\n`;

/** tmpfiles.d(5); null when systemd makes the folder anyway. */
export const folderText = (unit: Unit): string | null =>
  isStateFolder(unit) ? null : `${firstLine}\nd ${unit.data} 0700 ${unit.user} ${unit.user}\n`;

/** What the file with the settings says before anybody edited it. */
export const configText = ({
  data,
}: Pick<
  Unit,
  "data"
>): string => `# Settings of this house. "housekey help" lists them all; names are as there, lower case, with underscores.
# After a change: systemctl restart housekey
# After a change of data, backup_dir, or to a port below 1024: housekey service install
# Commands take them, too: housekey recover ada --config THIS-FILE

data = "${data}"

# The one public address, with https: links, cookies, passkeys. Set it before anybody enrols a passkey.
# url = "https://auth.example.org"

# Behind a proxy on this machine, listen to it alone, and believe what it says about where people are.
# host = "127.0.0.1"
# port = 8420
# trusted_proxies = "127.0.0.1"

# Certificate and key must be readable by the user of the service, and not be under /home.
# tls_cert = "/etc/housekey/tls.crt"
# tls_key = "/etc/housekey/tls.key"

# smtp_url = "smtp://user:password@mail.example.org:587"
# mail_from = "Housekey <house@example.org>"

# An existing folder that belongs to the user of the service.
# backup_dir = "/var/backups/housekey"
# backup_passphrase = ""
`;
