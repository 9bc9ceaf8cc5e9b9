/** The mail server and the provider are gone, silent, or lie: whoever needs neither signs in as ever. */
import { admin, bootstrap, emptyFolder, type House, speak, startHouse } from "../../binary.ts";
import { startScript, startSmtp } from "../../mail/smtp-server.ts";
import { type Key, makeKey } from "../../passkey/authenticator.ts";
import { type Real, settings, startReal } from "../../upstream/real.ts";
import { type Clock, turnableClock } from "../clock.ts";
import type { Fault, Figure } from "../fault.ts";
import { type Gate, makeGate, type Way } from "../gate.ts";
import { atOnce, inLanes } from "../lanes.ts";
import { anyAddress, ask } from "../ledger.ts";
import { milliseconds, percentile } from "../measure.ts";
import { done, signIn } from "../people.ts";
import { trafficEnv } from "../traffic.ts";

const lettersAsked = 20;
const mostQueued = 10_000;
const spa = "/api/v1/auth";

interface Scene {
  readonly house: House;
  readonly clock: Clock;
  readonly origin: string;
  readonly token: string;
  readonly key: Key;
  readonly issuer: string;
  readonly mail: Gate;
  readonly provider: Gate;

  /** Addresses that letters have come to, one for each letter. */
  readonly arrived: () => string[];

  /** Where each of the two really is, and where one is that lies. */
  readonly ways: Readonly<Record<"mail" | "provider", Readonly<Record<"true" | "lying", Way>>>>;
}

export const othersFail: Fault = {
  id: "R14",
  name: "the mail server and the provider are gone, silent, or lie",
  needs: ["faketime"],

  async run(scale, say) {
    await using stack = new AsyncDisposableStack();
    const scene = await open(stack);
    const calm = await signIns(scene);
    const figures: Figure[] = [];
    for (const trouble of ["gone", "silent", "lying"] as const) {
      say(trouble);
      figures.push(...(await suffer(scene, trouble, calm)));
    }
    const controls = await control(scene);
    // Last, for what waits then keeps the letters of everybody else out.
    if (scale === "full") figures.push(await flood(scene));
    return [...figures, ...controls];
  },
};

async function open(stack: AsyncDisposableStack): Promise<Scene> {
  const folder = stack.use(emptyFolder());
  const clock = turnableClock(folder.path);
  const mail = stack.use(makeGate());
  const provider = stack.use(makeGate());
  const smtp = stack.use(await startSmtp({ disabledCommands: ["AUTH", "STARTTLS"] }));
  // Takes the letter and hangs up before it says so.
  const taking = stack.use(
    await startScript({
      says(line, socket) {
        if (line === ".") socket.destroy();
        if (line === "DATA") return "354 go on";
        return /^(EHLO|MAIL|RCPT|QUIT)/.test(line) ? "250 fine" : null;
      },
    }),
  );
  const nonsense = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () => new Response("<h1>Welcome to the router</h1>", { headers: { "content-type": "text/html" } }),
  });
  stack.defer(() => nonsense.stop(true));
  const house = await startHouse({
    cwd: folder.path,
    env: { ...trafficEnv, ...clock.env, HOUSEKEY_SMTP_URL: `smtp://127.0.0.1:${mail.port}` },
  });
  stack.defer(async () => void (await house.stop()));
  const origin = house.url.replace("127.0.0.1", "localhost");
  const issuer = `http://127.0.0.1:${provider.port}`;
  const real: Real = await startReal({ issuer, redirectUri: `${origin}/auth/oidc/callback` });
  stack.defer(() => real.stop());
  const { token } = (await bootstrap(house)).body;
  const ways = {
    mail: { true: { to: smtp.port }, lying: { to: taking.port } },
    provider: { true: { to: real.port }, lying: { to: nonsense.port ?? 0 } },
  };
  await provider.turn(ways.provider.true);
  done(await ask(house, "PUT", "/auth/provider/oidc", { token, body: settings(issuer) }));
  const key = makeKey({ origin });
  const options = done(await ask(house, "POST", "/auth/passkeys/register/options", { token })).body;
  const body = { name: "Phone", ...key.create(options) };
  done(await ask(house, "POST", "/auth/passkeys/register/verify", { token, body }));
  const taken = () => taking.told.flatMap((line) => /^RCPT TO:<(.*)>/.exec(line)?.[1] ?? []);
  const arrived = () => [...smtp.received.flatMap(({ to }) => to), ...taken()];
  return { house, clock, origin, token, key, issuer, mail, provider, arrived, ways };
}

/** Signs in ten times with the password and ten times with the passkey; answers how long each took. */
async function signIns({ house, key }: Pick<Scene, "house" | "key">): Promise<number[]> {
  const times: number[] = [];
  const timed = async (work: () => Promise<unknown>) => {
    const started = performance.now();
    await work();
    times.push(performance.now() - started);
  };
  for (let n = 0; n < 10; n++) {
    await timed(async () => done(await signIn(house, admin.username, admin.password)));
    await timed(async () => {
      const address = anyAddress();
      const named = { address, body: { email: admin.username } };
      const options = done(await ask(house, "POST", `${spa}/passkey/login/options`, named)).body;
      const answer = { address, body: { response: key.get(options) } };
      done(await ask(house, "POST", `${spa}/passkey/login/verify`, answer));
    });
  }
  return times;
}

/** A browser comes back from the provider; where the house sends it. */
async function comeBack({ house, issuer }: Scene): Promise<() => Promise<string>> {
  const gone = await speak(house, "GET", "/auth/oidc/login?return_to=/");
  const state = new URL(gone.headers.get("location") ?? "").searchParams.get("state") ?? "";
  const query = new URLSearchParams({ code: "made up", state, iss: issuer });
  return async () => {
    const back = await speak(house, "GET", `/auth/oidc/callback?${query}`, { cookie: gone.cookie });
    return `${back.status} ${back.headers.get("location")}`;
  };
}

const askForCodes = (house: House, addresses: readonly string[]): Promise<void> =>
  inLanes(addresses, 16, async (email) => {
    const body = { email, purpose: "login" };
    done(await ask(house, "POST", `${spa}/otp/send`, { body }));
  });

async function people({ house, token }: Scene, what: string): Promise<string[]> {
  const addresses = atOnce(lettersAsked).map((n) => `${what}-${n}@example.org`);
  await inLanes(addresses, 8, async (email) => {
    const body = { username: email.replace(/@.*/, ""), email, role: "member", password: admin.password };
    done(await ask(house, "POST", "/auth/users", { token, body }));
  });
  return addresses;
}

async function queued({ house }: Pick<Scene, "house">): Promise<number> {
  const { body } = await speak(house, "GET", "/metrics");
  return Number(/^housekey_mails_queued (\d+)$/m.exec(String(body))?.[1]);
}

async function suffer(scene: Scene, trouble: "gone" | "silent" | "lying", calm: number[]): Promise<Figure[]> {
  const { house, clock, mail, provider, ways } = scene;
  const addresses = await people(scene, trouble);
  const back = await comeBack(scene);
  await mail.turn(trouble === "lying" ? ways.mail.lying : trouble);
  await provider.turn(trouble === "lying" ? ways.provider.lying : trouble);
  const refusals = () => house.output().split("a mail could not be sent").length;
  const before = refusals();
  const returning = back();
  await askForCodes(house, addresses);
  const times = await signIns(scene);
  await until(() => (trouble === "silent" ? mail.taken() : refusals() - before) > 0);
  const place = await returning;
  const waiting = await queued(scene);

  await provider.turn(ways.provider.true);
  await mail.turn(ways.mail.true);
  const { seconds, copies } = await recover(scene, clock, addresses);
  const most = trouble === "lying" ? 2 : 1;
  const [usual, meanwhile] = [percentile(calm, 0.5), percentile(times, 0.5)];
  return [
    {
      what: `${trouble}: sign-ins by password and passkey, median before and meanwhile`,
      value: `${milliseconds(usual)}, ${milliseconds(meanwhile)}; none of ${times.length} failed`,
      asked: "none failed, less than 100 ms more",
      ok: meanwhile - usual < 100,
    },
    {
      what: `${trouble}: whoever comes back from the provider is sent to`,
      value: place,
      asked: "302 /login?error=…",
      ok: /^302 \/login\?error=UPSTREAM_(UNAVAILABLE|DENIED)$/.test(place),
    },
    {
      what: `${trouble}: letters that waited, and copies of each that came to their address in the end`,
      value: `${waiting}; ${copies.join(" or ")}, ${seconds.toFixed(0)} s after it was right`,
      asked: most === 1 ? "1 copy" : "1 or 2 copies: nobody can tell whether it was taken",
      ok: copies.every((count) => count >= 1 && count <= most),
    },
  ];
}

/** The house has tried to send something. */
async function until(isSo: () => boolean): Promise<void> {
  const late = performance.now() + 20_000;
  while (!isSo() && performance.now() < late) await Bun.sleep(20);
  if (!isSo()) throw new Error("the house did not try to send a letter");
}

/** Turns the clock to the next try, and waits until nothing does. */
async function recover(scene: Scene, clock: Clock, addresses: readonly string[]) {
  const began = performance.now();
  clock.set((clock.now().getTime() - Date.now()) / 1000 + 180);
  while ((await queued(scene)) > 0 && performance.now() - began < 60_000) await Bun.sleep(200);
  const arrived = scene.arrived();
  const copies = addresses.map((address) => arrived.filter((to) => to === address).length);
  return { seconds: (performance.now() - began) / 1000, copies: [...new Set(copies)].sort() };
}

/** More letters than may wait, while nobody takes any. */
async function flood(scene: Scene): Promise<Figure> {
  await scene.mail.turn("gone");
  await askForCodes(
    scene.house,
    atOnce(mostQueued + 500).map((n) => `nobody-${n}@example.org`),
  );
  const waiting = await queued(scene);
  await scene.mail.turn(scene.ways.mail.true);
  return {
    what: `letters that wait after ${mostQueued + 500} were asked for`,
    value: String(waiting),
    asked: `at most ${mostQueued}`,
    ok: waiting > 0 && waiting <= mostQueued,
  };
}

/** With both as they should be: letters do not wait, and what is made up is told from a provider that is away. */
async function control(scene: Scene): Promise<Figure[]> {
  const place = await (await comeBack(scene))();
  const addresses = await people(scene, "well");
  await askForCodes(scene.house, addresses);
  const { copies } = await recover(scene, scene.clock, addresses);
  return [
    {
      what: "both well: a code that is made up",
      value: place,
      asked: "302 /login?error=UPSTREAM_DENIED",
      ok: place === "302 /login?error=UPSTREAM_DENIED",
      control: true,
    },
    {
      what: "both well: copies of each letter",
      value: copies.join(" or "),
      asked: "1",
      ok: copies.join() === "1",
      control: true,
    },
  ];
}
