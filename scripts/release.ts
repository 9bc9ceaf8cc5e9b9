/** Builds a release: archives for every system, their checksums, and what they are made of. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import pkg from "../package.json" with { type: "json" };
import { compile } from "./compile.ts";
import { tarGz, zip } from "./release-archive.ts";
import { thirdParty } from "./release-licences.ts";
import { runtimePackages } from "./release-packages.ts";
import { runtimeFor } from "./release-runtime.ts";
import { billOfMaterials } from "./release-sbom.ts";
import { signAdHoc } from "./release-signature.ts";
import { bunVersion, isWindows, type Target, targets } from "./release-targets.ts";

const home = join(import.meta.dir, "..");
const { values } = parseArgs({ options: { only: { type: "string" }, out: { type: "string" } } });
const chosen = choose(values.only);
const out = values.out === undefined ? join(home, "dist/release") : resolve(values.out);
if (pkg.packageManager !== `bun@${bunVersion}`)
  throw new Error(
    `package.json names ${pkg.packageManager}, and scripts/release-targets.ts Bun ${bunVersion}`,
  );

const at = sourceTime();
const { packages, direct } = runtimePackages();
const read = (name: string) => readFileSync(join(home, name));
const [, terms = ""] = read("LICENSE")
  .toString()
  .split(/^Copyright .*$/m);
const beside = {
  LICENSE: read("LICENSE"),
  "README.md": read("README.md"),
  "CHANGELOG.md": read("CHANGELOG.md"),
  "THIRD-PARTY.txt": Buffer.from(thirdParty(packages, terms.trim())),
};

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const sums: string[] = [];
for (const target of chosen) {
  const name = `${pkg.name}-${pkg.version}-${target.name}`;
  const executable = { name: isWindows(target) ? "housekey.exe" : "housekey", bytes: await build(target) };
  const files = [executable, ...Object.entries(beside).map(([name, bytes]) => ({ name, bytes }))].map(
    (file) => ({
      name: `${name}/${file.name}`,
      bytes: file.bytes,
      isExecutable: file === executable,
    }),
  );
  publish(
    isWindows(target) ? `${name}.zip` : `${name}.tar.gz`,
    isWindows(target) ? zip(files, at) : tarGz(files, at),
  );
}
const bill = billOfMaterials({ packages, direct, targets: chosen, at });
publish(`${pkg.name}-${pkg.version}.cdx.json`, Buffer.from(bill));
writeFileSync(
  join(out, "SHA256SUMS"),
  `${sums.sort((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1)).join("\n")}\n`,
);
console.log(`released ${pkg.version} into ${out}`);

async function build(target: Target): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), "housekey-release-"));
  try {
    const outfile = join(folder, isWindows(target) ? "housekey.exe" : "housekey");
    await compile({ outfile, target: { name: target.bun, runtime: await runtimeFor(target) } });
    const bytes = readFileSync(outfile);
    return target.name === "darwin-x64" ? signAdHoc(bytes) : bytes;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function publish(name: string, bytes: Uint8Array): void {
  writeFileSync(join(out, name), bytes);
  sums.push(`${createHash("sha256").update(bytes).digest("hex")}  ${name}`);
  console.log(`${name}: ${(bytes.length / 1e6).toFixed(1)} MB`);
}

function choose(only: string | undefined): readonly Target[] {
  const names = only?.split(",") ?? targets.map(({ name }) => name);
  const unknown = names.find((name) => !targets.some((one) => one.name === name));
  if (unknown === undefined) return targets.filter(({ name }) => names.includes(name));
  console.error(
    `scripts/release: no target ${unknown}; there are ${targets.map(({ name }) => name).join(", ")}`,
  );
  process.exit(2);
}

/** When the sources are from (https://reproducible-builds.org/specs/source-date-epoch/), so that a build has no date of its own. */
function sourceTime(): Date {
  const given = process.env.SOURCE_DATE_EPOCH;
  if (given !== undefined && /^\d{1,10}$/.test(given)) return new Date(Number(given) * 1000);
  const { stdout, exitCode } = Bun.spawnSync(["git", "log", "-1", "--format=%ct"], { cwd: home });
  return exitCode === 0 ? new Date(Number(stdout.toString()) * 1000) : new Date("1980-01-01T00:00:00Z");
}
