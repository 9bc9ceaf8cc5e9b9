/** How `housekey login` waits: politely, through whatever a house or the way to it does, and not for ever. */
import { beforeAll, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { requireBinary } from "../binary.ts";
import { newClient } from "./client.ts";
import { told } from "./operator.ts";

beforeAll(requireBinary);

const code = "K7M2PQ";
const token = "3f9c0a71d2e48b56".repeat(6);

interface Heard {
  readonly at: number;
  readonly line: string;
  readonly authorization: string | null;
}

type Reply = () => Response;

const poll =
  (body: object, init: ResponseInit = {}): Reply =>
  () =>
    Response.json(body, init);
const refused = (status: number, message: string, retryAfter: number): Reply =>
  poll(
    { ok: false, error: { code: "X", message } },
    { status, headers: { "retry-after": String(retryAfter) } },
  );

/** A house by the letter of the contract, whose polls are answered one after the other by `replies`. */
function scripted(replies: readonly Reply[], begun: object = {}, port = 0) {
  const heard: Heard[] = [];
  const left = [...replies];
  const server = Bun.serve({
    port,
    hostname: "127.0.0.1",
    fetch(request) {
      const { pathname } = new URL(request.url);
      const line = `${request.method} ${pathname}`;
      heard.push({ at: performance.now(), line, authorization: request.headers.get("authorization") });
      if (line === "POST /v1/auth/device-code") {
        const expires = Math.floor(Date.now() / 1000) + 600;
        const url = `http://a/device?code=${code}`;
        return Response.json({ code, verification_url: url, expires_at: expires, interval: 1, ...begun });
      }
      if (line === `GET /v1/auth/device-code/${code}`) return (left.shift() ?? poll({ status: "pending" }))();
      if (line === "GET /auth/sessions/current")
        return Response.json({ user: { username: "ada" }, session: { id: "ses_a" } });
      return new Response("nothing", { status: 404 });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    heard,
    /** Seconds between one poll and the next. */
    pauses: () => {
      const polls = heard.filter(({ line }) => line.startsWith("GET /v1/"));
      return polls.slice(1).map(({ at }, n) => Math.round((at - (polls[n]?.at ?? 0)) / 1000));
    },
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

test("it asks at the interval, leaves a house alone that says so, and shows its token to nobody before it has it", async () => {
  await using house = scripted([
    poll({ status: "pending" }),
    refused(429, "Too many tries. Wait a little.", 3),
    poll({ status: "pending" }),
    refused(503, "The data cannot be written right now.", 2),
    poll({ status: "authorized", token }),
  ]);
  using client = newClient();
  const { ended } = await client.begin(house.url);
  expect(await ended).toEqual({
    exitCode: 0,
    stderr: "",
    stdout: `Open http://a/device?code=${code}\nand approve the code ${code}.\nSigned in to ${house.url} as ada.\n`,
  });
  expect(house.pauses()).toEqual([1, 3, 1, 2]);
  expect(house.heard.map(({ authorization }) => authorization).filter(Boolean)).toEqual([`Bearer ${token}`]);
  expect(JSON.parse(readFileSync(client.file, "utf8"))).toEqual({
    current: house.url,
    tokens: { [house.url]: token },
  });
});

for (const [status, words] of [
  ["denied", "the code was turned down"],
  ["expired", "the code expired before anybody approved it"],
  ["claimed", "the code was used by somebody else; look at the list of your sessions"],
  ["dancing", "the house says dancing"],
] as const)
  test(`a code that is ${status} ends the waiting with words`, async () => {
    await using house = scripted([poll({ status: "pending" }), poll({ status })]);
    using client = newClient();
    const { exitCode, stderr } = await (await client.begin(house.url)).ended;
    expect([exitCode, stderr]).toEqual([1, `housekey: ${words}\n`]);
    expect(house.heard.length).toBe(3);
    expect(existsSync(client.file)).toBe(false);
  });

test("what no waiting helps is told at once, whatever it is", async () => {
  const wrong: [Reply, string][] = [
    [refused(400, "This is wrong. Ask otherwise.", 1), "this is wrong; ask otherwise"],
    [poll({ status: "authorized" }), "the house answers without token"],
    [poll([]), "the house answers without status"],
    [() => new Response("<html>"), "does not answer like a house (200)"],
    [
      () => new Response(null, { status: 302, headers: { location: "http://127.0.0.1:1/" } }),
      "the house answers 302",
    ],
    [poll({ status: "\u001b[2Jgone\u0007" }), "the house says [2Jgone"],
  ];
  for (const [reply, words] of wrong) {
    await using house = scripted([reply]);
    using client = newClient();
    const { exitCode, stderr } = await (await client.begin(house.url)).ended;
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(words)]);
    expect(stderr).toMatch(/^housekey: [^\n]*\n$/);
  }
});

test("an interval that is none is five seconds", async () => {
  await using house = scripted([poll({ status: "pending" }), poll({ status: "denied" })], { interval: -3 });
  using client = newClient();
  await (await client.begin(house.url)).ended;
  expect(house.pauses()).toEqual([5]);
});

test("a house that is gone for a moment is asked again, after a longer pause", async () => {
  const first = scripted([]);
  using client = newClient();
  const { ended } = await client.begin(first.url);
  const gone = performance.now();
  await first[Symbol.asyncDispose]();
  await Bun.sleep(1500);
  await using again = scripted([poll({ status: "denied" })], {}, Number(new URL(first.url).port));
  const { exitCode, stderr } = await ended;
  expect([exitCode, stderr]).toEqual([1, "housekey: the code was turned down\n"]);
  expect(Math.round(((again.heard[0]?.at ?? 0) - gone) / 1000)).toBe(3);
});

test("an address that is not encrypted is warned of, unless it is this machine's own", async () => {
  using client = newClient();
  const unencrypted = "is not encrypted; anybody on the way can read and use what is sent";
  const { exitCode, stderr } = await client.run(["login", "http://housekey.invalid"]);
  expect([exitCode, stderr.split("\n")[0]]).toEqual([1, `housekey: http://housekey.invalid ${unencrypted}`]);
  for (const url of [
    "http://localhost:1",
    "http://127.0.0.1:1",
    "http://[::1]:1",
    "https://housekey.invalid",
  ])
    expect(told(await client.run(["login", url]), 1)).not.toContain("encrypted");
});
