import { expect, test } from "bun:test";
import { dirname, join, relative } from "node:path";

/**
 * Who may import whom: the whole architecture, in one table. A folder may always import itself. `.` is the
 * files directly in `src`, which exist to put the rest together; `config` is `config.ts` and `names.ts`.
 */
const allowed: Record<string, readonly string[]> = {
  identity: [
    "node:crypto",
    "node:zlib",
    "@simplewebauthn/server",
    "@zxcvbn-ts/language-common",
    "jose",
    "otpauth",
    "qr",
    "reflect-metadata",
  ],
  store: ["identity", "bun:sqlite", "drizzle-orm", "jose", "node:async_hooks", "node:fs", "node:path"],
  archive: ["age-encryption", "node:crypto", "node:fs", "node:stream", "node:zlib"],
  http: ["identity", "elysia", "@elysiajs/swagger", "@sinclair/typebox", "bowser", "bun", "node:net"],
  "surfaces/browser": ["identity", "http", "elysia"],
  "surfaces/spa": ["identity", "http", "elysia"],
  "surfaces/mobile": ["identity", "http", "elysia"],
  "surfaces/machine": ["identity", "http", "elysia"],
  "surfaces/public": ["identity", "http", "elysia", "node:crypto", "package.json"],
  doctor: [
    "identity",
    "config",
    "host",
    "store",
    "node:crypto",
    "node:fs",
    "node:net",
    "node:path",
    "node:tls",
  ],
  host: ["identity", "config", "mail", "bun:sqlite", "node:crypto", "node:fs", "node:os", "node:path"],
  jobs: ["identity", "node:fs", "node:path"],
  upstream: ["identity", "jose", "openid-client"],
  web: ["elysia", "preact", "@simplewebauthn/browser", "qr", "node:fs", "node:os", "node:path", "node:zlib"],
  mail: ["identity", "nodemailer", "node:crypto", "node:dns", "node:fs", "node:path", "node:net"],
  cli: [
    "archive",
    "identity",
    "config",
    "doctor",
    "host",
    "http",
    "mail",
    "store",
    "upstream",
    "package.json",
    "bun:sqlite",
    "node:crypto",
    "node:fs",
    "node:os",
    "node:path",
  ],
  config: ["identity", "node:fs", "node:net", "node:os", "node:path"],
  ".": [
    "identity",
    "http",
    "store",
    "surfaces/browser",
    "surfaces/spa",
    "surfaces/mobile",
    "surfaces/machine",
    "surfaces/public",
    "mail",
    "doctor",
    "upstream",
    "host",
    "jobs",
    "web",
    "cli",
    "config",
    "elysia",
    "bun",
    "node:crypto",
    "node:fs",
    "node:os",
    "node:path",
    "package.json",
    "node:util",
  ],
};

/** What a folder's code may not reach for without an import. */
const forbidden: Record<string, readonly RegExp[]> = {
  identity: [
    /\bDate\.now\b/,
    /\bnew Date\(\)/,
    /\bprocess\b/,
    /\bperformance\b/,
    /\bMath\.random\b/,
    /\bset(Timeout|Interval|Immediate)\b/,
    /\bfetch\(/,
    /\bconsole\b/,
    /\bBun\.(?!password\b|randomUUIDv7\b)/,
  ],
  store: [/\bDate\.now\b/, /\bnew Date\(\)/, /\bprocess\b/, /\bMath\.random\b/, /\bconsole\b/],
  http: [/\bDate\.now\b/, /\bnew Date\(\)/, /\bprocess\b/, /\bMath\.random\b/, /\bconsole\b/],
  surfaces: [
    /\bcore\.store\b/,
    /\bDate\.now\b/,
    /\bnew Date\(\)/,
    /\bprocess\b/,
    /\bMath\.random\b/,
    /\bconsole\b/,
  ],
  jobs: [/\bDate\.now\b/, /\bnew Date\(\)/, /\bprocess\b/, /\bconsole\b/],
  host: [/\bprocess\.env\b/, /\bconsole\b/],
  cli: [/\bprocess\.env\b/, /\bconsole\b/],
  ".": [/\bconsole\b/],
};

const src = join(import.meta.dir, "../src");
const folders = Object.keys(allowed).filter((folder) => folder !== "." && folder !== "config");

function folderOf(file: string): string {
  if (file === "config.ts" || file === "names.ts") return "config";
  if (file === "../package.json") return "package.json";
  return folders.find((folder) => file.startsWith(`${folder}/`)) ?? ".";
}

const packageOf = (specifier: string): string =>
  specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");

/** Every kind there is: `import … from`, `export … from`, `import "…"`, `import("…")`, `require("…")`, types too. */
const importForms = [
  /^\s*(?:import|export)\b[^;"'`]*?\bfrom\s*["'`]([^"'`]+)["'`]/gm,
  /^\s*import\s*["'`]([^"'`]+)["'`]/gm,
  /\b(?:import|require)\s*\(\s*["'`]([^"'`]+)["'`]/g,
];

export function importsOf(code: string): string[] {
  const found = importForms.flatMap((form) =>
    [...code.matchAll(form)].map(([, specifier = ""]) => specifier),
  );
  // An import whose name is computed could be anything.
  return /\b(?:import|require)\s*\(\s*(?!["'`])/.test(code) ? [...found, "(computed)"] : found;
}

/** Code without comments, so that prose may name what code may not. */
const codeOf = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");

for await (const file of new Bun.Glob("**/*.{ts,tsx}").scan(src)) {
  const code = codeOf(await Bun.file(join(src, file)).text());
  const home = folderOf(file);

  test(`${file} imports only what its folder may`, () => {
    const imported = importsOf(code).map((specifier) =>
      specifier.startsWith(".")
        ? folderOf(relative(src, join(src, dirname(file), specifier)))
        : packageOf(specifier),
    );
    expect([home, ...(allowed[home] ?? [])]).toEqual(expect.arrayContaining(imported));
  });

  test(`${file} reaches for nothing its folder may not`, () => {
    const rules = forbidden[home] ?? forbidden[home.split("/")[0] ?? ""] ?? [];
    expect(rules.filter((rule) => rule.test(code)).map(String)).toEqual([]);
  });
}

test("the rules see every form an import can take", () => {
  const forms = [
    'import a from "elysia";',
    'import type { B } from "elysia";',
    'import {\n  c,\n} from "elysia";',
    'export * from "elysia";',
    'import "elysia";',
    'const d = await import("elysia");',
    'const e = require("elysia");',
    "type F = import('elysia').G;",
  ];
  for (const form of forms) expect(importsOf(form)).toContain("elysia");
  expect(importsOf("await import(name)")).toContain("(computed)");
});

test("nobody imports what puts the rest together", async () => {
  for await (const file of new Bun.Glob("*/**/*.{ts,tsx}").scan(src)) {
    const code = codeOf(await Bun.file(join(src, file)).text());
    const targets = importsOf(code).map((specifier) => relative(src, join(src, dirname(file), specifier)));
    expect(
      targets.filter((target) => ["backups.ts", "main.ts", "serve.ts", "server.ts"].includes(target)),
    ).toEqual([]);
  }
});

test("every noun of the store has its page in the core", async () => {
  const plumbing =
    /^(connection|db|embed\.macro|memory|migrate|packed|reads|remember|snapshot|sqlite|tables|version)\.ts$/;
  for await (const file of new Bun.Glob("*.ts").scan(join(src, "store")))
    if (!plumbing.test(file)) expect(await Bun.file(join(src, "identity", file)).exists()).toBe(true);
});
