/** The one way in which the executable is made, whatever machine it is for. */
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { BunPlugin } from "bun";

const home = dirname(import.meta.dir);

interface Asked {
  readonly outfile: string;

  /** As Bun names it, and a Bun for it; this machine's own unless named. */
  readonly target?: { readonly name: string; readonly runtime: string };
}

/**
 * One character beyond ASCII, and the executable keeps the whole program in two bytes a character: 3 MB more to
 * load. Bun writes those in strings as escapes, so they come from the notices it leaves standing alone.
 */
const plainNotices: BunPlugin = {
  name: "plain-notices",
  setup(build) {
    build.onLoad({ filter: /\/node_modules\/otpauth\/dist\/.*\.js$/ }, async ({ path }) => ({
      contents: (await Bun.file(path).text()).replace(/^\/\/!.*$/m, (notice) =>
        notice.normalize("NFD").replace(/\P{ASCII}/gu, ""),
      ),
      loader: "js",
    }));
  },
};

/** Throws what Bun says. */
export async function compile({ outfile: asked, target }: Asked): Promise<void> {
  const outfile = resolve(home, asked);
  await Bun.build({
    entrypoints: [join(home, "src/main.ts")],
    target: "bun",
    format: "esm",
    bytecode: true,
    // What a start does not need is not even loaded.
    splitting: true,
    minify: { syntax: true, whitespace: true },
    plugins: [plainNotices],
    compile: {
      outfile,
      // What lies in the folder where a command happens to be run is nobody's to trust: root runs some of them.
      autoloadDotenv: false,
      autoloadBunfig: false,
      ...(target && { target: target.name as Bun.Build.CompileTarget, executablePath: target.runtime }),
    },
  });
  if (readFileSync(outfile).includes(Buffer.from("Housekey has no admin yet", "utf16le")))
    throw new Error(`${outfile} keeps its program in two bytes a character: something in it is not ASCII`);
}
