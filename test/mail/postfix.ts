/** Debian's Postfix with a configuration, a queue and a mailbox of its own in a temporary folder. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { certificate, temporary } from "./smtp-server.ts";

/** Its master starts as root and runs the rest as the users that its package made. */
export const whyNotPostfix: string | null = !existsSync("/usr/sbin/postfix")
  ? "there is no /usr/sbin/postfix"
  : process.getuid?.() === 0
    ? null
    : "Postfix takes root to start";

/** Takes mail for ada@example.org, encrypted only: by STARTTLS at `port`, from the first byte at `tlsPort`. */
export async function startPostfix() {
  const folder = temporary();
  const at = (name: string) => join(folder.path, name);
  chmodSync(folder.path, 0o755);
  for (const name of ["conf", "queue", "data", "mail"]) mkdirSync(at(name));
  run("chown", "postfix", at("data"), at("mail"));
  const own = certificate(folder.path, "DNS:localhost,IP:0.0.0.0");
  const [port, tlsPort] = await freePorts();
  writeFileSync(at("conf/main.cf"), settings(folder.path, own));
  writeFileSync(at("conf/master.cf"), services(port, tlsPort));
  writeFileSync(at("conf/people"), "/^ada@example\\.org$/ box/\n");
  run("postfix", "-c", at("conf"), "start");
  return {
    port,
    tlsPort,
    ca: own.cert,
    log: () => readFileSync(at("data/log"), "utf8"),

    /** What came, oldest first, as soon as there are `count`; throws with Postfix's log after ten seconds. */
    async mailbox(count: number): Promise<string[]> {
      const box = at("mail/box/new");
      for (let tries = 0; tries < 200; tries++) {
        const names = existsSync(box) ? readdirSync(box).sort() : [];
        if (names.length >= count) return names.map((name) => readFileSync(join(box, name), "utf8"));
        await Bun.sleep(50);
      }
      throw new Error(readFileSync(at("data/log"), "utf8"));
    },

    [Symbol.dispose]() {
      run("postfix", "-c", at("conf"), "stop");
      rmSync(folder.path, { recursive: true });
    },
  };
}

function settings(folder: string, { certPath, keyPath }: { certPath: string; keyPath: string }): string {
  const id = (flag: string) => run("id", flag, "postfix").trim();
  return `
compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
maillog_file_prefixes = ${folder}
maillog_file = ${folder}/data/log
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example.org
mydestination =
alias_maps =
virtual_mailbox_domains = example.org
virtual_mailbox_base = ${folder}/mail
virtual_mailbox_maps = regexp:${folder}/conf/people
virtual_uid_maps = static:${id("-u")}
virtual_gid_maps = static:${id("-g")}
virtual_minimum_uid = 1
smtpd_tls_cert_file = ${certPath}
smtpd_tls_key_file = ${keyPath}
smtpd_tls_security_level = encrypt
smtpd_tls_received_header = yes
smtpd_relay_restrictions = reject_unauth_destination
default_transport = error:nothing leaves this machine
smtpd_peername_lookup = no
`;
}

/** Name, kind, and what runs: nothing in a chroot, nothing but what is needed. */
const services = (port: number, tlsPort: number): string => `
127.0.0.1:${port} inet n - n - - smtpd
127.0.0.1:${tlsPort} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
virtual unix - n n - - virtual
postlog unix-dgram n - n - 1 postlogd
`;

async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()] as const;
  const ports = servers.map(async (server) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    server.listen(0, "127.0.0.1", resolve);
    await promise;
    return (server.address() as AddressInfo).port;
  });
  const [first = 0, second = 0] = await Promise.all(ports);
  for (const server of servers) server.close();
  return [first, second];
}

function run(...command: string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, { stdin: "ignore" });
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stdout}${stderr}`);
  return stdout.toString();
}
