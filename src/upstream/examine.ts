/** Tries a provider out, step by step up to the first that fails, so that whoever sets it up knows what to mend. */
import type { Step } from "../identity/doctor.ts";
import { type Client, UpstreamFault } from "../identity/upstream.ts";
import { type Flow, tryClient } from "./code-flow.ts";
import type { Description } from "./directory.ts";

/** Clocks further apart than this refuse each other's tokens. */
const mostSkewSeconds = 60;

export async function examine(flow: Flow, client: Client, now: Date): Promise<Step[]> {
  const steps: Step[] = [];
  /** Adds the step; answers what it found, or null when it failed. */
  async function step<T>(
    name: string,
    work: () => Promise<readonly [found: T, message: string]>,
  ): Promise<T | null> {
    try {
      const [found, message] = await work();
      steps.push({ name, ok: true, message });
      return found;
    } catch (error) {
      if (!(error instanceof UpstreamFault)) throw error;
      const { words, fix } = error;
      steps.push({ name, ok: false, message: words, ...(fix !== undefined && { fix }) });
      return null;
    }
  }

  const { host } = new URL(client.issuer);
  const description = await step("discovery", async () => {
    const found = await flow.directory.describe(client.issuer, now, { anew: true });
    return [found, `${host} describes itself, and calls itself what was entered.`];
  });
  if (!description) return steps;
  const keys = await step("keys", async () => {
    const { keys } = await flow.directory.keys(description, now, { anew: true });
    return [keys, `${keys.length} keys to check ID tokens with.`];
  });
  if (!keys) return steps;
  await step("clock", async () => [true, clockMessage(description, now)]);
  await step("client", async () => {
    await tryClient(flow, client, now);
    return [true, "The provider accepts this house's client id and the way it proves who it is."];
  });
  return steps;
}

function clockMessage({ date }: Description, now: Date): string {
  if (date === null) return "The provider does not say what time it is there.";
  const apart = Math.round(Math.abs(now.getTime() - date) / 1000);
  if (apart <= mostSkewSeconds) return "Its clock and this house's agree.";
  const span = apart < 120 ? `${apart} seconds` : `${Math.round(apart / 60)} minutes`;
  throw new UpstreamFault(
    "unavailable",
    `Its clock and this house's are ${span} apart, so no ID token will hold.`,
    {
      fix: "Set both clocks, by a time server.",
    },
  );
}
