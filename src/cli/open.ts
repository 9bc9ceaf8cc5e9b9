/** Opens a house for an operator's command, beside a server that may be running. */
import pkg from "../../package.json" with { type: "json" };
import type { Config } from "../config.ts";
import { makeCore } from "../host/core.ts";
import { Failure } from "../host/failure.ts";
import { databasePath, enterHouse, masterKey, tryLock } from "../host/folder.ts";
import { makeLog } from "../host/log.ts";
import { machineOf } from "../host/machine.ts";
import { readServing } from "../host/serving.ts";
import type { Core } from "../identity/core.ts";
import { nothingSeen } from "../identity/doctor.ts";
import { adoptMasterKey } from "../identity/house.ts";
import { newMetrics } from "../identity/metrics.ts";
import type { Store } from "../identity/store.ts";
import { letters } from "../mail/texts.ts";
import { isBehind } from "../store/migrate.ts";
import { openSqlite } from "../store/sqlite.ts";
import { makeUpstream } from "../upstream/lazy.ts";

/** Runs `work` on the house in the configured folder. Throws `Failure` when there is none. */
export async function withHouse<T>(config: Config, work: (core: Core) => Promise<T>): Promise<T> {
  enterHouse(config.data);
  const master = masterKey(config.data, config.values.master_key);
  const store = await openHouse(config.data);
  try {
    const core = await commandCore(config, store, master);
    if (!(await adoptMasterKey(core)))
      throw new Failure("the master key is not the one this database was made with; restore the right one");
    return await work(core);
  } finally {
    await store.close();
  }
}

/** The core as a command has it. */
export async function commandCore(config: Config, store: Store, master: Uint8Array): Promise<Core> {
  const listening = await store.read.house.listening();
  return makeCore({
    config,
    store,
    master,
    letters,
    // A command only queues letters; the server sends them.
    post: { deliver: noMail, examine: noMail },
    metrics: newMetrics(machineOf(config.data)),
    doctor: { examine: async () => [] },
    seen: nothingSeen(),
    upstream: makeUpstream(),
    defaultUrl: () => listening ?? `http://localhost:${config.values.port ?? 8420}`,
    log: makeLog({
      form: "pretty",
      level: "warn",
      clock: () => new Date(),
      write: (line) => void process.stderr.write(line),
    }),
  });
}

const noMail = (): Promise<never> => Promise.reject(new Error("commands send no mail"));

async function openHouse(folder: string): Promise<Store> {
  const path = databasePath(folder);
  try {
    const unlock = await lockToUpgrade(folder);
    const store = openSqlite(path);
    unlock();
    return store;
  } catch (error) {
    throw error instanceof Failure ? error : new Failure(`cannot open ${path}`, error);
  }
}

const patience = 5000;

/**
 * Takes the folder while the database is brought up to this version; answers how to let go. A server of an older
 * version knows only the database it opened, so beneath one nothing is changed. Throws `Failure`.
 */
async function lockToUpgrade(folder: string): Promise<() => void> {
  for (let waited = 0; isBehind(databasePath(folder)); waited += 50) {
    const unlock = tryLock(folder);
    if (unlock) return unlock;
    // A server that starts, or another command, has the folder for a moment, and says nothing of itself.
    const serving = readServing(folder);
    if (serving || waited >= patience) {
      const its = serving?.version === undefined ? "an older version" : `housekey ${serving.version}`;
      throw new Failure(
        `the running server is ${its}, and this is housekey ${pkg.version}, whose database is another; ` +
          "restart the server with this version first; nothing was changed",
      );
    }
    await Bun.sleep(50);
  }
  return () => {};
}
