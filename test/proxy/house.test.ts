/** The house itself behind real proxies: by the examples, and by the lines that the set-up page and the doctor give. */
import { beforeAll, describe, expect, test } from "bun:test";
import { examineForward } from "../../src/doctor/forward.ts";
import { examineOutside } from "../../src/doctor/outside.ts";
import { examineProxies } from "../../src/doctor/proxy.ts";
import { nothingSeen, type Step } from "../../src/identity/doctor.ts";
import type { Finding } from "../../src/web/setup/address.ts";
import { mends } from "../../src/web/setup/mends.ts";
import { admin, requireBinary, run } from "../binary.ts";
import { domain, freePort, houseName, visitor } from "./domain.ts";
import { example, type Kind, kinds } from "./front.ts";
import { cookieOf, newScene, openPaths, type Scene } from "./scene.ts";
import { type Asked, ask } from "./wire.ts";

beforeAll(requireBinary);

const labels = { caddy: "Caddy", nginx: "nginx", haproxy: "HAProxy" } as const;

/** What the set-up page shows somebody who opened the house at its own port. */
function shown(kind: Kind, finding: Finding): string {
  const seen = { origin: "http://127.0.0.1:8420", proxy: "none" } as const;
  const told = { url: "http://localhost:8420", url_is_set: false, seen };
  const mend = mends(finding, `http://${houseName}`, told).find(({ label }) => label === labels[kind]);
  return mend?.text ?? "";
}

/** What the doctor says where something else answers in the place of the house. */
async function prescribed(kind: Kind): Promise<string> {
  await using other = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("a router") });
  const url = new URL(`http://localhost:${other.port}`);
  const [step] = await examineOutside({ url, near: "http://127.0.0.1:8420", now: new Date() });
  const line = kind === "caddy" ? /Caddy: (.*) in the site/ : /nginx: (.*)$/;
  return line.exec(step?.fix ?? "")?.[1] ?? "";
}

const site = (...lines: string[]) => [`${houseName} {`, ...lines, "}", ""].join("\n");

const server = (location: string) =>
  example("house.nginx.conf").replace(/ {2}location [\s\S]*?^ {2}\}/m, () => location);

const nearby = (kind: Kind, lines: string) =>
  kind === "caddy"
    ? site("reverse_proxy 127.0.0.1:8420 {", lines, "}")
    : server(`location / {\nproxy_pass http://127.0.0.1:8420;\n${lines}\n}`);

const blocks = {
  "the example": () => undefined,
  "the set-up page, for a house without https": (kind: Kind) =>
    kind === "caddy" ? shown(kind, "insecure") : server(shown(kind, "insecure")),
  "the set-up page, for a proxy that leaves things out": (kind: Kind) =>
    nearby(kind, [shown(kind, "silent"), shown(kind, "host")].join("\n")),
  "the doctor, where something else answers": async (kind: Kind) => {
    const line = await prescribed(kind);
    return kind === "caddy" ? site(line) : server(line);
  },
} as const;

const json = async (scene: Scene, asked: Asked) => {
  const answer = await ask(scene, houseName, asked);
  return { ...answer, body: answer.body === "" ? null : JSON.parse(answer.body) };
};

describe.each(kinds)("behind %s", (kind) => {
  // The house gives no lines for HAProxy.
  test.each(Object.entries(blocks).slice(0, kind === "haproxy" ? 1 : undefined))(
    "by the lines of %s, people sign in and are told apart by where they are",
    async (_, block) => {
      await using scene = await newScene(kind, { house: await block(kind) });
      const { body: options } = await json(scene, { target: "/auth/options" });
      expect([options.url, options.seen]).toEqual([scene.url, { origin: scene.url, proxy: "trusted" }]);

      const page = [`Origin: ${scene.url}`, "Content-Type: application/json"];
      const spoofed = [
        "X-Forwarded-For: 203.0.113.9",
        "X-Forwarded-For: 203.0.113.10",
        "X-Real-IP: 203.0.113.11",
      ];
      const login = { method: "POST", target: "/auth/local/login", body: JSON.stringify(admin) };
      for (const lines of [
        page,
        [...page, ...spoofed, "Forwarded: for=203.0.113.12", "X-Forwarded-Proto: http"],
      ]) {
        const signedIn = await json(scene, { ...login, lines });
        expect(signedIn.status).toBe(201);
        const [cookie = ""] = signedIn.headers.getSetCookie();
        expect(cookie).toMatch(/^__Secure-housekey=[0-9a-f]{96};.*Secure; Domain=home\.example$/);
        const held = await json(scene, {
          target: "/auth/sessions/current",
          lines: [`Cookie: ${cookie.split(";")[0]}`],
        });
        expect([held.status, held.body.session.ip]).toEqual([200, visitor]);
      }
      const foreign = await json(scene, {
        ...login,
        lines: [...page.slice(1), "Origin: https://evil.example"],
      });
      expect([foreign.status, foreign.body.error.code]).toEqual([403, "ORIGIN_NOT_ALLOWED"]);
      const { stdout } = await run(["doctor", "--json"], { cwd: scene.cwd });
      const steps: Step[] = JSON.parse(stdout).steps;
      expect(steps.filter(({ name }) => name === "proxy")).toEqual([
        { name: "proxy", ok: true, message: "127.0.0.1 says whom it forwards for, and how" },
      ]);
    },
    20_000,
  );
});

test("by the doctor's line for nginx, people who come by http are sent to https", async () => {
  const [now, plain] = [new Date(), await freePort()];
  const peer = { address: "127.0.0.1", at: now, trusted: true, forwardsFor: true, proto: "http" };
  const seen = { ...nothingSeen(), peers: new Map([[peer.address, peer]]) };
  const [step] = examineProxies({ url: new URL(`https://${houseName}`), isSet: true }, seen, [], now);
  const [line = ""] = /server \{ .* \}(?= Caddy)/.exec(step?.fix ?? "") ?? [];
  const house = `${example("house.nginx.conf")}${line.replace("listen 80;", `listen 127.0.0.1:${plain};`)}`;
  await using _ = await newScene("nginx", { house });
  const { status, headers } = await fetch(`http://127.0.0.1:${plain}/login?x=1`, {
    headers: { host: houseName },
    redirect: "manual",
  });
  expect([status, headers.get("location")]).toEqual([301, `https://${houseName}/login?x=1`]);
});

test("by the doctor's lines for nginx, apps ask for the server that was asked, whatever name the client sends", async () => {
  const at = new Date();
  const refused = new Map([
    ["127.0.0.1", { peer: "127.0.0.1", at, is: "missing", header: "X-Forwarded-Uri" } as const],
  ]);
  const seen = { ...nothingSeen(), forward: { refused } };
  const [step] = examineForward(
    { url: new URL("https://auth.home.example"), isSet: true },
    seen,
    { trusted: [], cookieDomain: domain },
    at,
  );
  const lines = step?.fix?.match(/proxy_set_header [^;]*;/g) ?? [];
  expect(lines).toHaveLength(4);
  const mended = (include: string) =>
    include
      .replace(/^ {2}proxy_set_header X-(?:Forwarded-(?:Host|Uri|Method)|Original-URL) .*$\n?/gm, "")
      .replace(/^ {2}internal;$/m, () => ["  internal;", ...lines].join("\n"));
  await using scene = await newScene("nginx", { mended });
  await openPaths(scene, [[2, "/open"]]);
  expect((await scene.ask(1, { lines: [cookieOf(scene.admin)] })).status).toBe(200);
  expect((await scene.ask(2, { target: "/open" })).status).toBe(200);
  const named = {
    target: `https://app1.home.example:${scene.port}/open`,
    hosts: [`app2.home.example:${scene.port}`],
  };
  expect((await scene.ask(1, named)).status).toBe(401);
  const said = ["X-Forwarded-Uri: /x", "X-Forwarded-Host: x", "X-Forwarded-Method: X", "X-Original-URL: x"];
  expect((await scene.ask(2, { target: "/open", lines: said })).status).toBe(200);
  expect((await scene.ask(2, { lines: said })).status).toBe(401);
});
