/** The public surface: whatever watches the process. */
import { type Context, Elysia } from "elysia";
import type { Core } from "../../identity/core.ts";
import { relatedOrigins } from "../../identity/domain.ts";
import { proveWritable } from "../../identity/house.ts";
import { publicKeys } from "../../identity/signing-key.ts";
import { metrics } from "./metrics.ts";

export const open = (core: Core) => {
  const healthy = () => ({ status: "ok" });
  const ready = async () => {
    await proveWritable(core);
    return { status: "ready" };
  };

  const related = async ({ set }: Pick<Context, "set">) => {
    set.headers["cache-control"] = "public, max-age=300";
    return { origins: await relatedOrigins(core) };
  };

  // Where people are sent from a device, by any of the names that clients have for it: one page answers.
  const toDevice = ({ request, set }: Pick<Context, "request" | "set">): void => {
    const { search } = new URL(request.url);
    set.status = 302;
    set.headers.location = `/device${search}`;
  };

  // Many probes ask with HEAD, and Elysia adds none of its own.
  return new Elysia({ name: "public" })
    .get("/healthz", healthy)
    .head("/healthz", healthy)
    .get("/readyz", ready)
    .head("/readyz", ready)
    .get("/.well-known/webauthn", related)
    .head("/.well-known/webauthn", related)
    .use(metrics(core))
    .get("/auth/device", toDevice)
    .get("/link", toDevice)
    .get("/.well-known/jwks.json", ({ set }) => {
      set.headers["cache-control"] = "public, max-age=300";
      return publicKeys(core);
    });
};
