/** Opens a house for an operator's command, beside a server that may be running. */
import type { Config } from "../config.ts";
import { makeCore } from "../host/core.ts";
import { Failure } from "../host/failure.ts";
import { actAsOwner, databasePath, masterKey, requireHouse } from "../host/folder.ts";
import { makeLog } from "../host/log.ts";
import { machineOf } from "../host/machine.ts";
import type { Core } from "../identity/core.ts";
import { nothingSeen } from "../identity/doctor.ts";
import { adoptMasterKey } from "../identity/house.ts";
import { newMetrics } from "../identity/metrics.ts";
import type { Store } from "../identity/store.ts";
import { letters } from "../mail/texts.ts";
import { openSqlite } from "../store/sqlite.ts";
import { makeUpstream } from "../upstream/lazy.ts";

/** Runs `work` on the house in the configured folder. Throws `Failure` when there is none. */
export async function withHouse<T>(config: Config, work: (core: Core) => Promise<T>): Promise<T> {
  requireHouse(config.data);
  actAsOwner(config.data);
  const master = masterKey(config.data, config.values.master_key);
  const store = openHouse(databasePath(config.data));
  try {
    const listening = await store.read.house.listening();
    const core = makeCore({
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
    if (!(await adoptMasterKey(core)))
      throw new Failure("the master key is not the one this database was made with; restore the right one");
    return await work(core);
  } finally {
    await store.close();
  }
}

const noMail = (): Promise<never> => Promise.reject(new Error("commands send no mail"));

function openHouse(path: string): Store {
  try {
    return openSqlite(path);
  } catch (error) {
    throw new Failure(`cannot open ${path}`, error);
  }
}
