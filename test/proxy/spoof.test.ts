/** What a client says of itself in the proxy's or the house's name never reaches an app, nor a decision. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { requireBinary } from "../binary.ts";
import { type Received, valuesOf } from "./app.ts";
import { kinds } from "./front.ts";
import { cookieOf, newScene, openPaths, type Scene } from "./scene.ts";

beforeAll(requireBinary);

/** A name in the ways that one server writes and another reads as the same. */
function spellings(name: string): string[] {
  const under = name.replaceAll("-", "_");
  return [
    name,
    name.toLowerCase(),
    name.toUpperCase(),
    under,
    under.toLowerCase(),
    under.toUpperCase(),
    name.replace("-", "_"),
  ];
}

const identity = ["Remote-User", "Remote-Name", "Remote-Email", "Remote-Groups"];
const original = [
  ...["X-Forwarded-Uri", "X-Forwarded-Method", "X-Original-URL", "X-Original-Method"],
  ...["X-Forwarded-Host", "X-Forwarded-Proto"],
];

describe.each(kinds)("behind %s", (kind) => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await newScene(kind);
    await openPaths(scene, [
      [1, "/open"],
      [2, "/other"],
    ]);
  });

  afterAll(() => scene?.[Symbol.asyncDispose]());

  const last = (): Received => {
    const [found] = scene.apps[0].received.slice(-1);
    if (!found) throw new Error("nothing reached the app");
    return found;
  };

  /** An empty one says as much as none. */
  const identities = (): string[][] =>
    identity.map((name) => valuesOf(last(), name.toLowerCase()).filter(Boolean));

  test.each(identity)("%s, however it is spelt, once or twice", async (name) => {
    for (const spelling of spellings(name))
      for (const lines of [[`${spelling}: evil`], [`${spelling}: evil`, `${spelling}: evil, admin`]]) {
        scene.reached();
        expect((await scene.ask(1, { lines })).status).toBe(401);
        expect(scene.reached()).toBe(0);
        expect((await scene.ask(1, { lines: [...lines, cookieOf(scene.admin)] })).status).toBe(200);
        expect([spelling, identities()]).toEqual([spelling, [["ada"], ["ada"], [], ["admin"]]]);
        expect((await scene.ask(1, { target: "/open", lines })).status).toBe(200);
        expect([spelling, identities().flat()]).toEqual([spelling, []]);
        expect(JSON.stringify(last())).not.toContain("evil");
      }
  });

  test("a header that the connection is said to end with is the house's or none for the app, and hides nothing", async () => {
    const lines = [cookieOf(scene.admin), "Connection: Remote-User, Remote-Groups, X-Forwarded-Host"];
    expect((await scene.ask(1, { lines: [...lines, "Remote-User: evil"] })).status).toBe(200);
    const [user = [], name, , groups = []] = identities();
    expect([name, user.concat("ada")[0], groups.concat("admin")[0]]).toEqual([["ada"], "ada", "admin"]);
    const hidden = [
      "Cookie, Authorization, X-Forwarded-Uri, X-Original-URL, X-Forwarded-Host, X-Forwarded-Proto",
    ];
    for (const line of [`Connection: ${hidden}`, `Connection: close, ${hidden}`]) {
      scene.reached();
      expect([401, 403]).toContain((await scene.ask(1, { lines: [line] })).status);
      expect(scene.reached()).toBe(0);
    }
  });

  test("where the request went, and how, is what it did and not what it says", async () => {
    const said: Record<string, string> = {
      "X-Forwarded-Uri": "/open",
      "X-Forwarded-Method": "OPTIONS",
      "X-Original-URL": `https://app1.home.example:${scene.port}/open`,
      "X-Original-Method": "OPTIONS",
      "X-Forwarded-Host": "app2.home.example",
      "X-Forwarded-Proto": "http",
      "X-Forwarded-Server": "app2.home.example",
      "X-Rewrite-URL": "/open",
      Forwarded: "for=127.0.0.1;host=app2.home.example;proto=http",
      "X-Forwarded-Port": "80",
    };
    const each = Object.entries(said).flatMap(([name, value]) =>
      spellings(name).map((one) => `${one}: ${value}`),
    );
    for (const lines of [
      ...each.map((line) => [line]),
      each,
      each.flatMap((line) => [line, line]).slice(0, 90),
    ]) {
      for (const target of ["/", "/other"]) {
        scene.reached();
        const { status } = await scene.ask(1, { target, lines });
        expect([lines, target, [401, 403].includes(status), scene.reached()]).toEqual([
          lines,
          target,
          true,
          0,
        ]);
      }
      expect((await scene.ask(1, { target: "/open", lines })).status).toBe(200);
      expect((await scene.ask(1, { lines: [...lines, cookieOf(scene.admin)] })).status).toBe(200);
      const heard = original.map((name) => valuesOf(last(), name.toLowerCase()));
      expect([lines, heard]).toEqual([
        lines,
        [[], [], [], [], [`app1.home.example:${scene.port}`], ["https"]],
      ]);
    }
  }, 60_000);

  test("a page leads back to where it was opened, whatever the client says", async () => {
    const page = ["Accept: text/html", "Sec-Fetch-Mode: navigate"];
    const said = [
      "X-Forwarded-Host: evil.example",
      "X-Forwarded-Proto: http",
      "X-Forwarded-Uri: //evil.example",
    ];
    const { status, headers } = await scene.ask(1, { target: "/x", lines: [...page, ...said] });
    const back = encodeURIComponent(`https://app1.home.example:${scene.port}/x`);
    expect([status, headers.get("location")]).toEqual([302, `${scene.url}/login?return_to=${back}`]);
  });
});
