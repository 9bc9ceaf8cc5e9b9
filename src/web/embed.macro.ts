/** A Bun macro: runs while bundling, so the pages travel inside the binary, and a source run has the same ones. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync, zstdCompressSync } from "node:zlib";

export interface PageFile {
  /** Where it is served: `/login` for `pages/login.html`, `/assets/…` for the rest. */
  readonly path: string;

  readonly type: string;

  /** By the coding's name, in base64; best first. */
  readonly coded: Readonly<Record<"br" | "zstd" | "gzip", string>>;
}

const pages = join(import.meta.dirname, "pages");

const entries = (): string[] => readdirSync(pages).filter((name) => name.endsWith(".html"));

/** The addresses of the pages alone, without what they name. */
export const embedPaths = (): string[] => entries().map(pathOf);

/** Every HTML file of `pages/`, and what they name: bundled, minified, compressed, and called by the hash of its content. */
export function embedPages(): PageFile[] {
  const out = mkdtempSync(join(tmpdir(), "housekey-pages-"));
  try {
    build(entries(), out);
    return readdirSync(out, { recursive: true, encoding: "utf8" })
      .filter((name) => statSync(join(out, name)).isFile())
      .sort()
      .map((name) => ({ path: pathOf(name), type: Bun.file(name).type, ...packed(join(out, name)) }));
  } finally {
    rmSync(out, { recursive: true });
  }
}

function packed(file: string): Pick<PageFile, "coded"> {
  const bytes = readFileSync(file);
  const brotli = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength };
  const base64 = (packed: Uint8Array) => Buffer.from(packed).toString("base64");
  const coded = {
    br: base64(brotliCompressSync(bytes, { params: brotli })),
    zstd: base64(zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 19 } })),
    gzip: base64(gzipSync(bytes, { level: 9 })),
  };
  return { coded };
}

const options = [
  "--target=browser",
  "--production",
  "--splitting",
  "--public-path=/",
  "--entry-naming=[name].[ext]",
  "--chunk-naming=assets/[name]-[hash].[ext]",
  "--asset-naming=assets/[name]-[hash].[ext]",
];

/**
 * By a process of its own: a macro that calls `Bun.build` waits for itself. From the folder of the pages: the
 * hashes are of the paths, too, as seen from there, and the same source should give the same names anywhere.
 */
function build(entries: string[], out: string): void {
  const built = Bun.spawnSync([process.execPath, "build", ...entries, `--outdir=${out}`, ...options], {
    cwd: pages,
  });
  if (built.exitCode !== 0) throw new Error(`the pages do not build: ${built.stderr}`);
}

const pathOf = (name: string): string => `/${name.replaceAll("\\", "/").replace(/\.html$/, "")}`;
