/** What runs by the clock while the house is served. */
import { sweepAudit } from "../identity/audit.ts";
import { renewFirstRun } from "../identity/bootstrap.ts";
import { sweepCeremonies } from "../identity/ceremony.ts";
import type { Core } from "../identity/core.ts";
import { sweepDevices } from "../identity/device.ts";
import { writeGuardedHosts } from "../identity/guarded-host.ts";
import { sendDue } from "../identity/mail.ts";
import { sweepCodes } from "../identity/mail-code.ts";
import { writeSightings } from "../identity/session.ts";
import { sweepDead } from "../identity/sweep.ts";
import { sweepThrottles } from "../identity/throttle.ts";
import { askSeconds, type BackupPlan, scheduledBackup } from "./backup.ts";

interface Job {
  readonly name: string;
  readonly seconds: number;
  readonly run: () => Promise<unknown>;
}

interface Clockwork {
  readonly firstRunToken: string | null;
  readonly backups: BackupPlan | null;
}

/** Starts the jobs; answers how to stop them. One that fails is logged and comes round again. */
export function startClockwork(core: Core, { firstRunToken, backups }: Clockwork): () => void {
  const jobs: Job[] = [
    { name: "last seen", seconds: 1, run: () => writeSightings(core, 500) },
    { name: "guarded hosts", seconds: 60, run: () => writeGuardedHosts(core) },
    { name: "mail", seconds: 1, run: () => sendDue(core) },
    { name: "expired codes", seconds: 600, run: () => sweepCodes(core) },
    { name: "expired ceremonies", seconds: 600, run: () => sweepCeremonies(core) },
    { name: "old device codes", seconds: 600, run: () => sweepDevices(core) },
    { name: "what is long dead", seconds: 3600, run: () => sweepDead(core) },
    { name: "old audit lines", seconds: 3600, run: () => sweepAudit(core) },
    { name: "forgotten failures", seconds: 600, run: () => sweepThrottles(core) },
  ];
  if (firstRunToken !== null)
    jobs.push({ name: "first-run token", seconds: 3600, run: () => renewFirstRun(core, firstRunToken) });
  if (backups !== null)
    jobs.push({ name: "backup", seconds: askSeconds(backups), run: scheduledBackup(core, backups) });

  const timers = jobs.map(({ name, seconds, run }) => {
    let running = false;
    return setInterval(async () => {
      if (running) return;
      running = true;
      try {
        await run();
      } catch (error) {
        core.log.warn("a job failed", { job: name, error: String(error) });
      }
      running = false;
    }, seconds * 1000);
  });
  return () => timers.forEach(clearInterval);
}
