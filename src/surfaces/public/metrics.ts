import { timingSafeEqual } from "node:crypto";
import { Elysia } from "elysia";
import pkg from "../../../package.json" with { type: "json" };
import { exposition, expositionType, type Family, histogram } from "../../http/exposition.ts";
import { takePlace } from "../../http/limits.ts";
import { peerOf } from "../../http/place.ts";
import type { Core } from "../../identity/core.ts";
import { type Levels, levels } from "../../identity/levels.ts";
import { type Metrics, writeBuckets } from "../../identity/metrics.ts";
import { Refusal } from "../../identity/refusal.ts";

export const metrics = (core: Core) =>
  new Elysia().get("/metrics", async ({ request, server, set }) => {
    const address = peerOf(request, server);
    if (!mayWatch(core.fixed.metricsToken, request, address)) {
      if (core.fixed.metricsToken === null) throw new Refusal("NOT_FOUND");
      takePlace(core, "general", address, set.headers);
      throw new Refusal("UNAUTHENTICATED");
    }
    set.headers["content-type"] = expositionType;
    return exposition(families(core.metrics, await levels(core)));
  });

const forwarding = [
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
  "via",
];

/**
 * By the token; or, without one, from this machine and by a name that only this machine has: a proxy beside the house
 * makes every stranger look local.
 */
function mayWatch(token: string | null, { headers }: Request, address: string): boolean {
  const shown = headers.get("authorization");
  if (token !== null && shown !== null) return sameText(shown.replace(/^bearer +/i, ""), token);
  const isNear = /^(127\.|::1$)/.test(address) && !forwarding.some((name) => headers.has(name));
  return isNear && /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(headers.get("host") ?? "localhost");
}

function sameText(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** `key` is words with a space in between; `names` are what they are. */
function counted(counts: ReadonlyMap<string, number>, ...names: readonly string[]): Family["samples"] {
  return [...counts].sort().map(([key, value]) => {
    const words = key.split(" ");
    return { labels: Object.fromEntries(names.map((name, index) => [name, words[index] ?? ""])), value };
  });
}

function families({ requests, signIns, writes, recalled, machine }: Metrics, now: Levels): Family[] {
  const one = (value: number) => [{ value }];
  const sessions = Object.entries(now.sessions).map(([kind, value]) => ({ labels: { kind }, value }));
  return [
    family(
      "counter",
      "http_requests_total",
      "Requests answered, by route.",
      counted(requests, "method", "route", "status"),
    ),
    family(
      "counter",
      "sign_ins_total",
      "Sign-ins by what proved them, and how they ended.",
      counted(signIns, "method", "result"),
    ),
    family("gauge", "hashes_running", "Passwords that are hashed right now.", one(now.hashes.running)),
    family("gauge", "hashes_waiting", "Passwords that wait to be hashed.", one(now.hashes.waiting)),
    family("gauge", "mails_queued", "Letters that wait to be sent.", one(now.mails)),
    family("gauge", "sessions_open", "Open sessions by kind.", sessions),
    family(
      "histogram",
      "store_write_seconds",
      "How long a commit held the writer.",
      histogram(writeBuckets, writes.buckets, writes.seconds),
    ),
    family("gauge", "store_log_bytes", "Size of the write-ahead log.", one(machine.logBytes())),
    family(
      "counter",
      "session_checks_recalled_total",
      "Session checks answered from memory.",
      one(recalled.hits),
    ),
    family(
      "counter",
      "session_checks_read_total",
      "Session checks that asked the database.",
      one(recalled.misses),
    ),
    family("gauge", "build_info", "Always 1; the version is the label.", [
      { labels: { version: pkg.version }, value: 1 },
    ]),
    ofProcess("gauge", "resident_memory_bytes", "Resident memory size in bytes.", machine.residentBytes()),
    ofProcess(
      "counter",
      "cpu_seconds_total",
      "User and system CPU time spent in seconds.",
      machine.cpuSeconds(),
    ),
    ofProcess("gauge", "start_time_seconds", "When it was started, in unix seconds.", machine.startedAt),
  ];
}

const family = (type: Family["type"], name: string, help: string, samples: Family["samples"]): Family => ({
  name: `housekey_${name}`,
  help,
  type,
  samples,
});

/** Under the names that every exporter has for them. */
const ofProcess = (type: Family["type"], name: string, help: string, value: number): Family => ({
  name: `process_${name}`,
  help,
  type,
  samples: [{ value }],
});
