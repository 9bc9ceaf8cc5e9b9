/** Real proxies with TLS, configured from the very files in `scripts/proxy/` that people copy. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import type { Certificates } from "./domain.ts";

export const kinds = ["nginx", "caddy", "haproxy"] as const;
export type Kind = (typeof kinds)[number];

export interface Front {
  readonly output: () => string;
  stop(): Promise<void>;
}

export interface Layout {
  readonly folder: string;

  /** Where the proxy listens. */
  readonly port: number;

  readonly housePort: number;

  /** Guarded apps, by the first label of their host. */
  readonly apps: Readonly<Record<string, number>>;

  readonly certificates: Certificates;

  /** The block in front of the house itself, where it is not the example's. */
  readonly house?: string | undefined;

  /** What becomes of what nginx includes for every app, and HAProxy loads, where it is not the example's. */
  readonly mended?: (shared: string) => string;
}

export const example = (name: string): string =>
  readFileSync(join(import.meta.dir, "../../scripts/proxy", name), "utf8");

/** Throws what the proxy said when it does not come to listen. */
export function startFront(kind: Kind, layout: Layout): Promise<Front> {
  mkdirSync(layout.folder, { recursive: true });
  return { nginx: startNginx, caddy: startCaddy, haproxy: startHaproxy }[kind](layout);
}

/** A block as it stands in an example, with the addresses of this scene. */
const placed = (text: string, { housePort, apps }: Layout, app = "photos"): string =>
  text
    .replaceAll("127.0.0.1:8420", `127.0.0.1:${housePort}`)
    .replaceAll("photos.home.example", `${app}.home.example`)
    .replaceAll("127.0.0.1:3000", `127.0.0.1:${apps[app]}`);

function startNginx(layout: Layout): Promise<Front> {
  const { folder, port, certificates, apps, house = example("house.nginx.conf") } = layout;
  const { mended = (shared) => shared } = layout;
  const here = (text: string) =>
    text
      .replaceAll("listen 443 ssl;", `listen 127.0.0.1:${port} ssl http2;`)
      .replaceAll("/etc/ssl/home.example.crt", certificates.cert)
      .replaceAll("/etc/ssl/home.example.key", certificates.key);
  mkdirSync(join(folder, "snippets"), { recursive: true });
  writeFileSync(
    join(folder, "snippets/housekey.conf"),
    placed(mended(example("housekey.nginx.conf")), layout),
  );
  const [head = "", ...site] = example("guard.nginx.conf").split(/^(?=server \{)/m);
  const guarded = Object.keys(apps).map((app) => placed(site.join(""), layout, app));
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (one) => `${one}_temp_path ${folder};`,
  );
  const conf = [
    ...(process.getuid?.() === 0 ? ["user root root;"] : []),
    ...["worker_processes 1;", `pid ${folder}/nginx.pid;`, "error_log stderr notice;"],
    "events { worker_connections 512; }",
    `http {\naccess_log off; client_max_body_size 16m; ${temporary.join(" ")}`,
    // An app first: whoever asks for a host that is nobody's ends up there.
    here([head, ...guarded, placed(house, layout)].join("\n")),
    "}",
  ];
  writeFileSync(join(folder, "nginx.conf"), conf.join("\n"));
  const words = ["nginx", "-p", folder, "-c", "nginx.conf", "-e", "stderr", "-g", "daemon off;"];
  return start(words, layout);
}

function startCaddy(layout: Layout): Promise<Front> {
  const { folder, port, certificates, apps, house = example("house.Caddyfile") } = layout;
  const here = (text: string) =>
    text.replace(
      /^(\S+\.home\.example) \{$/gm,
      `$1:${port} {\n  tls ${certificates.cert} ${certificates.key}`,
    );
  // The options of all, then what sites share, then the site of an app.
  const [, options = "", shared = "", site = ""] =
    /^\{\n([\s\S]*?)^\}\n\n(\([\s\S]*?^\}\n)\n([\s\S]*)$/m.exec(example("guard.Caddyfile")) ?? [];
  const storage = `storage file_system ${folder}/storage`;
  const own = ["admin off", "auto_https off", "skip_install_trust", storage, "default_bind 127.0.0.1"];
  const guarded = Object.keys(apps).map((app) => placed(site, layout, app));
  const conf = [
    `{\n${own.join("\n")}\n${options}}`,
    placed(shared, layout),
    here([placed(house, layout), ...guarded].join("\n")),
  ];
  writeFileSync(join(folder, "Caddyfile"), conf.join("\n"));
  return start(["caddy", "run", "--config", join(folder, "Caddyfile"), "--adapter", "caddyfile"], layout);
}

function startHaproxy(layout: Layout): Promise<Front> {
  const { folder, port, certificates, apps, house, mended = (shared) => shared } = layout;
  const pem = join(folder, "home.example.pem");
  writeFileSync(pem, readFileSync(certificates.cert, "utf8") + readFileSync(certificates.key, "utf8"));
  const lua = join(folder, "housekey.lua");
  writeFileSync(lua, placed(mended(example("housekey.lua")), layout));
  const [head = "", site = ""] = example("haproxy.cfg").split(/^(?=backend photos)/m);
  const [before = "", use = ""] = head.split(/^(?= {2}use_backend photos)/m);
  const [line = "", ...rest] = use.split("\n");
  const each = (text: string) =>
    Object.keys(apps).map((app) => placed(text, layout, app).replace(/(backend|server) photos/, `$1 ${app}`));
  const conf = [placed(before, layout), ...each(line), placed(rest.join("\n"), layout), ...each(site)]
    .join("\n")
    .replace("bind :443", `bind 127.0.0.1:${port}`)
    .replace("/etc/ssl/home.example.pem", pem)
    .replace("/etc/haproxy/housekey.lua", lua);
  if (house !== undefined) throw new Error("there is one block for the house behind HAProxy");
  writeFileSync(join(folder, "haproxy.cfg"), conf);
  return start(["haproxy", "-db", "-f", "haproxy.cfg"], layout);
}

async function start(words: string[], { folder, port }: Layout): Promise<Front> {
  const child = Bun.spawn(words, {
    cwd: folder,
    env: {
      PATH: `${process.env.PATH}:/usr/sbin`,
      HOME: folder,
      XDG_DATA_HOME: folder,
      XDG_CONFIG_HOME: folder,
    },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  let output = "";
  const drained = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stderr) output += decoder.decode(chunk, { stream: true });
  })();
  while (!(await isListening(port))) {
    if (child.exitCode !== null) {
      await drained;
      throw new Error(`${words[0]} did not start: ${output}`);
    }
    await Bun.sleep(20);
  }
  return {
    output: () => output,
    async stop() {
      child.kill("SIGTERM");
      await child.exited;
      await drained;
    },
  };
}

function isListening(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host: "127.0.0.1", port }, () => resolve(true));
  socket.once("error", () => resolve(false));
  return promise.finally(() => socket.destroy());
}
