import { guard } from "../../http/guard.ts";
import { authenticate, authenticateAny, isFresh } from "../../identity/caller.ts";
import type { Core } from "../../identity/core.ts";

export const machineGuard = (core: Core) => guard(core, { authenticate, authenticateAny, isFresh });
