/**
 * The server's own answer for commands on the same machine: what requests brought it alone knows, and the settings it
 * runs with may be in an environment that no shell has. Whoever can read the data folder may ask.
 */
import { randomBytes, timingSafeEqual } from "node:crypto";
import type { Report } from "../host/serving.ts";
import type { Doctor, Step } from "../identity/doctor.ts";

const patience = 90;

/** Listens on this machine alone, for whoever has the key. */
export function serveReport(doctor: Doctor): Report & { stop(): Promise<void> } {
  const key = randomBytes(32).toString("hex");
  const listener = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request, server) {
      const shown = Buffer.from(request.headers.get("authorization") ?? "");
      const wanted = Buffer.from(`Bearer ${key}`);
      if (shown.length !== wanted.length || !timingSafeEqual(shown, wanted))
        return new Response(null, { status: 401 });
      server.timeout(request, patience);
      return Response.json(await doctor.examine());
    },
  });
  return { key, port: listener.port ?? 0, stop: () => listener.stop(true) };
}

/** Null when nobody answers there any more. */
export async function askReport({ port, key }: Report): Promise<Step[] | null> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/`, {
      headers: { authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(patience * 1000),
    });
    return answer.ok ? ((await answer.json()) as Step[]) : null;
  } catch {
    return null;
  }
}
