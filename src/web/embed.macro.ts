/** A Bun macro: runs while bundling, so the pages travel inside the binary, and a source run has the same ones. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface PageFile {
  /** Where it is served: `/login` for `pages/login.html`, `/` for `pages/index.html`, `/assets/…` for the rest. */
  readonly path: string;

  readonly type: string;
  readonly text: string;
}

const pages = join(import.meta.dirname, "pages");

/** Every HTML file of `pages/`, and what they name: bundled, minified, and called by the hash of its content. */
export function embedPages(): PageFile[] {
  const entries = readdirSync(pages).filter((name) => name.endsWith(".html"));
  const out = mkdtempSync(join(tmpdir(), "housekey-pages-"));
  try {
    build(entries, out);
    return readdirSync(out, { recursive: true, encoding: "utf8" })
      .filter((name) => statSync(join(out, name)).isFile())
      .sort()
      .map((name) => ({
        path: pathOf(name),
        type: Bun.file(name).type,
        text: readFileSync(join(out, name), "utf8"),
      }));
  } finally {
    rmSync(out, { recursive: true });
  }
}

const options = [
  "--target=browser",
  "--minify",
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

const pathOf = (name: string): string => `/${name.replaceAll("\\", "/").replace(/(^index)?\.html$/, "")}`;
