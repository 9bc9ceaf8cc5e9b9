/** Complaints about a house behind a proxy, or under another name than it thinks: what people are told, and that it helps. */
import { beforeAll, expect, test } from "bun:test";
import {
  admin,
  bootstrap,
  emptyFolder,
  type House,
  requireBinary,
  type Spoken,
  speak,
  startHouse,
} from "../binary.ts";
import { findings } from "./findings.ts";

beforeAll(requireBinary);

/** A reverse proxy in front of `house` that says what `headers` says. */
function proxyTo(house: House, headers: () => Record<string, string>) {
  const listener = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      const passed = new Headers(request.headers);
      for (const [name, value] of Object.entries(headers())) passed.set(name, value);
      const body = request.method === "GET" ? {} : { body: await request.arrayBuffer() };
      return fetch(house.url + pathname, { method: request.method, headers: passed, ...body });
    },
  });
  return { url: listener.url.origin, [Symbol.asyncDispose]: () => listener.stop(true) };
}

const signIn = (at: { url: string }, headers: Record<string, string>): Promise<Spoken> =>
  speak(at, "POST", "/auth/local/login", { body: admin, headers });

const url = "https://auth.example.org";
const host = { host: "auth.example.org" };

test("a proxy that nobody named is told once in the log, and the setting that the doctor writes down mends it", async () => {
  using folder = emptyFolder();
  const env = { HOUSEKEY_URL: url };
  let house = await startHouse({ cwd: folder.path, env });
  const { body } = await bootstrap(house);
  const headers = { ...host, "x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https" };
  const whereSignedIn = async () => {
    await using proxy = proxyTo(house, () => headers);
    for (const _ of [1, 2, 3]) await speak(proxy, "GET", "/healthz");
    const { id } = (await signIn(proxy, {})).body.user;
    const all = (await speak(house, "GET", `/auth/users/${id}/sessions`, { token: body.token })).body;
    return all.map(({ ip }: { ip: string }) => ip)[0];
  };
  expect(await whereSignedIn()).toBe("127.0.0.1");
  const [told] = (await findings(folder.path)).of("proxy");
  expect(told?.message).toContain("127.0.0.1 sends forwarding headers and is no proxy that was named");
  const [, setting = ""] = /(HOUSEKEY_TRUSTED_PROXIES=\S+)/.exec(told?.fix ?? "") ?? [];
  const [name = "", value = ""] = setting.split("=");
  await house.stop();
  expect(house.output().match(/forwarding headers were not believed/g)).toHaveLength(1);
  expect(house.output()).toContain(setting);

  house = await startHouse({ cwd: folder.path, env: { ...env, [name]: value } });
  expect(await whereSignedIn()).toBe("203.0.113.9");
  expect((await findings(folder.path)).wrong).toEqual([]);
  await house.stop();
}, 30_000);

test("a proxy without X-Forwarded-Proto, or with plain http behind an https address, until its lines are mended", async () => {
  using folder = emptyFolder();
  const env = { HOUSEKEY_URL: url, HOUSEKEY_TRUSTED_PROXIES: "127.0.0.1" };
  const house = await startHouse({ cwd: folder.path, env });
  let headers: Record<string, string> = { ...host, "x-forwarded-for": "203.0.113.9" };
  await using proxy = proxyTo(house, () => headers);
  const told = async () => {
    await speak(proxy, "GET", "/healthz");
    return (await findings(folder.path)).of("proxy");
  };
  const [silent] = await told();
  expect(silent?.message).toContain("does not send X-Forwarded-Proto");
  expect(silent?.fix).toContain("proxy_set_header X-Forwarded-Proto $scheme;");
  headers = { ...headers, "x-forwarded-proto": "http" };
  const [plain] = await told();
  expect(plain?.message).toContain("says people come by http");
  expect(plain?.fix).toContain("return 301 https://$host$request_uri;");
  headers = { ...host, "x-forwarded-proto": "https" };
  const [nobody] = await told();
  expect(nobody?.fix).toContain("proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;");
  headers = { ...headers, "x-forwarded-for": "203.0.113.9" };
  expect(await told()).toEqual([]);
  await house.stop();
}, 30_000);

test("an address that is not the one people use: the page says so, the doctor says so, and the right one works", async () => {
  using folder = emptyFolder();
  let house = await startHouse({ cwd: folder.path, env: { HOUSEKEY_URL: "http://nas.home.arpa" } });
  await bootstrap(house);
  const page = { origin: house.url };
  const refused = await signIn(house, page);
  expect([refused.status, refused.body.error.code]).toEqual([403, "ORIGIN_NOT_ALLOWED"]);
  expect(refused.body.error.message).toBe(
    `This page is at ${house.url}, but the house is at http://nas.home.arpa. Open it there, or correct HOUSEKEY_URL.`,
  );
  const [told] = (await findings(folder.path)).of("address");
  expect(told?.message).toContain(`browsers open the house as ${new URL(house.url).host}`);
  expect(told?.fix).toContain("HOUSEKEY_URL");
  const { port } = new URL(house.url);
  await house.stop();
  house = await startHouse({ cwd: folder.path, args: ["--port", port], env: { HOUSEKEY_URL: house.url } });
  expect((await signIn(house, page)).status).toBe(201);
  expect((await findings(folder.path)).of("address")).toEqual([]);
  await house.stop();
}, 30_000);

test("opened by an IP address while nobody has set one: people get in, and are told what passkeys will want", async () => {
  using folder = emptyFolder();
  let house = await startHouse({ cwd: folder.path });
  await bootstrap(house);
  expect((await signIn(house, { origin: house.url })).status).toBe(201);
  const [told] = (await findings(folder.path)).of("address");
  expect(told?.message).toContain("nobody has decided the address");
  expect(told?.fix).toContain(`HOUSEKEY_URL=${house.url}`);
  await house.stop();
  house = await startHouse({ cwd: folder.path, env: { HOUSEKEY_URL: house.url } });
  const after = await findings(folder.path);
  expect(after.of("address")).toEqual([]);
  expect(after.of("passkeys")[0]?.message).toContain("browsers make passkeys for names alone");
  await house.stop();
  house = await startHouse({ cwd: folder.path, env: { HOUSEKEY_URL: url } });
  expect((await findings(folder.path)).wrong).toEqual([]);
  await house.stop();
}, 30_000);
