/** Thousands who take their time: with the head of a request, with its body, with reading the answer. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { bootstrap, emptyFolder, type House, startHouse } from "../../binary.ts";
import type { Fault, Figure } from "../fault.ts";
import {
  highest,
  mebibytes,
  openFiles,
  ownMemory,
  type Probed,
  percentile,
  spread,
  whileProbing,
} from "../measure.ts";
import { trafficEnv } from "../traffic.ts";

interface Slowness {
  readonly what: string;

  /** For slowhttptest: a few bytes every three seconds. */
  readonly args: readonly string[];
  readonly path: string;

  /** Beyond which it is the kernel's memory for sockets that gives out, and with it everybody's connections. */
  readonly most?: number;

  /** Seconds until nobody of them is connected any more; who reads on, however slowly, is let. */
  readonly cut: number | null;
}

const drip = ["-i", "3"];

const kinds: readonly Slowness[] = [
  { what: "slow heads", args: ["-H", ...drip], path: "/healthz", cut: 20 },
  {
    what: "slow bodies",
    args: ["-B", ...drip, "-f", "application/json", "-s", "60000"],
    path: "/auth/local/login",
    cut: 20,
  },
  {
    what: "slow readers",
    args: ["-X", "-w", "10", "-y", "20", "-n", "3", "-z", "32", "-k", "1"],
    path: "/docs/json",
    most: 500,
    cut: null,
  },
];

/** Beyond the memory of the house itself, for all slow clients together. */
const mostMemory = 128 << 20;

export const slowClients: Fault = {
  id: "R10",
  name: "thousands of slow clients",
  needs: ["slowhttptest"],

  async run(scale, say) {
    const { count, seconds } = scale === "short" ? { count: 200, seconds: 4 } : { count: 5000, seconds: 45 };
    const round = async (kind: Slowness): Promise<Figure[]> => {
      using folder = emptyFolder();
      const house = await startHouse({ cwd: folder.path, env: trafficEnv });
      try {
        return await attack(house, folder.path, kind, { count, seconds, say });
      } finally {
        await house.stop();
      }
    };
    // The few of a short round leave room for all kinds at the same time.
    if (scale === "short") return (await Promise.all([...kinds.map(round), control().then(alone)])).flat();
    const figures: Figure[] = [];
    for (const kind of kinds) figures.push(...(await round(kind)));
    return [...figures, await control()];
  },
};

const alone = (figure: Figure): Figure[] => [figure];

interface Attack {
  readonly count: number;

  /** At most; where they are cut it is over before. */
  readonly seconds: number;
  readonly say: (line: string) => void;
}

async function attack(
  house: House,
  folder: string,
  { what, args, path, most: atMost, cut }: Slowness,
  { count: wanted, seconds, say }: Attack,
): Promise<Figure[]> {
  const { token } = (await bootstrap(house)).body;
  const count = Math.min(wanted, atMost ?? wanted);
  // What is written when it is first asked for is there.
  await fetch(house.url + path).then((answer) => answer.arrayBuffer());
  const before = ownMemory(house.child.pid);
  let most = 0;
  const sample = () => {
    most = Math.max(most, openFiles(house.child.pid));
    return ownMemory(house.child.pid);
  };
  const began = performance.now();
  const [[, probed], memory] = await highest(sample, () =>
    whileProbing(house, token, () =>
      slowhttptest(folder, [...args, ...rate(count, seconds, cut), "-u", house.url + path]),
    ),
  );
  const lasted = (performance.now() - began) / 1000;
  const connected = openFiles(house.child.pid);
  say(`${what}: ${most} open at most, ${lasted.toFixed(0)} s, ${connected} open after`);
  const figures = [checks(`${what}, ${count} at a time`, probed), growth(what, memory - before)];
  return cut === null ? figures : [...figures, hungUp(what, lasted, cut)];
}

/** All within two seconds or so. */
const rate = (count: number, seconds: number, cut: number | null): string[] => [
  ...["-c", String(count), "-r", String(Math.ceil(count / 2))],
  ...["-l", String(cut === null ? seconds : cut * 3), "-p", "3"],
];

/** Ends when the time is up, or nobody is connected any more. */
async function slowhttptest(folder: string, args: readonly string[]): Promise<void> {
  const child = Bun.spawn(["slowhttptest", ...args], { cwd: folder, stdio: ["ignore", "ignore", "ignore"] });
  if ((await child.exited) !== 0) throw new Error(`slowhttptest ended with ${child.exitCode}`);
}

const checks = (what: string, probed: Probed): Figure => ({
  what: `${what}: everybody else's session checks`,
  value: `${spread(probed)}; ${probed.wrong.length} failed`,
  asked: "none failed, p99 under 2 s",
  ok: probed.wrong.length === 0 && probed.times.length > 10 && percentile(probed.times, 0.99) < 2000,
});

const growth = (what: string, bytes: number): Figure => ({
  what: `${what}: memory for them`,
  value: mebibytes(Math.max(0, bytes)),
  asked: `under ${mebibytes(mostMemory)}`,
  ok: bytes < mostMemory,
});

const hungUp = (what: string, lasted: number, cut: number): Figure => ({
  what: `${what}: all were hung up on after`,
  value: `${lasted.toFixed(0)} s`,
  asked: `under ${cut} s`,
  ok: lasted < cut,
});

/** A server that has time for one client only: the same question must find it out. */
async function control(): Promise<Figure> {
  using folder = emptyFolder();
  const server = oneAtATime();
  try {
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    const args = ["-H", ...drip, "-c", "20", "-r", "20", "-l", "7", "-u", url];
    const [, probed] = await whileProbing({ url }, "", () => slowhttptest(folder.path, args));
    const found = !checks("", probed).ok;
    return {
      what: "a server that has time for one client, under slow heads",
      value: found ? "found out" : "not found out",
      asked: "found out",
      ok: found,
      control: true,
    };
  } finally {
    server.close();
  }
}

function oneAtATime(): Server {
  const waiting: Socket[] = [];
  function serve(socket: Socket): void {
    let head = "";
    socket.on("data", (chunk) => {
      head += chunk.toString("latin1");
      if (head.endsWith("\r\n\r\n"))
        socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    });
    socket.on("close", () => {
      waiting.shift();
      if (waiting[0]) serve(waiting[0]);
    });
    socket.resume();
  }
  return createServer({ pauseOnConnect: true }, (socket) => {
    socket.on("error", () => {});
    if (waiting.push(socket) === 1) serve(socket);
  }).listen(0, "127.0.0.1");
}
