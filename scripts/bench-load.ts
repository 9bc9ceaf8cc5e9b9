/** Load from outside the process under test: wrk, on one thread, every connection asking again once it is answered. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, type Server } from "./bench-process.ts";

export const connections = 32;
export const threads = 1;

/** Every request is written out beforehand, whether it carries a token or not: the generator's work is the same. */
const script = `
local requests, threads = {}, {}

function setup(thread) threads[#threads + 1] = thread end

function init(args)
  wrong = 0
  math.randomseed(tonumber(args[1]))
  if args[2] then
    for token in io.lines(args[2]) do
      requests[#requests + 1] = wrk.format("GET", nil, { ["Authorization"] = "Bearer " .. token })
    end
  else
    for line = 1, 1000 do requests[line] = wrk.format("GET") end
  end
end

function request() return requests[math.random(#requests)] end

function done(summary, latency)
  local wrong = 0
  for _, thread in ipairs(threads) do wrong = wrong + thread:get("wrong") end
  local e = summary.errors
  io.write(string.format(
    "\\nmeasured %d %d %d %d %d %d\\n",
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.timeout, e.status + wrong))
end
`;

/** Looks at every answer, which the generator pays for: for warming up, not for measuring. */
const strict = `
function response(status) if status ~= 200 then wrong = wrong + 1 end end
`;

export interface Asked {
  readonly server: Server;
  readonly path: string;

  /** A file of Bearer tokens, one a line; each request carries a random one. Absent: none does. */
  readonly tokens?: string;
}

export interface Answered {
  readonly perSecond: number;

  /** In milliseconds, under a load that never lets up. */
  readonly p50: number;
  readonly p99: number;

  /** Processor time the server used, in microseconds. */
  readonly cpuPerRequest: number;

  /** How much of one core the server used; well under 1, the generator or the machine was the limit. */
  readonly cpuShare: number;
}

/**
 * Asks for `seconds` and tells how it went; `seed` chooses the order of the tokens. Throws when a connection
 * broke or an answer was an error (wrk counts every status over 399).
 */
export type Load = (asked: Asked, during: { seconds: number; seed: number }) => Promise<Answered>;

export interface Loads {
  readonly measure: Load;

  /** The same, slower: looks at every single answer and throws unless all were a 200. */
  readonly warm: Load;
}

/** Keeps the generator's scripts in `folder`. */
export function makeLoads(folder: string): Loads {
  const paths = { measure: join(folder, "load.lua"), warm: join(folder, "strict.lua") };
  writeFileSync(paths.measure, script);
  writeFileSync(paths.warm, script + strict);

  const loading =
    (path: string): Load =>
    async ({ server, path: asked, tokens }, { seconds, seed }) => {
      const url = server.url + asked;
      const before = server.cpu();
      const printed = await run(
        [
          ...["wrk", `--threads=${threads}`, `--connections=${connections}`, `--duration=${seconds}s`],
          ...["--timeout=10s", `--script=${path}`, url, "--", String(seed)],
          ...(tokens === undefined ? [] : [tokens]),
        ],
        { cwd: folder, seconds: seconds + 20 },
      );
      return judge(url, printed, server.cpu() - before);
    };
  return { measure: loading(paths.measure), warm: loading(paths.warm) };
}

function judge(url: string, printed: string, cpuSeconds: number): Answered {
  const [, ...figures] = /^measured (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)$/m.exec(printed) ?? [];
  const [requests = 0, micros = 0, p50 = 0, p99 = 0, broken = 0, wrong = 0] = figures.map(Number);
  if (requests === 0 || broken > 0 || wrong > 0)
    throw new Error(
      `${url}: ${requests} answers, ${wrong} of them wrong, ${broken} connections broken:\n${printed}`,
    );
  return {
    perSecond: requests / (micros / 1e6),
    p50: p50 / 1000,
    p99: p99 / 1000,
    cpuPerRequest: (cpuSeconds * 1e6) / requests,
    cpuShare: cpuSeconds / (micros / 1e6),
  };
}
