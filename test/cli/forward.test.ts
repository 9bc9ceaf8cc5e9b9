/** A proxy that guards other applications by the house: on the executable, byte by byte. */
import { beforeAll, expect, test } from "bun:test";
import { bootstrap, emptyFolder, type House, requireBinary, run, speak, startHouse } from "../binary.ts";
import { findings } from "./findings.ts";

beforeAll(requireBinary);

const url = "https://auth.example.org";
const env = {
  HOUSEKEY_URL: url,
  HOUSEKEY_COOKIE_DOMAIN: "example.org",
  HOUSEKEY_TRUSTED_PROXIES: "127.0.0.1",
  HOUSEKEY_LIMIT_SIGNIN: "off",
  HOUSEKEY_METRICS_TOKEN: "watch",
};

interface Heard {
  readonly status: number;

  /** Lower case. */
  readonly head: string;

  header(name: string): string | null;
}

/** Sends bytes as they are; answers as soon as the head of an answer is there, however much is still to be sent. */
async function say({ url }: House, lines: readonly string[], method = "GET"): Promise<Heard> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = "";
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port: Number(new URL(url).port),
    socket: {
      data(_, chunk) {
        text += chunk.toString("latin1");
        if (text.includes("\r\n\r\n")) resolve(text);
      },
      close: () => resolve(text),
    },
  });
  const bytes = [`${method} /auth/forward HTTP/1.1`, "Host: housekey:8420", ...lines, "", ""].join("\r\n");
  socket.write(Buffer.from(bytes, "latin1"));
  const [head = ""] = (await promise).split("\r\n\r\n");
  socket.end();
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0),
    head: head.toLowerCase(),
    header: (name) => new RegExp(`^${name}: ?(.*)$`, "im").exec(head)?.[1]?.trimEnd() ?? null,
  };
}

const four = (heard: Heard) =>
  ["remote-user", "remote-name", "remote-email", "remote-groups"].map((name) => heard.header(name));

const nobody = ["", "", "", ""];

const told = (uri = "/reports", host = "app.example.org") => [
  "X-Forwarded-Method: GET",
  "X-Forwarded-Proto: https",
  `X-Forwarded-Host: ${host}`,
  `X-Forwarded-Uri: ${uri}`,
];

const page = "Accept: text/html";

test("a person is sent to sign in, comes back with the cookie, and is out once that ends", async () => {
  using folder = emptyFolder();
  let house = await startHouse({ cwd: folder.path, env });
  const { body, cookie } = await bootstrap(house);
  const [session = ""] = cookie.split("; ");
  expect(session).toStartWith("__Secure-housekey=");

  const away = await say(house, [...told(), page]);
  const signIn = `${url}/login?return_to=https%3A%2F%2Fapp.example.org%2Freports`;
  expect([away.status, away.header("location"), four(away)]).toEqual([302, signIn, nobody]);
  const inNginx = await say(house, ["X-Original-URL: https://app.example.org/reports", page]);
  expect([inNginx.status, inNginx.header("location")]).toEqual([401, signIn]);
  expect(inNginx.header("www-authenticate")).toStartWith("Bearer");

  const shown = `Cookie: a=b; ${session}`;
  const known = await say(house, [...told(), shown]);
  expect([known.status, ...four(known)]).toEqual([200, "ada", "ada", "", "admin"]);
  expect(known.header("cache-control")).toBe("no-store");
  await speak(house, "PATCH", "/auth/me", {
    token: body.token,
    headers: { origin: url },
    body: { name: "Åda 漢" },
  });
  const named = (await say(house, [...told(), shown])).header("remote-name") ?? "";
  expect(Buffer.from(named, "latin1").toString("utf8")).toBe("Åda 漢");

  await house.stop();
  house = await startHouse({ cwd: folder.path, env });
  expect((await say(house, [...told(), shown])).status).toBe(200);
  const settings = (await speak(house, "GET", "/auth/settings", { token: body.token })).body;
  expect(settings.forward_hosts).toMatchObject([{ host: "app.example.org" }]);
  await speak(house, "DELETE", "/auth/sessions/current", {
    token: body.token,
    headers: { origin: url },
  });
  const ended = await say(house, [...told(), shown]);
  expect([ended.status, four(ended)]).toEqual([401, nobody]);
  await house.stop();
});

test("whatever a client makes up, doubles or breaks lets nobody in who would not be", async () => {
  using folder = emptyFolder();
  const house = await startHouse({ cwd: folder.path, env });
  const { cookie } = await bootstrap(house);
  const shown = `Cookie: ${cookie.split("; ")[0]}`;
  const [method = "", proto = "", host = "", uri = ""] = told();

  for (const lines of [
    [],
    [method, proto, host],
    [...told(), uri],
    [...told(), host],
    [...told(), "x-forwarded-host: evil.example"],
    [...told(), "X-Forwarded-Proto: https"],
    [...told(), "X-Original-URL: https://app.example.org/public"],
    [method, proto, host, "X-Forwarded-Uri: /\xc3\xa4"],
    [method, proto, "X-Forwarded-Host: app.example.org\\@evil", uri],
    ["X-Original-URL: https://app.example.org/a", "X-Original-URL: https://app.example.org/a"],
  ]) {
    const heard = await say(house, [...lines, shown, page]);
    expect([lines, heard.status, four(heard)]).toEqual([lines, 403, nobody]);
  }
  expect((await say(house, [...told(), shown, shown.replace(/.$/, "x")])).status).toBe(401);
  expect((await say(house, [...told(), shown, "Authorization: Bearer x"])).status).toBe(401);
  expect((await say(house, [...told(), "Remote-User: ada", "Remote_User: ada"])).status).toBe(401);
  expect((await say(house, [...told(), shown, `X-Pad: ${"x".repeat(20_000)}`])).status).toBe(431);
  for (const verb of ["PROPFIND", "MKCOL", "REPORT", "DELETE", "OPTIONS"])
    expect([
      verb,
      (await say(house, [...told(), shown, "Origin: https://evil.example"], verb)).status,
    ]).toEqual([verb, 200]);
  for (const verb of ["TRACE", "BREW", "get"])
    expect([verb, (await say(house, [...told(), shown], verb)).status === 200]).toEqual([verb, false]);
  // The body of the request that is asked about never comes, or is of a type of its own; the runtime has a limit.
  const announcing = (bytes: number) => [
    ...told(),
    shown,
    `Content-Length: ${bytes}`,
    "Content-Type: image/png",
  ];
  expect((await say(house, announcing(90_000), "PUT")).status).toBe(200);
  expect((await say(house, announcing(5_000_000), "PUT")).status).toBe(413);
  await house.stop();
});

test("the operator opens a path, looks at what was asked, and mends what the doctor finds", async () => {
  using folder = emptyFolder();
  const { HOUSEKEY_TRUSTED_PROXIES: _, ...unnamed } = env;
  let house = await startHouse({ cwd: folder.path, env: unnamed });
  const { cookie } = await bootstrap(house);
  const shown = `Cookie: ${cookie.split("; ")[0]}`;
  expect((await say(house, [...told(), shown])).status).toBe(403);
  const [finding] = (await findings(folder.path, { env: unnamed })).of("other applications");
  const [, named = ""] = /HOUSEKEY_TRUSTED_PROXIES=(\S+)/.exec(finding?.fix ?? "") ?? [];
  expect(house.output().match(/an application behind a proxy was refused/g)).toHaveLength(1);
  await house.stop();

  house = await startHouse({ cwd: folder.path, env: { ...unnamed, HOUSEKEY_TRUSTED_PROXIES: named } });
  const wrong = async () => (await findings(folder.path, { env })).of("other applications");
  const stranger = () => say(house, [...told("/public/x")]);
  expect((await stranger()).status).toBe(401);
  const set = await run(["settings", "forward_bypass", "app.example.org/public"], { cwd: folder.path });
  expect([set.exitCode, set.stdout]).toEqual([0, "app.example.org/public\n"]);
  const open = await stranger();
  expect([open.status, four(open)]).toEqual([200, nobody]);
  for (const uri of ["/public%2f..%2fx", "/public/..;/x", "//public", "/PUBLIC", "/public\\x", "/public/%00"])
    expect([uri, (await say(house, told(uri))).status]).toEqual([uri, 401]);
  expect(await wrong()).toEqual([]);

  expect((await say(house, [...told("/", "nas.home.arpa"), page])).status).toBe(401);
  expect((await wrong())[0]?.message).toContain(
    "nas.home.arpa asks whom to let in, and is not under example.org",
  );
  const metrics = await speak(house, "GET", "/metrics", { token: "watch" });
  expect(metrics.body).toMatch(
    /housekey_http_requests_total\{method="GET",route="\/auth\/forward",status="200"\} \d/,
  );
  // What goes well is asked on every click, and is for those who log everything.
  expect(house.output()).not.toMatch(/"path":"\/auth\/forward","status":200/);
  expect(house.output()).toMatch(/"path":"\/auth\/forward","status":401/);
  await house.stop();
});
