/** What is released: whole, known by its checksums, of known parts, and the same whenever it is built. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import lock from "../../bun.lock";
import pkg from "../../package.json" with { type: "json" };
import { zip } from "../../scripts/release-archive.ts";
import { signAdHoc } from "../../scripts/release-signature.ts";
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

/** As bun.lock has a package: what it is, from where, what it uses, its checksum. */
type Resolved = readonly [
  name: string,
  from?: string,
  about?: { readonly dependencies?: Readonly<Record<string, string>> },
];

test("the bill of materials is CycloneDX, and lists every package that the product is made of", async () => {
  const text = readFileSync(join(out, `${name}.cdx.json`), "utf8");
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
  expect(await validator.validate(text)).toBeNull();
  expect(await validator.validate(text.replace('"MIT"', '"Mine"'))).not.toBeNull();

  const bill = JSON.parse(text);
  const purls = bill.components.map(({ purl }: any) => purl);
  expect(new Set(purls).size).toBe(purls.length);
  const resolved = Object.entries(lock.packages as Record<string, Resolved>);
  for (const [own] of Object.entries(pkg.dependencies)) {
    const [, [at = ""] = []] = resolved.find(([key]) => key === own) ?? [];
    expect(purls).toContain(`pkg:npm/${at.replace(/^@/, "%40")}`);
  }
  // What a package of the product uses is of the product, too.
  const needed = resolved.filter(([, [at]]) => purls.includes(`pkg:npm/${at.replace(/^@/, "%40")}`));
  expect(needed.length).toBeGreaterThan(60);
  for (const [key, [, , about]] of needed)
    for (const used of Object.keys(about?.dependencies ?? {})) {
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

/** A Mach-O of two segments and `size` bytes, in front of a signature of something else. */
function machO(size: number): Buffer {
  const bytes = Buffer.alloc(size + 64, 7);
  const segment = (at: number, name: string, from: number, length: number) => {
    bytes.fill(0, at, at + 72);
    bytes.writeUInt32LE(0x19, at);
    bytes.writeUInt32LE(72, at + 4);
    bytes.write(name, at + 8);
    bytes.writeBigUInt64LE(BigInt(from), at + 40);
    bytes.writeBigUInt64LE(BigInt(length), at + 48);
  };
  bytes.writeUInt32LE(0xfeedfacf, 0);
  bytes.writeUInt32LE(3, 16);
  segment(32, "__TEXT", 0, 4096);
  segment(104, "__LINKEDIT", 8192, size + 64 - 8192);
  for (const [index, word] of [0x1d, 16, size, 64].entries()) bytes.writeUInt32LE(word, 176 + index * 4);
  return bytes;
}

test("an executable for macOS is signed for what it is, page by page", () => {
  const size = 20_000;
  const signed = signAdHoc(machO(size));
  const word = (at: number) => signed.readUInt32BE(size + at);
  expect([word(0), word(8), word(20), word(20 + 32)]).toEqual([0xfade0cc0, 1, 0xfade0c02, size]);
  expect(signed.length).toBe(size + signed.readUInt32LE(176 + 12));
  expect(signed.length).toBe(8192 + Number(signed.readBigUInt64LE(104 + 48)));
  const hashes = size + 20 + word(20 + 16);
  expect(word(20 + 28)).toBe(5);
  for (let index = 0; index < 5; index++) {
    const page = signed.subarray(index * 4096, Math.min((index + 1) * 4096, size));
    const hash = signed.subarray(hashes + index * 32, hashes + index * 32 + 32).toString("hex");
    expect([index, hash]).toEqual([index, new Bun.CryptoHasher("sha256").update(page).digest("hex")]);
  }
  expect(() => signAdHoc(Buffer.alloc(100))).toThrow("no executable for macOS");
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
