/** What the executables are made of, for machines: CycloneDX 1.6. The same release has the same bill. */
import { createHash } from "node:crypto";
import pkg from "../package.json" with { type: "json" };
import { type Package, ref } from "./release-packages.ts";
import { bunVersion, type Target } from "./release-targets.ts";

interface Asked {
  readonly packages: readonly Package[];

  /** What the product itself uses, as `name@version`. */
  readonly direct: readonly string[];

  readonly targets: readonly Target[];
  readonly at: Date;
}

export function billOfMaterials({ packages, direct, targets, at }: Asked): string {
  const product = `pkg:generic/${pkg.name}@${pkg.version}`;
  const purls = new Map(packages.map((one) => [ref(one), purlOf(one)]));
  const purl = (name: string) => {
    const known = purls.get(name);
    if (known === undefined) throw new Error(`the bill has no ${name}`);
    return known;
  };
  const runtimes = targets.map(runtimeOf);
  const bill = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      timestamp: at.toISOString(),
      lifecycles: [{ phase: "build" }],
      component: {
        type: "application",
        "bom-ref": product,
        name: pkg.name,
        version: pkg.version,
        description: pkg.description,
        purl: product,
        licenses: [{ license: { id: pkg.license } }],
      },
    },
    components: [...packages.map(componentOf), ...runtimes],
    dependencies: [
      { ref: product, dependsOn: [...direct.map(purl), ...runtimes.map(({ purl }) => purl)].sort() },
      ...packages.map((one) => ({ ref: purlOf(one), dependsOn: one.uses.map(purl) })),
      ...runtimes.map(({ purl }) => ({ ref: purl, dependsOn: [] })),
    ],
  };
  return `${JSON.stringify({ ...bill, serialNumber: serialOf(JSON.stringify(bill)) }, null, 2)}\n`;
}

const purlOf = ({ name, version }: Pick<Package, "name" | "version">): string =>
  `pkg:npm/${name.replace("@", "%40")}@${version}`;

function componentOf(one: Package) {
  const [, group, name = one.name] = /^(@[^/]+)\/(.+)$/.exec(one.name) ?? [];
  return {
    type: "library",
    "bom-ref": purlOf(one),
    ...(group !== undefined && { group }),
    name,
    version: one.version,
    purl: purlOf(one),
    licenses: [licenceOf(one.license)],
    hashes: [{ alg: "SHA-512", content: one.sha512 }],
  };
}

/** The Bun of a target: the checksum is of its executable. */
function runtimeOf({ runtime, sha256 }: Target) {
  const purl = purlOf({ name: `@oven/bun-${runtime}`, version: bunVersion });
  return {
    type: "platform",
    "bom-ref": purl,
    group: "@oven",
    name: `bun-${runtime}`,
    version: bunVersion,
    purl,
    licenses: [licenceOf("MIT")],
    hashes: [{ alg: "SHA-256", content: sha256 }],
  };
}

const licenceOf = (text: string) =>
  /^[\w.+-]+$/.test(text) ? { license: { id: text } } : { expression: text.replace(/^\((.*)\)$/, "$1") };

/** A UUID (RFC 9562, version 8) of what is in the bill. */
function serialOf(text: string): string {
  const bytes = createHash("sha256").update(text).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return `urn:uuid:${hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")}`;
}
