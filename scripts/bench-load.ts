/** Load from outside the process under test: wrk, on one thread, every connection asking again once it is answered. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, type Server } from "./bench-process.ts";

export const connections = 32;
export const threads = 1;
const longestSilence = 10;

const summary = `
local threads = {}

function setup(thread) threads[#threads + 1] = thread end

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

/** Every request is written out beforehand, whatever it carries: the generator's work is the same. */
const drawing = `${summary}
local requests = {}

function init(args)
  wrong = 0
  math.randomseed(tonumber(args[1]))
  local method, body, file = args[2], args[3], args[4]
  local function written(line)
    local function filled(text) return (text:gsub("{}", function() return line end)) end
    local headers = {}
    for index = 5, #args, 2 do headers[args[index]] = filled(args[index + 1]) end
    return wrk.format(method, nil, headers, body ~= "" and filled(body) or nil)
  end
  if file ~= "" then
    for line in io.lines(file) do requests[#requests + 1] = written(line) end
  else
    for line = 1, 1000 do requests[line] = written("") end
  end
end

function request() return requests[math.random(#requests)] end
`;

/** Looks at every answer, which the generator pays for: for warming up, not for measuring. */
const strict = `
function response(status) if status < 200 or status > 299 then wrong = wrong + 1 end end
`;

/** Every token is good once: begins with its share of the file, and goes on with what it is given for each. */
const rotating = `${summary}
local queue, first, last = {}, 1, 0
local headers = { ["Content-Type"] = "application/json" }

function init(args)
  wrong = 0
  local from, count, seen = tonumber(args[1]), tonumber(args[2]), 0
  for line in io.lines(args[3]) do
    if seen >= from and last < count then
      last = last + 1
      queue[last] = line
    end
    seen = seen + 1
  end
end

function request()
  local token = queue[first]
  first = first + 1
  return wrk.format("POST", nil, headers, '{"refresh_token":"' .. token .. '"}')
end

function response(status, _, body)
  if status ~= 200 then
    wrong = wrong + 1
    return
  end
  last = last + 1
  queue[last] = body:match('"refresh_token":"([^"]+)"')
end
`;

export interface Asked {
  readonly server: Server;
  readonly path: string;
  readonly method?: "POST";

  /** A file; each request carries a random line of it wherever `{}` stands in its headers or its body. */
  readonly lines?: string;

  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;

  /** Open at once, each with one request under way; 32 unless told. */
  readonly connections?: number;
}

export interface Rotated {
  readonly server: Server;
  readonly path: string;

  /** A file of refresh tokens that nobody has spent, and the share of it that is this run's. */
  readonly lines: string;
  readonly from: number;
  readonly count: number;
}

export interface Answered {
  readonly requests: number;
  readonly perSecond: number;

  /** In milliseconds, under a load that never lets up. */
  readonly p50: number;
  readonly p99: number;

  /** Processor time the server used, in microseconds. */
  readonly cpuPerRequest: number;

  /** How much of one core the server used; well under 1, the generator or the machine was the limit. */
  readonly cpuShare: number;
}

interface During {
  readonly seconds: number;

  /** Chooses the order of the lines. */
  readonly seed: number;
}

/** Asks for `seconds` and tells how it went. Throws when a connection broke or an answer was an error (a status over 399). */
export interface Loads {
  readonly measure: (asked: Asked, during: During) => Promise<Answered>;

  /** The same, slower: looks at every single answer and throws unless all were a success. */
  readonly warm: (asked: Asked, during: During) => Promise<void>;

  /** Spends refresh tokens, each for the next. Throws unless all answers were a 200. */
  readonly rotate: (rotated: Rotated, seconds: number) => Promise<Answered>;
}

/**
 * Keeps the generator's scripts in `folder`. Where there is no time to warm up, `measure` looks at every answer,
 * because something has to.
 */
export function makeLoads(folder: string, { warms }: { warms: boolean }): Loads {
  const kept = (name: string, script: string) => {
    const path = join(folder, name);
    writeFileSync(path, script);
    return path;
  };

  async function load(
    script: string,
    { server, path }: { server: Server; path: string },
    how: How,
  ): Promise<Answered> {
    const url = server.url + path;
    const before = server.cpu();
    const printed = await run(
      [
        ...["wrk", `--threads=${threads}`, `--connections=${how.connections}`, `--duration=${how.seconds}s`],
        ...["--timeout=10s", `--script=${script}`, url, "--", ...how.args],
      ],
      { cwd: folder, seconds: how.seconds + 20 },
    );
    const answered = judge(url, printed, server.cpu() - before);
    // A slow hash on a busy machine takes longer than a small run lasts.
    if (answered.requests > 0 || how.seconds > longestSilence) return answered;
    return load(script, { server, path }, { ...how, seconds: how.seconds * 2 });
  }

  const drawn =
    (script: string) =>
    (asked: Asked, { seconds, seed }: During) => {
      const { method = "GET", body = "", lines = "", headers = {} } = asked;
      const args = [String(seed), method, body, lines, ...Object.entries(headers).flat()];
      return load(script, asked, { seconds, args, connections: asked.connections ?? connections });
    };
  const rotation = kept("rotating.lua", rotating);
  const checked = drawn(kept("strict.lua", drawing + strict));
  return {
    measure: warms ? drawn(kept("drawing.lua", drawing)) : checked,
    async warm(asked, during) {
      if (warms) await checked(asked, during);
    },
    rotate: (rotated, seconds) => {
      const { from, count, lines } = rotated;
      return load(rotation, rotated, { seconds, connections, args: [String(from), String(count), lines] });
    },
  };
}

interface How {
  readonly seconds: number;
  readonly args: readonly string[];
  readonly connections: number;
}

function judge(url: string, printed: string, cpuSeconds: number): Answered {
  const [, ...figures] = /^measured (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)$/m.exec(printed) ?? [];
  const [requests = 0, micros = 0, p50 = 0, p99 = 0, broken = 0, wrong = 0] = figures.map(Number);
  if (micros === 0 || broken > 0 || wrong > 0)
    throw new Error(
      `${url}: ${requests} answers, ${wrong} of them wrong, ${broken} connections broken:\n${printed}`,
    );
  return {
    requests,
    perSecond: requests / (micros / 1e6),
    p50: p50 / 1000,
    p99: p99 / 1000,
    cpuPerRequest: (cpuSeconds * 1e6) / requests,
    cpuShare: cpuSeconds / (micros / 1e6),
  };
}
