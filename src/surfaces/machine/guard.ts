import { guard } from "../../http/guard.ts";
import type { Core } from "../../identity/core.ts";
import { authenticate, authenticateAny, isFresh } from "../../identity/session.ts";

export const machineGuard = (core: Core) => guard(core, { authenticate, authenticateAny, isFresh });
