/** What runs by the clock while the house is served. */
import { renewFirstRun } from "../identity/bootstrap.ts";
import type { Core } from "../identity/core.ts";
import { writeSightings } from "../identity/session.ts";

interface Job {
  readonly name: string;
  readonly seconds: number;
  readonly run: () => Promise<void>;
}

/** Starts the jobs; answers how to stop them. One that fails is logged and comes round again. */
export function startClockwork(core: Core, { firstRunToken }: { firstRunToken: string | null }): () => void {
  const jobs: Job[] = [{ name: "last seen", seconds: 10, run: () => writeSightings(core) }];
  if (firstRunToken !== null)
    jobs.push({ name: "first-run token", seconds: 3600, run: () => renewFirstRun(core, firstRunToken) });

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
