/** A house that moves while it is served. */
import { beforeAll, expect, test } from "bun:test";
import {
  bootstrap,
  emptyFolder,
  type House,
  requireBinary,
  run,
  type Spoken,
  speak,
  startHouse,
} from "../binary.ts";
import { type Bend, type Key, makeKey } from "../passkey/authenticator.ts";
import { operate, told } from "./operator.ts";

beforeAll(requireBinary);

const url = "https://id.example.org";

const post = (house: House, path: string, body?: unknown, token?: string): Promise<Spoken> =>
  speak(house, "POST", path, {
    ...(body !== undefined && { body }),
    ...(token !== undefined && { token }),
  });

async function enrol(house: House, token: string, origin: string): Promise<Key> {
  const key = makeKey({ origin });
  const answer = key.create((await post(house, "/auth/passkeys/register/options", undefined, token)).body);
  const kept = await post(house, "/auth/passkeys/register/verify", { name: "Key", ...answer }, token);
  expect(kept.status).toBe(201);
  return key;
}

async function use(house: House, key: Key, bend: Bend): Promise<number> {
  const { body } = await post(house, "/auth/passkeys/authenticate/options");
  return (await post(house, "/auth/passkeys/authenticate/verify", key.get(body, bend))).status;
}

const formerOf = async (house: House) => (await speak(house, "GET", "/auth/options")).body.former_rp_id;

test("a move is felt on the next request, shown while it lasts, and ended", async () => {
  await using at = await operate();
  const { house, token, ok } = at;
  const key = await enrol(house, token, `http://localhost:${new URL(house.url).port}`);
  expect(await ok("domain", "status")).toBe("the house is at localhost, and has no former host\n");

  const said = await ok("domain", "move", "localhost", "id.example.org");
  expect(said).toStartWith(`the house is at ${url}; passkeys of localhost still sign in\n\nleft to do:\n`);
  for (const part of [
    "1. Let DNS, a certificate and the proxy lead id.example.org to the house.",
    "handle /.well-known/webauthn {\n           reverse_proxy http://127.0.0.1:8420\n",
    `redir ${url}{uri}`,
    "location = /.well-known/webauthn { proxy_pass http://127.0.0.1:8420; }",
    `location / { return 302 ${url}$request_uri; }`,
    "3. Have these make a passkey at id.example.org: ada.",
  ])
    expect(said).toContain(part);
  expect(await formerOf(house)).toBe("localhost");
  expect(await ok("settings", "url")).toBe(`${url}\n`);
  expect((await speak(house, "GET", "/.well-known/webauthn")).body).toEqual({ origins: [url] });
  expect(await use(house, key, { rpId: "localhost", origin: url })).toBe(200);
  expect(await use(house, key, { rpId: "localhost" })).toBe(401);

  const today = new Date().toISOString().slice(0, 10);
  expect(await ok("domain", "status")).toBe(
    `the house is at id.example.org, and was at localhost until ${today}\n` +
      "USERNAME  PASSKEYS OF THE FORMER HOST\nada       all\n",
  );
  const anew = await enrol(house, token, url);
  expect(JSON.parse(await ok("domain", "status", "--json"))).toEqual({
    url,
    host: "id.example.org",
    former_host: "localhost",
    since: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    accounts: [{ id: expect.any(String), username: "ada", passkeys_of_former_host: "some" }],
  });

  expect(await ok("domain", "end")).toBe(
    "passkeys of localhost sign in no more; nothing has to answer there\n",
  );
  expect(await formerOf(house)).toBeNull();
  expect(await use(house, key, { rpId: "localhost", origin: url })).toBe(401);
  expect(await use(house, anew, { rpId: "id.example.org" })).toBe(200);
  expect(await at.refused(1, "domain", "end")).toBe("housekey: the house has no former host\n");
  const { events } = (await speak(house, "GET", "/auth/audit", { token })).body;
  const lines = events.filter(({ event }: { event: string }) => event === "settings.changed");
  expect(
    lines.map(({ event, reason, actor_id }: Record<string, unknown>) => [event, reason, actor_id]),
  ).toEqual([
    ["settings.changed", "move ended localhost", null],
    ["settings.changed", "moved localhost id.example.org", null],
  ]);
  await ok("verify");
});

test("the end names who would be locked out, and is forced past them", async () => {
  await using at = await operate();
  const { house, token, ok } = at;
  await enrol(house, token, `http://localhost:${new URL(house.url).port}`);
  await ok("settings", "local_login", "off");
  await ok("domain", "move", "localhost", "id.example.org");
  expect(await at.refused(1, "domain", "end")).toBe(
    "housekey: without their passkeys of localhost these could not sign in any more: ada\n",
  );
  expect(await formerOf(house)).toBe("localhost");
  expect(JSON.parse(await ok("domain", "end", "--force", "--json"))).toEqual({ ended: "localhost" });
  expect(await formerOf(house)).toBeNull();
  // The way back in is the host's.
  expect(await ok("recover", "ada")).toStartWith(`${url}/recover#token=`);
});

test("where the environment says where the house is, the command says what to change", async () => {
  using folder = emptyFolder();
  const old = "https://auth.example.org";
  const serve = (address: string) => startHouse({ cwd: folder.path, env: { HOUSEKEY_URL: address } });
  const move = (address: string) =>
    run(["domain", "move", "auth.example.org", url], { cwd: folder.path, env: { HOUSEKEY_URL: address } });
  const first = await serve(old);
  const key = await enrol(first, (await bootstrap(first)).body.token, old);
  expect(told(await move(old), 1)).toBe(
    `housekey: the environment says that the house is at ${old}; set HOUSEKEY_URL to ${url} there, and run this with it\n`,
  );
  const moved = await move(url);
  expect([moved.exitCode, moved.stderr]).toEqual([0, ""]);
  expect(moved.stdout).toContain(`  1. Restart the house with HOUSEKEY_URL=${url}.\n`);
  expect(await use(first, key, { rpId: "auth.example.org" })).toBe(200);
  await first.stop();
  const second = await serve(url);
  expect(await use(second, key, { rpId: "auth.example.org", origin: url })).toBe(200);
  expect(await use(second, key, { rpId: "auth.example.org" })).toBe(401);
  await second.stop();
});

test("what is no host for passkeys, or not where the house is, is told", async () => {
  await using at = await operate();
  const told = (exit: number, ...words: string[]) => at.refused(exit, "domain", "move", ...words);
  const port = new URL(at.house.url).port;
  for (const host of ["192.168.1.2", "[::1]", "https://id.example.org/login", ""]) {
    const expected = `${JSON.stringify(host)} is not a host name like auth.example.org, or its address\n`;
    expect(await told(2, "localhost", host)).toBe(`housekey: ${expected}`);
    expect(await told(2, host, "id.example.org")).toBe(`housekey: ${expected}`);
  }
  expect(await told(2, "localhost", "http://nas")).toBe(
    "housekey: browsers do no passkeys at http://nas; expected https\n",
  );
  expect(await told(2, "localhost")).toContain("domain move needs NEW");
  expect(await told(1, "auth.example.org", "id.example.org")).toBe(
    `housekey: the house is at http://localhost:${port}\n`,
  );
  expect(await told(1, "localhost", "https://localhost")).toContain("this is the host that is moved from");
  expect(await at.refused(2, "domain")).toContain("domain is one of move, status, end");
  expect(await formerOf(at.house)).toBeNull();
});
