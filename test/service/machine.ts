/**
 * A machine of its own: this one's programs, and its own accounts, folders, processes and network. Its systemd is a
 * stand-in that obeys the unit; accounts are made by systemd's own program.
 */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { binary, emptyFolder, type Ran } from "../binary.ts";

export interface Machine {
  /** Runs a command as root; the executable under test is /opt/housekey/housekey. */
  run(...words: string[]): Promise<Ran>;

  /** What systemctl was asked since the last time somebody looked. */
  asked(): Promise<string[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

const accounts = {
  passwd: "root:x:0:0:root:/root:/bin/sh\nada:x:1000:1000::/home/ada:/bin/sh\n",
  group: "root:x:0:\nada:x:1000:\n",
  "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
  hosts: "127.0.0.1 localhost\n",
};

export async function machine({ systemd = true } = {}): Promise<Machine> {
  const folder = emptyFolder();
  const etc = join(folder.path, "etc");
  mkdirSync(etc);
  chmodSync(etc, 0o755);
  for (const [name, text] of Object.entries(accounts)) writeFileSync(join(etc, name), text, { mode: 0o644 });
  const empty = ["/run", "/usr/local", "/var/lib", "/srv", "/opt", "/tmp", "/home"].flatMap((path) => [
    "--tmpfs",
    path,
  ]);
  const holder = Bun.spawn(
    [
      ...[
        "sh",
        "-c",
        'exec "$@" 3>&1',
        "sh",
        "bwrap",
        "--ro-bind",
        "/",
        "/",
        "--bind",
        etc,
        "/etc",
        ...empty,
      ],
      ...["--ro-bind", binary, "/opt/housekey/housekey"],
      ...["--ro-bind", join(import.meta.dir, "systemctl.sh"), "/opt/stand-in/systemctl"],
      ...(systemd ? ["--dir", "/run/systemd/system"] : []),
      ...["--dev", "/dev", "--proc", "/proc", "--unshare-pid", "--unshare-net", "--die-with-parent"],
      ...["--info-fd", "3", "--cap-add", "ALL", "sh", "-c", "echo ready; exec sleep infinity"],
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const pid = await insidePid(holder.stdout);

  async function run(...words: string[]): Promise<Ran> {
    const child = Bun.spawn(
      ["nsenter", "--target", String(pid), "--mount", "--pid", "--net", "--", "env", "-C", "/", ...words],
      {
        env: { PATH: "/opt/stand-in:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root" },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    const [stdout, stderr] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    return { exitCode: await child.exited, stdout, stderr };
  }

  return {
    run,

    async asked() {
      const { stdout } = await run("sh", "-c", "cat /run/asked; rm -f /run/asked");
      return stdout.split("\n").filter((line) => line !== "");
    },

    async [Symbol.asyncDispose]() {
      holder.kill("SIGKILL");
      await holder.exited;
      folder[Symbol.dispose]();
    },
  };
}

/** The process that holds the machine, once it is there. */
async function insidePid(output: ReadableStream<Uint8Array>): Promise<number> {
  let text = "";
  for await (const chunk of output) {
    text += new TextDecoder().decode(chunk);
    const [, pid] = /"child-pid": (\d+)/.exec(text) ?? [];
    if (pid && text.includes("ready")) return Number(childOf(Number(pid)));
  }
  throw new Error(`bwrap: ${text}`);
}

/** bwrap's own first process sees the old root, too; the one it started does not. */
function childOf(pid: number): string {
  const [child = ""] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  return child;
}
