/** The public surface: whatever watches the process. */
import { Elysia } from "elysia";
import type { Core } from "../../identity/core.ts";
import { proveWritable } from "../../identity/house.ts";
import { publicKeys } from "../../identity/signing-key.ts";

export const open = (core: Core) => {
  const healthy = () => ({ status: "ok" });
  const ready = async () => {
    await proveWritable(core);
    return { status: "ready" };
  };

  // Many probes ask with HEAD, and Elysia adds none of its own.
  return new Elysia({ name: "public" })
    .get("/healthz", healthy)
    .head("/healthz", healthy)
    .get("/readyz", ready)
    .head("/readyz", ready)
    .get("/.well-known/jwks.json", ({ set }) => {
      set.headers["cache-control"] = "public, max-age=300";
      return publicKeys(core);
    });
};
