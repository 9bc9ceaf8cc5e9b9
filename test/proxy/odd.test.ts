/** Requests that are odd, large, upgraded or of another version: decided like any, and they reach the app as they were. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:http2";
import { join } from "node:path";
import { requireBinary } from "../binary.ts";
import { valuesOf } from "./app.ts";
import { visitor } from "./domain.ts";
import { kinds } from "./front.ts";
import { cookieOf, newScene, openPaths, type Scene } from "./scene.ts";
import { dial } from "./wire.ts";

beforeAll(requireBinary);

describe.each(kinds)("behind %s", (kind) => {
  let scene: Scene;
  let cookie = "";

  beforeAll(async () => {
    scene = await newScene(kind);
    cookie = cookieOf(scene.admin);
    await openPaths(scene, [
      [2, "/open"],
      [3, "/open"],
    ]);
  });

  afterAll(() => scene?.[Symbol.asyncDispose]());

  /** curl, from the visitor's address. */
  async function curl(...words: string[]): Promise<{ status: number; version: string; body: string }> {
    const resolve = ["app1", "app2"].flatMap((one) => [
      "--resolve",
      `${one}.home.example:${scene.port}:127.0.0.1`,
    ]);
    const fixed = ["-sS", "--path-as-is", "--interface", visitor, "--cacert", scene.certificates.authority];
    const out = ["-w", "\n%{http_code} %{http_version}"];
    const child = Bun.spawn(["curl", ...fixed, ...resolve, ...out, ...words], {
      stdin: "ignore",
      stderr: "pipe",
    });
    const [text, error] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    const cut = text.lastIndexOf("\n");
    const [status, version = ""] = text.slice(cut + 1).split(" ");
    // A proxy may hang up on a body that it does not want, and has said no by that.
    const isHungUpOn = [18, 55, 56, 92].includes(await child.exited) && Number(status) !== 200;
    if (child.exitCode !== 0 && !isHungUpOn) throw new Error(error);
    return { status: Number(status), version, body: text.slice(0, cut) };
  }

  /** HTTP/2 that names the host in both of the ways it has (RFC 9113 §8.3.1). */
  async function overHttp2(headers: Record<string, string>): Promise<void> {
    const ca = readFileSync(scene.certificates.authority);
    const session = connect(`https://127.0.0.1:${scene.port}`, { ca, servername: "app1.home.example" });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stream = session.request(headers);
    stream.once("error", reject);
    stream.once("end", resolve);
    stream.resume();
    await promise.finally(() => session.destroy());
  }

  const address = (app: 1 | 2, path = "/") => `https://app${app}.home.example:${scene.port}${path}`;

  test("a cookie that is malformed, cut, re-cased, another's or there twice opens nothing", async () => {
    const [session = ""] = scene.admin.cookie.split("; ");
    const [name = "", token = ""] = session.split("=");
    const bad = [
      ...[
        name,
        `${name}=`,
        `=${token}`,
        `${name}=${token.slice(1)}`,
        `${name}=${token}0`,
        `${name}=${token.toUpperCase()}`,
      ],
      ...[
        `${name.toLowerCase()}=${token}`,
        `housekey=${token}`,
        `__Host-housekey=${token}`,
        `${name}="${token}"`,
      ],
      ...[
        `${name}=${"0".repeat(96)}`,
        `${name}=%${token.slice(1)}`,
        `${name}=${token}%00`,
        `${name}=${"a".repeat(6000)}`,
      ],
      ...[
        `${name}=x; ${session}`,
        `${session}; ${name}=${"0".repeat(96)}`,
        `;;;=;${name}`,
        "\x01",
        `${session}\x01`,
      ],
    ];
    for (const one of bad) {
      scene.reached();
      const { status } = await scene.ask(1, { lines: [`Cookie: ${one}`] });
      expect([one, status >= 400, scene.reached()]).toEqual([one, true, 0]);
    }
    const lines = [`Cookie: ${name}=${"0".repeat(96)}`, `Cookie: ${session}`];
    scene.reached();
    expect((await scene.ask(1, { lines })).status).toBeGreaterThanOrEqual(400);
    expect(scene.reached()).toBe(0);
    expect((await scene.ask(1, { lines: [`Cookie: a=1;${session};b`] })).status).toBe(200);
  });

  test("a method that the house has never heard of is decided like any, and reaches the app as it is", async () => {
    for (const method of [
      "PROPFIND",
      "FOO",
      "REPORT",
      "DELETE",
      "PATCH",
      "OPTIONS",
      "HEAD",
      "get",
      "Post",
      "G;T",
      "TRACE",
    ]) {
      scene.reached();
      const out = await scene.ask(1, { method });
      expect([method, out.status >= 400, scene.reached()]).toEqual([method, true, 0]);
      const { status } = await scene.ask(1, { method, lines: [cookie] });
      const known = /^[A-Z]+$/.test(method) && method !== "TRACE";
      if (known) expect([method, status, scene.reached()]).toEqual([method, 200, 1]);
      // One proxy takes these and another does not; none hands on another method than it asked about.
      else
        expect([method, status >= 400 || scene.apps[0].received.at(-1)?.method === method]).toEqual([
          method,
          true,
        ]);
    }
  });

  test("a large body reaches the app byte by byte, and not at all from a stranger", async () => {
    const body = "0123456789abcdef".repeat(500_000);
    const sha256 = createHash("sha256").update(body).digest("hex");
    const file = join(scene.cwd, "body");
    writeFileSync(file, body);
    for (const version of ["--http1.1", "--http2"])
      for (const sent of [
        ["--data-binary", `@${file}`],
        ["--data-binary", `@${file}`, "-H", "Transfer-Encoding: chunked"],
      ]) {
        scene.reached();
        const out = await curl(version, ...sent, address(1));
        expect([version, out.status === 200, scene.reached()]).toEqual([version, false, 0]);
        const { status } = await curl(version, ...sent, "-H", cookie, address(1));
        expect([version, status, scene.reached()]).toEqual([version, 200, 1]);
        expect(scene.apps[0].received.at(-1)).toMatchObject({ method: "POST", bytes: body.length, sha256 });
      }
  }, 30_000);

  test("a WebSocket opens for who is signed in, and carries what is sent", async () => {
    const upgrade = [
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ];
    async function open(...lines: string[]): Promise<string> {
      const socket = await dial(scene, "app1.home.example");
      const head = [
        "GET /live HTTP/1.1",
        `Host: app1.home.example:${scene.port}`,
        "Connection: Upgrade",
        ...upgrade,
        ...lines,
      ];
      const { promise, resolve } = Promise.withResolvers<string>();
      let heard = "";
      socket.on("data", (chunk: Buffer) => {
        heard += chunk.toString("latin1");
        if (heard.includes("101 Switching") && heard.endsWith("\r\n\r\n")) socket.write("ping");
        if (heard.endsWith("ping") || /^HTTP\/1.1 [45]/.test(heard)) resolve(heard);
      });
      socket.on("close", () => resolve(heard));
      socket.write(`${head.join("\r\n")}\r\n\r\n`);
      return promise.finally(() => socket.destroy());
    }
    scene.reached();
    expect(await open()).toStartWith("HTTP/1.1 401");
    expect(scene.reached()).toBe(0);
    const heard = await open(cookie);
    expect(heard).toStartWith("HTTP/1.1 101 Switching Protocols");
    expect(heard).toContain("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    expect(heard).toEndWith("\r\n\r\nping");
    const [last] = scene.apps[0].received.slice(-1);
    expect([last?.version, last && valuesOf(last, "connection").join().toLowerCase()]).toEqual([
      "HTTP/1.1",
      "upgrade",
    ]);
    await scene.ask(1, { lines: [cookie] });
    expect(JSON.stringify(scene.apps[0].received.at(-1))).not.toMatch(/upgrade/i);
  });

  test("HTTP/2 and HTTP/1.0 are decided alike", async () => {
    for (const [app, path, headers, status] of [
      [1, "/", [], 401],
      [1, "/", ["-H", cookie], 200],
      [2, "/open/x", [], 200],
      [1, "/open/x", [], 401],
      [2, "/open/../x", [], 401],
      [2, "/open/%2e%2e/x", [], 401],
      [1, "/", ["-H", "Remote-User: ada", "-H", "X-Forwarded-Uri: /open"], 401],
    ] as const) {
      const answer = await curl("--http2", ...headers, address(app, path));
      expect([app, path, answer]).toEqual([app, path, expect.objectContaining({ status, version: "2" })]);
    }
    scene.reached();
    expect((await scene.ask(1, { version: "1.0" })).status).toBe(401);
    expect(scene.reached()).toBe(0);
    expect((await scene.ask(1, { version: "1.0", lines: [cookie] })).status).toBe(200);
    expect((await scene.ask(2, { version: "1.0", target: "/open" })).status).toBe(200);
  });

  test("a target that names another host is judged as what is asked for there", async () => {
    // What is open at app 2 stays closed at app 1, whichever of the two names says which.
    const [here, there] = [`app1.home.example:${scene.port}`, `app2.home.example:${scene.port}`];
    const [one, two] = scene.apps;
    for (const asked of [
      { target: `https://${here}/open`, hosts: [there] },
      { target: `https://${here}/open/`, hosts: [here] },
      { target: `http://${here}/open`, hosts: [there] },
      { target: "/open", hosts: [there, here] },
      { target: "/open", hosts: [here, there] },
      { target: `https://app2.home.example@${here}/open` },
      { target: `//${there}/open` },
      { target: "/open", hosts: [] },
      { target: "/open", hosts: [""] },
      { target: "/open", hosts: [`${there}, ${here}`] },
      { target: "/open", hosts: [`app3.home.example:${scene.port}`] },
    ]) {
      const before = one.received.length;
      await scene.ask(1, asked);
      expect([asked, one.received.length]).toEqual([asked, before]);
    }
    for (const [authority, host] of [
      [here, there],
      [here, here],
    ] as const) {
      const before = one.received.length;
      await overHttp2({ ":path": "/open", ":authority": authority, host });
      expect([authority, host, one.received.length]).toEqual([authority, host, before]);
    }
    const before = two.received.length;
    await scene.ask(1, { target: `https://${there}/closed`, hosts: [here] });
    expect(two.received.length).toBe(before);
    expect((await scene.ask(1, { target: `https://${here}/x`, lines: [cookie] })).status).toBe(200);
  });
});
