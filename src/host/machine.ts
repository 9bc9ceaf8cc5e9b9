import { statSync } from "node:fs";
import type { Machine } from "../identity/metrics.ts";
import { databasePath } from "./folder.ts";

/** This process, and the log of the database in `folder`. */
export function machineOf(folder: string): Machine {
  const log = `${databasePath(folder)}-wal`;
  return {
    startedAt: Math.round(Date.now() / 1000 - process.uptime()),
    residentBytes: () => process.memoryUsage.rss(),
    cpuSeconds() {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
    logBytes: () => statSync(log, { throwIfNoEntry: false })?.size ?? 0,
  };
}
