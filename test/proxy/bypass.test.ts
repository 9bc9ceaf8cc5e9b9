/** Paths that an admin opened to everybody, and all that only looks like one, as they come over the wire. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { requireBinary } from "../binary.ts";
import { valuesOf } from "./app.ts";
import { kinds } from "./front.ts";
import { cookieOf, newScene, openPaths, type Scene } from "./scene.ts";

beforeAll(requireBinary);

/** What whoever reads the target in any of the ways that servers have could take it for. */
function readings(target: string): Set<string> {
  const found = new Set([target]);
  const add = (text: string) => void found.add(text);
  for (let round = 0; round < 4; round++)
    for (const one of [...found]) {
      const [path = ""] = one.split(/[?#]/);
      add(path);
      add(path.replaceAll("\\", "/"));
      add(path.replace(/\/{2,}/g, "/"));
      add(path.replace(/;[^/]*/g, ""));
      add(path.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))));
      const url = URL.parse(path.replace(/[\0-\x20]/g, ""), "http://app.invalid");
      if (url) add(url.pathname);
    }
  return found;
}

const inside = (path: string): boolean => path === "/share" || path.startsWith("/share/");

const plain = [
  "/share",
  "/share/",
  "/share/a/b.txt",
  "/share?x=/../admin",
  "/share/?a%23b",
  "/share/a.b..c",
  "/share/a%20b",
];

const lookAlikes = [
  ...[
    "/shared",
    "/share.php",
    "/Share",
    "/SHARE/a",
    "/%53hare/a",
    "/admin/share",
    "/share%20",
    "/",
    "/share%2e",
  ],
  ...["/share/../admin", "/share/..", "/share/./../admin", "/share/a/../../admin", "/./share/../admin"],
  ...[
    "/share/%2e%2e/admin",
    "/share/.%2e/admin",
    "/share/%2E%2E/admin",
    "/share/%252e%252e/admin",
    "/share/%2e%2e",
  ],
  ...[
    "/share/..;/admin",
    "/share/..;a=b/admin",
    "/share;/../admin",
    "/share/.;/admin",
    "/share/%2e%2e;/admin",
  ],
  ...[
    "/share/..%2fadmin",
    "/share%2f..%2fadmin",
    "/share/%2e%2e%2fadmin",
    "/share/..%252fadmin",
    "/share/..%5cadmin",
  ],
  ...["/share/..\\admin", "/share\\..\\admin", "/share/\\../admin", "\\share", "/share%5c..%5cadmin"],
  ...[
    "//share",
    "//share/a",
    "/share//../admin",
    "///share",
    "//admin/share",
    "/share//a",
    "/share/..//admin",
  ],
  ...[
    "/share#/../admin",
    "/share/#",
    "/share%23/../admin",
    "/admin#/share",
    "/admin?/share",
    "/share%3f/../admin",
  ],
  ...[
    "/share%00",
    "/share/%00/../admin",
    "/share%0a",
    "/share%0d%0aX: y",
    "/share%09",
    "/share/\tx",
    "/share\0",
  ],
  ...[
    "/share/%c0%ae%c0%ae/admin",
    "/share/%u002e",
    "/share/\xfc",
    "/share/%ff",
    "/share/．．/admin",
    "/share/%ef%bc%8e%ef%bc%8e/a",
  ],
  ...[
    "/share/%",
    "/share/%zz",
    "/share/%2",
    "/share/a b",
    "/share/... /admin",
    "/share/.../admin",
    "/share/ ../admin",
  ],
  ...["share", "*", "", "?/share", "/share/*/../../admin"],
  ...[
    `/share/${"../".repeat(200)}admin`,
    `/share/${"%2e%2e/".repeat(400)}admin`,
    `/admin/${"a".repeat(7000)}/share`,
  ],
];

describe.each(kinds)("behind %s", (kind) => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await newScene(kind);
    await openPaths(scene, [
      [1, "/share"],
      [2, "/admin"],
      [2, "/health check"],
    ]);
  });

  afterAll(() => scene?.[Symbol.asyncDispose]());

  test("an opened path is open as it is written, for everybody, to whoever is nobody", async () => {
    for (const target of plain) {
      scene.reached();
      const { status } = await scene.ask(1, { target });
      expect([target, status, scene.reached()]).toEqual([target, 200, 1]);
      const [last] = scene.apps[0].received.slice(-1);
      const who = ["user", "name", "email", "groups"].map((name) =>
        last ? valuesOf(last, `remote-${name}`).join() : "?",
      );
      expect([target, who]).toEqual([target, ["", "", "", ""]]);
    }
    expect((await scene.ask(2, { target: "/health%20check" })).status).toBe(200);
  });

  test("it is open to any method, whatever is shown, and who is signed in is not told there", async () => {
    for (const line of [
      cookieOf(scene.admin),
      "Authorization: Basic nonsense",
      "Cookie: __Secure-housekey=x",
    ])
      expect([
        line,
        (await scene.ask(1, { method: "POST", target: "/share/x", lines: [line], body: "y" })).status,
      ]).toEqual([line, 200]);
    expect(
      scene.apps[0].received.slice(-3).flatMap((one) => valuesOf(one, "remote-user").filter(Boolean)),
    ).toEqual([]);
  });

  test("another app's path is not opened with it, by whatever name its host is called", async () => {
    scene.reached();
    expect((await scene.ask(2, { target: "/share" })).status).toBe(401);
    expect((await scene.ask(1, { target: "/admin" })).status).toBe(401);
    const named = (host: string) => ({ target: "/admin", hosts: [host] });
    for (const host of [
      "APP1.home.example",
      "app1.home.example.",
      "app3.home.example",
      "app2.home.example@app1.home.example",
    ])
      expect([200, await scene.ask(1, named(host)).then(() => scene.reached())]).toEqual([200, 0]);
  });

  test("what only looks like it, or may be another path to somebody, stays closed and reaches nothing", async () => {
    scene.reached();
    const arrived = () => [...scene.apps[0].received, ...scene.apps[1].received];
    const before = arrived().length;
    const answers = await Promise.all(
      lookAlikes.map(async (target) => ({ target, ...(await scene.ask(1, { target })) })),
    );
    expect(answers.filter(({ headers }) => headers.has("x-app")).map(({ target }) => target)).toEqual([]);
    expect(arrived().slice(before)).toEqual([]);
  });

  test("every path that an app gets unasked is the opened one in every reading", async () => {
    const letters = [
      "/",
      "..",
      ".",
      "%2e",
      "%2f",
      "\\",
      "%5c",
      ";",
      "share",
      "admin",
      "//",
      "%",
      "#",
      "?",
      "%25",
      "A",
      " ",
    ];
    let seed = 20_261_125;
    const next = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * below);
    };
    const targets = Array.from({ length: 400 }, () =>
      ["/share", ...Array.from({ length: 1 + next(6) }, () => letters[next(letters.length)])].join(""),
    );
    const before = scene.apps[0].received.length;
    for (let at = 0; at < targets.length; at += 40)
      await Promise.all(targets.slice(at, at + 40).map((target) => scene.ask(1, { target })));
    const arrived = scene.apps[0].received.slice(before).map(({ target }) => target);
    expect(arrived.length).toBeGreaterThan(10);
    const strays = arrived.filter(
      (target) => ![...readings(target)].every((one) => inside(one.split(/[?#]/)[0] ?? "")),
    );
    expect(strays).toEqual([]);
  });
});
