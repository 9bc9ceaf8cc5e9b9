/** What is released: whole, known by its checksums, of known parts, and the same whenever it is built. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import lock from "../../bun.lock";
import pkg from "../../package.json" with { type: "json" };
import { zip } from "../../scripts/release-archive.ts";
import { targets } from "../../scripts/release-targets.ts";
import { emptyFolder } from "../binary.ts";

const home = join(import.meta.dir, "../..");
const name = `housekey-${pkg.version}`;
const archive = `${name}-linux-x64.tar.gz`;
const released = emptyFolder();
const out = released.path;
const sums = (folder: string) => readFileSync(join(folder, "SHA256SUMS"), "utf8");

function done(words: string[], cwd = home, env: Record<string, string> = {}): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(words, { cwd, env: { ...process.env, ...env } });
  expect([words, exitCode, stderr.toString()]).toEqual([words, 0, ""]);
  return stdout.toString();
}

const release = (folder: string) => done(["scripts/release", "--only", "linux-x64", "--out", folder]);

beforeAll(() => release(out));
afterAll(() => released[Symbol.dispose]());

test("the archive has the executable of this version, and what goes with it", async () => {
  expect(readdirSync(out).sort()).toEqual(["SHA256SUMS", archive, `${name}.cdx.json`].sort());
  expect(done(["sha256sum", "--check", "--strict", "SHA256SUMS"], out)).toBe(
    `${archive}: OK\n${name}.cdx.json: OK\n`,
  );
  using folder = emptyFolder();
  done(["tar", "xzf", join(out, archive)], folder.path);
  const [inside = ""] = readdirSync(folder.path);
  expect(inside).toBe(`${name}-linux-x64`);
  const at = join(folder.path, inside);
  expect(readdirSync(at).sort()).toEqual([
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "THIRD-PARTY.txt",
    "housekey",
  ]);
  expect(done([join(at, "housekey"), "version"], at)).toBe(`housekey ${pkg.version}\n`);
  const facts = JSON.parse(done([join(at, "housekey"), "version", "--json"], at));
  expect(facts).toEqual({ version: pkg.version, bun: Bun.version, platform: "linux-x64" });
});

test("the bill of materials is CycloneDX, and lists every package that the product is made of", async () => {
  const text = readFileSync(join(out, `${name}.cdx.json`), "utf8");
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
  expect(await validator.validate(text)).toBeNull();
  expect(await validator.validate(text.replace('"MIT"', '"Mine"'))).not.toBeNull();

  const bill = JSON.parse(text);
  const purls = bill.components.map(({ purl }: any) => purl);
  expect(new Set(purls).size).toBe(purls.length);
  const resolved = Object.entries(lock.packages as Record<string, [string, ...unknown[]]>);
  for (const [own] of Object.entries(pkg.dependencies)) {
    const [, [at = ""] = []] = resolved.find(([key]) => key === own) ?? [];
    expect(purls).toContain(`pkg:npm/${at.replace(/^@/, "%40")}`);
  }
  // What a package of the product uses is of the product, too.
  const needed = resolved.filter(([, [at]]) => purls.includes(`pkg:npm/${at.replace(/^@/, "%40")}`));
  expect(needed.length).toBeGreaterThan(60);
  for (const [key, [, , about]] of needed)
    for (const used of Object.keys((about as any).dependencies ?? {})) {
      const [, [at = ""] = []] = resolved.find(([one]) => one === `${key}/${used}`) ??
        resolved.find(([one]) => one === used) ?? ["", []];
      expect([key, purls]).toEqual([key, expect.arrayContaining([`pkg:npm/${at.replace(/^@/, "%40")}`])]);
    }
  for (const tool of Object.keys(pkg.devDependencies))
    expect(purls.filter((purl: string) => purl.startsWith(`pkg:npm/${tool.replace(/^@/, "%40")}@`))).toEqual(
      [],
    );
  for (const { hashes, licenses } of bill.components) {
    expect(licenses).toHaveLength(1);
    expect(hashes[0].content).toMatch(/^([0-9a-f]{64}|[0-9a-f]{128})$/);
  }
  const [runtime] = targets.filter((one) => one.name === "linux-x64");
  expect(bill.components.at(-1)).toMatchObject({
    name: "bun-linux-x64",
    hashes: [{ content: runtime?.sha256 }],
  });
});

test("the licences of all of them go with it", () => {
  const inside = `${name}-linux-x64/THIRD-PARTY.txt`;
  const text = done(["tar", "xzOf", join(out, archive), inside]);
  const bill = JSON.parse(readFileSync(join(out, `${name}.cdx.json`), "utf8"));
  for (const { type, group, name: own, version } of bill.components)
    if (type === "library") expect(text).toContain(`\n${group ? `${group}/` : ""}${own}@${version} (`);
  for (const words of ["JavaScriptCore", "Permission is hereby granted", "Apache License", "Copyright (c) "])
    expect(text).toContain(words);
});

test("built again, it is the same to the last byte", () => {
  using again = emptyFolder();
  release(again.path);
  expect(sums(again.path)).toBe(sums(out));
});

test("the archive for Windows is one that other programs read", () => {
  using folder = emptyFolder();
  const files = [
    { name: "a/housekey.exe", bytes: Buffer.from("an executable".repeat(999)), isExecutable: true },
    { name: "a/LICENSE", bytes: Buffer.from(""), isExecutable: false },
  ];
  writeFileSync(join(folder.path, "a.zip"), zip(files, new Date("2026-02-03T04:05:06Z")));
  const read = [
    "import zipfile; z = zipfile.ZipFile('a.zip'); assert z.testzip() is None",
    "for i in z.infolist(): print(i.filename, len(z.read(i)), i.date_time, oct(i.external_attr >> 16))",
  ].join("\n");
  expect(done(["/usr/bin/python3", "-c", read], folder.path)).toBe(
    "a/housekey.exe 12987 (2026, 2, 3, 4, 5, 6) 0o100755\na/LICENSE 0 (2026, 2, 3, 4, 5, 6) 0o100644\n",
  );
});

test("a target that does not exist is told, and nothing is built", () => {
  const asked = Bun.spawnSync(["scripts/release", "--only", "linux-x64,amiga", "--out", join(out, "none")], {
    cwd: home,
  });
  expect([asked.exitCode, asked.stderr.toString()]).toEqual([
    2,
    expect.stringContaining("no target amiga; there are linux-x64"),
  ]);
  expect(readdirSync(out)).not.toContain("none");
});
