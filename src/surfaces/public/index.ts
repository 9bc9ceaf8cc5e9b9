/** The public surface: whatever watches the process. */
import { Elysia } from "elysia";
import type { Core } from "../../identity/core.ts";
import { proveWritable } from "../../identity/house.ts";
import { publicKeys } from "../../identity/signing-key.ts";

export const open = (core: Core) =>
  new Elysia({ name: "public" })
    .get("/healthz", () => ({ status: "ok" }))
    .get("/.well-known/jwks.json", ({ set }) => {
      set.headers["cache-control"] = "public, max-age=300";
      return publicKeys(core);
    })
    .get("/readyz", async () => {
      await proveWritable(core);
      return { status: "ready" };
    });
