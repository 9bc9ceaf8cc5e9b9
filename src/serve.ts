/** `housekey serve`: takes the folder, opens the house, listens, and lets go in order. */
import { join } from "node:path";
import type { Server } from "bun";
import { type Config, ConfigError } from "./config.ts";
import { makeCore } from "./host/core.ts";
import { Failure } from "./host/failure.ts";
import {
  databasePath,
  hasDatabase,
  isMarked,
  lockFolder,
  lostHouse,
  makeFolder,
  masterKey,
  tokenPath,
} from "./host/folder.ts";
import { localUrls } from "./host/interfaces.ts";
import { makeLog } from "./host/log.ts";
import { withAccessLog } from "./http/access.ts";
import { makePlaceOf } from "./http/place.ts";
import { beginFirstRun } from "./identity/bootstrap.ts";
import type { Core, Log } from "./identity/core.ts";
import { adoptMasterKey, announce } from "./identity/house.ts";
import type { Post } from "./identity/mail.ts";
import { policy } from "./identity/policy.ts";
import { writeSightings } from "./identity/session.ts";
import { ensureSigningKey } from "./identity/signing-key.ts";
import type { Store } from "./identity/store.ts";
import { startClockwork } from "./jobs/clockwork.ts";
import { makeOutboxPost } from "./mail/outbox.ts";
import { makeSmtpPost } from "./mail/smtp.ts";
import { letters } from "./mail/texts.ts";
import { server } from "./server.ts";
import { openSqlite } from "./store/sqlite.ts";
import { makeUpstream } from "./upstream/lazy.ts";

/** Over this the runtime itself answers 413; ours, at 64 KiB, comes first. */
const mostBytes = 2 * 1024 * 1024;

/** Serves until a signal; answers the exit code. */
export async function serve(config: Config): Promise<number> {
  const log = makeLog({
    form: config.values.log ?? (process.stderr.isTTY ? "pretty" : "json"),
    level: config.values.log_level ?? "info",
    clock: () => new Date(),
    write: (line) => void process.stderr.write(line),
  });
  for (const note of config.notes) log.info(note);
  process.on("unhandledRejection", (error) =>
    log.error("something failed behind the scenes", { error: String(error) }),
  );

  makeFolder(config.data);
  const unlock = lockFolder(config.data);
  if (isMarked(config.data) && !hasDatabase(config.data)) throw lostHouse(config.data);
  const master = masterKey(config.data, config.values.master_key);
  const store = openHouse(config, log);
  try {
    return await listen(config, log, store, master);
  } finally {
    await store.close();
    unlock();
  }
}

function openHouse(config: Config, log: Log): Store {
  const path = databasePath(config.data);
  try {
    return openSqlite(path, {
      onSlowWrite: (milliseconds) => log.warn("a slow write", { milliseconds: Math.round(milliseconds) }),
    });
  } catch (error) {
    throw new Failure(`cannot open ${path}`, error);
  }
}

async function listen(config: Config, log: Log, store: Store, master: Uint8Array): Promise<number> {
  const { values } = config;
  const scheme = values.tls_cert === undefined ? "http" : "https";
  let port = values.port ?? 8420;
  const core: Core = makeCore({
    config,
    store,
    log,
    master,
    letters,
    post: postFor(config, log),
    upstream: makeUpstream(),
    defaultUrl: () => `${scheme}://localhost:${port}`,
  });
  if (!(await adoptMasterKey(core)))
    throw new Failure("the master key is not the one this database was made with; restore the right one");
  const firstRun = await beginFirstRun(core, values.bootstrap_token ?? null);
  if (firstRun.state === "lost") throw lostHouse(config.data);

  const app = server(core);
  const host = values.host ?? "0.0.0.0";
  const placeOf = makePlaceOf(core.fixed.trustedProxies);
  const listener = bind(config, withAccessLog(core, placeOf, app.fetch), host, port);
  app.server = listener;
  port = listener.port ?? port;
  const { url, urlIsSet } = await policy(core);
  await announce(core, url);
  const token = firstRun.state === "open" ? firstRun.token : null;
  if (token !== null) {
    const urls = urlIsSet ? [url] : localUrls({ scheme, host, port });
    process.stderr.write(setupBlock(urls, token, tokenPath(config.data)));
  }
  log.info("listening", { url, host, port, data: config.data });
  process.stdout.write(`housekey: listening on ${url}\n`);

  ensureSigningKey(core).catch((error) =>
    log.error("no signing key could be made", { error: String(error) }),
  );
  const stopClockwork = startClockwork(core, { firstRunToken: token });
  const signal = await terminated();
  log.info("stopping", { signal });
  stopClockwork();
  await drain(listener);
  await flush(core);
  return 0;
}

const stopSeconds = 8;

/** Where letters go: to the mail server, or into files while there is none. */
function postFor({ values, data }: Config, log: Log): Post {
  const { hostname } = new URL(values.url ?? "http://localhost");
  // An address of a mailbox cannot end in an IP address.
  const from =
    values.mail_from ??
    `Housekey <housekey@${/[a-z]/i.test(hostname) && !hostname.includes(":") ? hostname : "localhost"}>`;
  try {
    if (values.smtp_url !== undefined) return makeSmtpPost({ url: values.smtp_url, from });
    return makeOutboxPost({ folder: join(data, "outbox"), from, clock: () => new Date(), log });
  } catch (error) {
    throw new ConfigError(
      `HOUSEKEY_SMTP_URL or HOUSEKEY_MAIL_FROM: ${error instanceof Error ? error.message : error}`,
    );
  }
}

/** Takes no more requests, lets those under way finish, and closes what is merely kept open. */
async function drain(listener: Server<undefined>): Promise<void> {
  const deadline = performance.now() + stopSeconds * 1000;
  // Resolves only once every client has hung up, which a kept-alive connection may not do for minutes.
  const quiet = listener.stop();
  while (listener.pendingRequests > 0 && performance.now() < deadline) await Bun.sleep(10);
  await listener.stop(true);
  await quiet;
}

function bind(config: Config, fetch: ReturnType<typeof withAccessLog>, hostname: string, port: number) {
  const { tls_cert, tls_key } = config.values;
  try {
    return Bun.serve({
      hostname,
      port,
      fetch,
      maxRequestBodySize: mostBytes,
      development: false,
      // Outside development Bun shares the port with whoever else asks: two houses would answer by turns.
      reusePort: false,
      ...(tls_cert !== undefined &&
        tls_key !== undefined && { tls: { cert: Bun.file(tls_cert), key: Bun.file(tls_key) } }),
    });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE")
      throw new ConfigError(`port ${port} is in use; stop what uses it, or choose another with --port`);
    throw new Failure(`cannot listen on ${hostname} port ${port}`, error);
  }
}

/** The one place where the token is shown; never in a log line. */
function setupBlock(urls: string[], token: string, file: string): string {
  const rule = "─".repeat(72);
  const links = urls.map((url) => `  ${url}/setup#token=${encodeURIComponent(token)}`);
  const how =
    urls.length > 1
      ? "Open one of these links to make the first admin:"
      : "Open this link to make the first admin:";
  return `\n${rule}\n  Housekey has no admin yet.\n  ${how}\n\n${links.join("\n")}\n\n  The token is also in ${file}\n${rule}\n\n`;
}

function terminated(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve(signal));
  return promise;
}

/** The last uses of sessions; a disk that is full by now is no reason to hang. */
async function flush(core: Core): Promise<void> {
  await writeSightings(core).catch((error) =>
    core.log.warn("the last uses of sessions were not kept", { error: String(error) }),
  );
}
