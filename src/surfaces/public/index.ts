/** The public surface: whatever watches the process. */
import { Elysia } from "elysia";
import type { Core } from "../../identity/core.ts";
import { proveWritable } from "../../identity/house.ts";

export const open = (core: Core) =>
  new Elysia({ name: "public" })
    .get("/healthz", () => ({ status: "ok" }))
    .get("/readyz", async () => {
      await proveWritable(core);
      return { status: "ready" };
    });
