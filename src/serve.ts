/** `housekey serve`: takes the folder, opens the house, listens, and lets go in order. */
import pkg from "../package.json" with { type: "json" };
import { backupPlan } from "./backups.ts";
import type { Config } from "./config.ts";
import { writtenAhead } from "./doctor/clock-signs.ts";
import { examine, makeDoctor } from "./doctor/examine.ts";
import type { Patient } from "./doctor/patient.ts";
import { serveReport } from "./doctor/report.ts";
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
import { machineOf } from "./host/machine.ts";
import { postFor } from "./host/post.ts";
import { endServing, nearAddress, type Serving, tellServing, unendedRun } from "./host/serving.ts";
import { finishRestore } from "./host/swap.ts";
import { withAccessLog } from "./http/access.ts";
import { makePatternOf } from "./http/patterns.ts";
import { makePlaceOf } from "./http/place.ts";
import { beginFirstRun } from "./identity/bootstrap.ts";
import type { Core, Log } from "./identity/core.ts";
import { type Doctor, nothingSeen } from "./identity/doctor.ts";
import { writeGuardedHosts } from "./identity/guarded-host.ts";
import { adoptMasterKey, announce } from "./identity/house.ts";
import { type Metrics, newMetrics, noteWrite } from "./identity/metrics.ts";
import { policy } from "./identity/policy.ts";
import { examineProvider } from "./identity/provider.ts";
import { writeSightings } from "./identity/session.ts";
import { ensureSigningKey } from "./identity/signing-key.ts";
import type { Store } from "./identity/store.ts";
import { startClockwork } from "./jobs/clockwork.ts";
import { listen } from "./listen.ts";
import { letters } from "./mail/texts.ts";
import { server } from "./server.ts";
import { openSqlite } from "./store/sqlite.ts";
import { makeUpstream } from "./upstream/lazy.ts";

interface How {
  /** The line that says that it listens is for machines. */
  readonly json: boolean;
}

/** Serves until a signal; answers the exit code. */
export async function serve(config: Config, { json }: How): Promise<number> {
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
  const ahead = writtenAhead(config.data, new Date());
  finishRestore(config.data);
  if (isMarked(config.data) && !hasDatabase(config.data)) throw lostHouse(config.data);
  const master = masterKey(config.data, config.values.master_key);
  const metrics = newMetrics(machineOf(config.data));
  let unflushed: Date | null = null;
  const store = openHouse(config, log, metrics, () => {
    unflushed = new Date();
  });
  try {
    return await live({ config, json, log, store, master, metrics, ahead, unflushed: () => unflushed });
  } finally {
    await store.close();
    unlock();
  }
}

function openHouse(config: Config, log: Log, metrics: Metrics, onUnflushed: () => void): Store {
  const path = databasePath(config.data);
  try {
    return openSqlite(path, {
      recalled: metrics.recalled,
      onWrite: (milliseconds) => noteWrite(metrics, milliseconds),
      onSlowWrite: (milliseconds) => log.warn("a slow write", { milliseconds: Math.round(milliseconds) }),
      onUnflushed(error) {
        onUnflushed();
        log.error("the disk failed to keep what it took; nothing more is written until the next start", {
          error: String(error),
        });
      },
    });
  } catch (error) {
    throw new Failure(`cannot open ${path}`, error);
  }
}

interface Parts extends How {
  readonly config: Config;
  readonly log: Log;
  readonly store: Store;
  readonly master: Uint8Array;
  readonly metrics: Metrics;
  readonly unflushed: () => Date | null;

  /** Milliseconds by which what is in the folder is ahead of the clock. */
  readonly ahead: number;
}

async function live({ config, json, log, store, master, metrics, ahead, unflushed }: Parts): Promise<number> {
  const { values } = config;
  const scheme = values.tls_cert === undefined ? "http" : "https";
  let port = values.port ?? 8420;
  const defaultUrl = () => `${scheme}://localhost:${port}`;
  const began = { wall: Date.now(), ticks: performance.now() };
  const post = postFor(config, log);
  const seen = nothingSeen();
  const patient: Patient = {
    config,
    post,
    seen,
    clock: () => new Date(),
    clockMoved: () => Date.now() - began.wall - (performance.now() - began.ticks),
    ahead,
    crashed: unendedRun(config.data),
    unflushed,
    provider: () => examineProvider(core),
    defaultUrl,
  };
  const doctor = makeDoctor(patient);
  const upstream = makeUpstream();
  const watched = { metrics, doctor, seen };
  const core: Core = makeCore({
    config,
    store,
    log,
    master,
    letters,
    post,
    upstream,
    ...watched,
    defaultUrl,
  });
  if (!(await adoptMasterKey(core)))
    throw new Failure("the master key is not the one this database was made with; restore the right one");
  const firstRun = await beginFirstRun(core, values.bootstrap_token ?? null);
  if (firstRun.state === "lost") throw lostHouse(config.data);

  const app = server(core);
  const host = values.host ?? "0.0.0.0";
  const placeOf = makePlaceOf(core.fixed.trustedProxies);
  const listener = listen({
    config,
    host,
    port,
    log,
    fetch: withAccessLog(
      core,
      placeOf,
      app.fetch,
      makePatternOf(() => app.routes),
    ),
    onListen: (server) => {
      app.server = server;
    },
  });
  port = listener.port;
  const report = reportOf(doctor, log);
  let stopClockwork = (): void => {};
  try {
    tell(log, config.data, { address: nearAddress({ scheme, host, port }), report });
    const { url, urlIsSet } = await policy(core);
    await announce(core, url);
    const token = firstRun.state === "open" ? firstRun.token : null;
    if (token !== null) {
      const urls = urlIsSet ? [url] : localUrls({ scheme, host, port });
      process.stderr.write(setupBlock(urls, token, tokenPath(config.data)));
    }
    log.info("listening", { url, host, port, data: config.data });
    const told = json
      ? JSON.stringify({ url, host, port, data: config.data })
      : `housekey: listening on ${url}`;
    process.stdout.write(`${told}\n`);

    void countFindings(patient, log);
    ensureSigningKey(core).catch((error) =>
      log.error("no signing key could be made", { error: String(error) }),
    );
    stopClockwork = startClockwork(core, { firstRunToken: token, backups: backupPlan(config) });
    const signal = await terminated();
    log.info("stopping", { signal });
    return 0;
  } finally {
    // Nothing may keep the process alive, also when a damaged database could not take where the house listens.
    stopClockwork();
    await listener.drain();
    await report?.stop();
    await flush(core);
    endServing(config.data);
  }
}

/** A machine that has no loopback is no reason not to serve. */
function reportOf(doctor: Doctor, log: Log): ReturnType<typeof serveReport> | null {
  try {
    return serveReport(doctor);
  } catch (error) {
    log.warn("commands beside this server cannot ask it", { error: String(error) });
    return null;
  }
}

/** Leaves word for commands on this machine, and for the next start. A disk that is full is no reason not to serve. */
function tell(log: Log, folder: string, { address, report }: Pick<Serving, "address" | "report">): void {
  try {
    const told = report && { port: report.port, key: report.key };
    tellServing(folder, { since: new Date().toISOString(), version: pkg.version, address, report: told });
  } catch (error) {
    log.warn("commands beside this server will not find it", { error: String(error) });
  }
}

/** One line about what wants mending; it holds nothing up. */
async function countFindings(patient: Patient, log: Log): Promise<void> {
  const steps = await examine(patient, { quick: true, clientNow: null });
  const names = [...new Set(steps.filter(({ ok }) => !ok).map(({ name }) => name))];
  if (names.length === 0) return log.info("nothing wants mending, at a quick look");
  log.warn('some of what this house stands on wants mending; "housekey doctor" says how', {
    findings: names.length,
    about: names.join(", "),
  });
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

/** The last uses of sessions and of other applications' hosts; a disk that is full by now is no reason to hang. */
async function flush(core: Core): Promise<void> {
  const work = async () => {
    await writeSightings(core);
    await writeGuardedHosts(core);
  };
  await work().catch((error) =>
    core.log.warn("the last uses of sessions were not kept", { error: String(error) }),
  );
}
