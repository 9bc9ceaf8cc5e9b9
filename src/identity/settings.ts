/** What an admin decides in the running house. What the environment decided stands above it and cannot be patched. */
import { type Actor, requireStill } from "./actor.ts";
import { record } from "./audit.ts";
import type { BypassRule } from "./bypass.ts";
import type { Core } from "./core.ts";
import type { FormerHost } from "./domain.ts";
import { type Lifetimes, type Policy, policy, type Registration } from "./policy.ts";
import { Refusal } from "./refusal.ts";
import { refuseLockOut } from "./way-in.ts";

export interface Settings {
  readonly url?: string;
  readonly registration?: Registration;
  readonly localLogin?: boolean;
  readonly mailLogin?: boolean;
  readonly lifetimes?: Partial<Lifetimes>;
  readonly auditDays?: number;

  /** What is open to everybody at applications that ask here whom to let in. */
  readonly forwardBypass?: readonly BypassRule[];

  /** Where the house was before it moved, until the move is over. */
  readonly formerHost?: FormerHost | null;
}

export interface SettingsReads {
  /** The same object until something changed, in this process or another. */
  current(): Promise<Settings> | Settings;
}

export interface SettingsWrites extends SettingsReads {
  /** What is null is forgotten. */
  put(settings: Settings): Promise<void>;
}

/** The names the environment fixes, as `settings` calls them: `registration`, `lifetimes.session`. */
export function fixedNames(core: Core): string[] {
  const { lifetimes, ...plain } = core.fixed.settings;
  return [...Object.keys(plain), ...Object.keys(lifetimes ?? {}).map((name) => `lifetimes.${name}`)];
}

/**
 * Takes over the fields that `patch` has; answers the policy that results.
 *
 * Refuses: `SETTING_FIXED` for a field of the environment's, `LAST_SIGN_IN_METHOD` when switching local
 * login off would leave no admin a way in.
 */
export async function patchSettings(core: Core, patch: Settings, by: Actor): Promise<Policy> {
  const { lifetimes, ...plain } = patch;
  const asked = [...Object.keys(plain), ...Object.keys(lifetimes ?? {}).map((name) => `lifetimes.${name}`)];
  const fixed = fixedNames(core).filter((name) => asked.includes(name));
  if (fixed.length > 0)
    throw new Refusal("SETTING_FIXED", {
      details: fixed.map((path) => ({ path, message: "The environment decides this one." })),
    });
  await core.store.write(async (tx) => {
    await requireStill(tx, by, "settings:write");
    const before = await tx.settings.current();
    const next = { ...before, ...plain };
    await refuseLockOut(core, tx, next);
    await tx.settings.put({ ...before, ...plain, lifetimes: { ...before.lifetimes, ...lifetimes } });
    await record(core, tx, by.place, {
      event: "settings.changed",
      actorId: by.userId,
      reason: asked.join(" "),
    });
  });
  return policy(core);
}
