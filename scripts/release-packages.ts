/** The packages that the executable is made of: what bun.lock resolves the dependencies to, and theirs. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import lock from "../bun.lock";

export interface Package {
  readonly name: string;
  readonly version: string;

  /** SHA-512 of what the registry has, in hexadecimal. */
  readonly sha512: string;

  /** An SPDX expression, as the package says. */
  readonly license: string;

  readonly author: string;

  /** The texts of its licence, and whatever else it wants to be told. */
  readonly texts: readonly string[];

  /** The packages it uses, as `name@version`. */
  readonly uses: readonly string[];
}

interface Locked {
  readonly dependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
  readonly optionalPeers?: readonly string[];
}

const home = join(import.meta.dir, "..");
const isTold = /^(licen[cs]e|copying|notice|copyright)/i;

/** Sorted by name. `uses` of the product itself are in `direct`. */
export function runtimePackages(): { packages: Package[]; direct: string[] } {
  const found = new Map<string, Package>();
  const wanted = Object.keys(lock.workspaces[""]?.dependencies ?? {});
  const direct = wanted.map((name) => visit(keyOf(name, ""), found));
  return { packages: [...found.values()].sort((a, b) => (ref(a) < ref(b) ? -1 : 1)), direct };
}

export const ref = ({ name, version }: Pick<Package, "name" | "version">): string => `${name}@${version}`;

/** Takes the package at `key` and what it uses into `found`; answers its `name@version`. */
function visit(key: string, found: Map<string, Package>): string {
  const [resolved = "", , about = {}, integrity = ""] = (lock.packages[key] ?? []) as [
    string?,
    string?,
    Locked?,
    string?,
  ];
  const at = resolved.lastIndexOf("@");
  const named = { name: resolved.slice(0, at), version: resolved.slice(at + 1) };
  if (found.has(ref(named))) return ref(named);
  if (!integrity.startsWith("sha512-")) throw new Error(`bun.lock has no checksum for ${key}`);
  const sha512 = Buffer.from(integrity.slice(7), "base64").toString("hex");
  const itself = { ...named, sha512, ...told(key) };
  // Two that use each other end here.
  found.set(ref(named), { ...itself, uses: [] });
  const peers = Object.keys(about.peerDependencies ?? {}).filter(
    (name) => !about.optionalPeers?.includes(name),
  );
  const uses = [...new Set([...Object.keys(about.dependencies ?? {}), ...peers])]
    .map((name) => visit(keyOf(name, key), found))
    .sort();
  found.set(ref(named), { ...itself, uses });
  return ref(named);
}

/** Where in bun.lock the package `name` is that the one at `key` gets: its own, or the next one further out. */
function keyOf(name: string, key: string): string {
  const own = key === "" ? name : `${key}/${name}`;
  if (own in lock.packages) return own;
  if (key === "") throw new Error(`bun.lock has no ${name}`);
  return keyOf(name, parts(key).slice(0, -1).join("/"));
}

/** The packages in a key: "@a/b/c" are @a/b and c. */
const parts = (key: string): string[] => key.match(/@[^/]+\/[^/]+|[^/]+/g) ?? [];

function told(key: string): Pick<Package, "license" | "author" | "texts"> {
  const folder = join(home, "node_modules", parts(key).join("/node_modules/"));
  const { license, author } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    license?: string;
    author?: string | { name?: string };
  };
  if (typeof license !== "string") throw new Error(`${key} does not say under which licence it is`);
  const names = readdirSync(folder).filter((name) => isTold.test(name));
  return {
    license,
    author: (typeof author === "string" ? author : author?.name) ?? `the authors of ${key}`,
    texts: names.sort().map((name) => readFileSync(join(folder, name), "utf8").trim()),
  };
}
