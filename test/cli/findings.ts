/** What `housekey doctor` says, for stories. */
import { expect } from "bun:test";
import type { Step } from "../../src/identity/doctor.ts";
import { run } from "../binary.ts";

export interface Findings {
  /** Whether a running server answered. */
  readonly served: boolean;

  readonly steps: readonly Step[];
  readonly wrong: readonly Step[];

  /** What is wrong with one thing. */
  of(name: string): Step[];
}

/** The exit code has to say the same as the findings, and each finding how to mend it. */
export async function findings(
  cwd: string,
  { args = [], env = {} }: { args?: string[]; env?: Record<string, string> } = {},
): Promise<Findings> {
  const { exitCode, stdout } = await run(["doctor", "--json", ...args], { cwd, env });
  const { ok, served, steps }: { ok: boolean; served: boolean; steps: Step[] } = JSON.parse(stdout);
  expect([exitCode, ok]).toEqual(steps.every((step) => step.ok) ? [0, true] : [1, false]);
  const wrong = steps.filter((step) => !step.ok);
  for (const { message, fix } of wrong) expect([message, (fix?.length ?? 0) > 10]).toEqual([message, true]);
  return { served, steps, wrong, of: (name) => wrong.filter((step) => step.name === name) };
}
