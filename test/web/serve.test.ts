import { expect, test } from "bun:test";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { embedPages } from "../../src/web/embed.macro.ts";
import { type Appliance, startAppliance } from "../harness.ts";

const paths = [
  "/",
  "/account",
  "/admin",
  "/device",
  "/invite",
  "/login",
  "/recover",
  "/register",
  "/reset",
  "/setup",
];

const contentPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** The addresses that a page has its browser load. */
const named = (html: string): string[] => [
  ...new Set([...html.matchAll(/(?:src|href)="([^"]+\.[a-z]+)"/g)].map(([, address = ""]) => address)),
];

/** What a script imports, at once or later. */
const imported = (script: string): string[] =>
  [...script.matchAll(/\b(?:from|import) ?\(?"(\/assets\/[^"]+)"/g)].map(([, address = ""]) => address);

/** Every asset of the pages at `paths`: those that they name, and those that scripts import. */
async function assetsOf(house: Appliance, of = paths): Promise<string[]> {
  const pages = await Promise.all(of.map((path) => house.get(path)));
  const found = new Set(pages.flatMap(({ text }) => named(text)));
  for (const path of found)
    if (path.endsWith(".js")) for (const one of imported((await house.get(path)).text)) found.add(one);
  return [...found];
}

/** The bytes as they travel; `house.call` reads text. */
const raw = (house: Appliance, path: string, headers: Record<string, string>) =>
  house.app.handle(new Request(`http://localhost:8420${path}`, { headers }));

for (const path of paths) {
  test(`${path} is a page under a policy that lets nothing in from elsewhere`, async () => {
    await using house = await startAppliance();
    const { status, headers, text } = await house.get(path);
    expect([status, headers.get("content-type")]).toEqual([200, "text/html;charset=utf-8"]);
    expect(headers.get("content-security-policy")).toBe(contentPolicy);
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("cache-control")).toBe("no-cache");
    expect(headers.get("x-request-id")).not.toBe(null);
    expect(text).toStartWith("<!doctype html>");
    expect((await house.get(path === "/" ? path : `${path}/`)).text).toBe(text);
  });

  test(`${path} holds no script and no style of its own`, async () => {
    await using house = await startAppliance();
    const { text } = await house.get(path);
    expect(text.match(/<script(?![^>]*\ssrc=)[^>]*>|<script[^>]*>[^<]/g)).toBe(null);
    expect(text.match(/<style|\sstyle=|\son[a-z]+=|javascript:/gi)).toBe(null);
    expect(named(text).every((address) => address.startsWith("/assets/"))).toBe(true);
  });

  test(`${path} is not sent again to whoever has it`, async () => {
    await using house = await startAppliance();
    const tag = (await house.get(path)).headers.get("etag") ?? "";
    expect(tag).toMatch(/^W\/"[0-9a-z]+"$/);
    for (const known of [tag, tag.slice(2), `"other", ${tag}`, "*"]) {
      const { status, text, headers } = await house.get(path, { headers: { "if-none-match": known } });
      expect([status, text, headers.get("etag")]).toEqual([304, "", tag]);
      expect(headers.get("content-security-policy")).toBe(contentPolicy);
    }
    expect((await house.get(path, { headers: { "if-none-match": '"other"' } })).status).toBe(200);
  });

  test(`${path} answers HEAD with the headers of GET`, async () => {
    await using house = await startAppliance();
    const [got, headed] = [await house.get(path), await house.call("HEAD", path)];
    expect([headed.status, headed.text]).toEqual([200, ""]);
    expect(headed.headers.get("content-length")).toBe(String(Buffer.byteLength(got.text)));
    for (const name of ["content-type", "content-security-policy", "cache-control", "etag", "vary"])
      expect(headed.headers.get(name)).toBe(got.headers.get(name));
  });
}

test("every asset that a page names is served for good, as what it is", async () => {
  await using house = await startAppliance();
  const assets = await assetsOf(house);
  expect(assets.map((path) => path.split(".").pop())).toEqual(expect.arrayContaining(["css", "js", "svg"]));
  const types: Record<string, string> = {
    css: "text/css;charset=utf-8",
    js: "text/javascript;charset=utf-8",
    svg: "image/svg+xml",
  };
  for (const path of assets) {
    expect(path).toMatch(/^\/assets\/[\w-]+-[0-9a-z]{8}\.(css|js|svg)$/);
    const { status, headers } = await house.get(path);
    expect([path, status, headers.get("content-type")]).toEqual([
      path,
      200,
      types[path.split(".").pop() ?? ""] ?? "",
    ]);
    expect(headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toBe("default-src 'none'; frame-ancestors 'none'");
  }
});

const codings = [
  ["gzip, deflate, br, zstd", "br", brotliDecompressSync],
  ["BR;q=0.1", "br", brotliDecompressSync],
  ["gzip;q=1.0, zstd;q=0.5", "zstd", zstdDecompressSync],
  ["br;q=0, gzip;q=0.8", "gzip", gunzipSync],
] as const;

test("pages and assets travel compressed to whoever takes that, and arrive the same", async () => {
  await using house = await startAppliance();
  for (const path of [...paths, ...(await assetsOf(house))]) {
    const plain = await house.get(path);
    expect([plain.headers.get("content-encoding"), plain.headers.get("vary")]).toEqual([
      null,
      "Accept-Encoding",
    ]);
    for (const [asked, coding, unpack] of codings) {
      const packed = await raw(house, path, { "accept-encoding": asked });
      expect([path, packed.headers.get("content-encoding")]).toEqual([path, coding]);
      expect(packed.headers.get("vary")).toBe("Accept-Encoding");
      expect(packed.headers.get("etag")).toBe(plain.headers.get("etag"));
      expect(new TextDecoder().decode(unpack(await packed.bytes()))).toBe(plain.text);
    }
  }
  for (const refused of ["deflate", "gzip;q=0", "gzip;q=0.0, br;q=0", "identity", "*", ""])
    expect((await raw(house, "/login", { "accept-encoding": refused })).headers.get("content-encoding")).toBe(
      null,
    );
});

test("the same source gives the same assets, wherever it is built", async () => {
  await using house = await startAppliance();
  const before = process.cwd();
  process.chdir(house.folder);
  try {
    const built = embedPages().map(({ path }) => path);
    expect(built).toEqual(expect.arrayContaining([...paths.slice(1), ...(await assetsOf(house))]));
  } finally {
    process.chdir(before);
  }
});

/** In bytes, compressed; everything that a page loads or may load later. */
async function weigh(house: Appliance, of: string[]): Promise<number> {
  const scripts = (await assetsOf(house, of)).filter((path) => path.endsWith(".js"));
  const sizes = scripts.map(async (path) => {
    const packed = await raw(house, path, { "accept-encoding": "gzip" });
    return (await packed.bytes()).byteLength;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

test("all script of the sign-in page is under 60 KB, of every page together under 150 KB", async () => {
  await using house = await startAppliance();
  const [login, all] = [await weigh(house, ["/login"]), await weigh(house, [...paths, "/docs"])];
  expect(login).toBeGreaterThan(5_000);
  expect(login).toBeLessThan(60_000);
  expect(all).toBeGreaterThan(login);
  expect(all).toBeLessThan(150_000);
});

test("whoever opens the house itself is at home in their account", async () => {
  await using house = await startAppliance();
  expect((await house.get("/")).text).toBe((await house.get("/account")).text);
});

test("what is no page and no asset is refused like any unknown path", async () => {
  await using house = await startAppliance();
  for (const path of [
    "/assets/setup-00000000.js",
    "/assets/",
    "/index.html",
    "/login.html",
    "/favicon.ico",
  ]) {
    const { status, body, headers } = await house.get(path);
    expect([path, status, body?.error.code]).toEqual([path, 404, "NOT_FOUND"]);
    expect(headers.get("cache-control")).toBe("no-store");
  }
  expect((await house.post("/login", {})).status).toBe(404);
});
