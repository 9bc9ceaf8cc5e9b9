/** `scripts/build`: the executable, with everything it serves inside. */
import { readFileSync } from "node:fs";
import type { BunPlugin } from "bun";

const outfile = "dist/housekey";

/**
 * One character beyond Latin-1 or ASCII, and the executable keeps the whole program in two bytes a character: 3 MB
 * more to load. Bun writes those in strings as escapes, so they come from the notices it leaves standing alone.
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

await Bun.build({
  entrypoints: ["src/main.ts"],
  target: "bun",
  format: "esm",
  bytecode: true,
  splitting: true,
  minify: { syntax: true, whitespace: true },
  plugins: [plainNotices],
  compile: { outfile },
});
if (readFileSync(outfile).includes(Buffer.from("Housekey has no admin yet", "utf16le")))
  throw new Error(`${outfile} keeps its program in two bytes a character: something in it is not ASCII`);
console.log(`built ${outfile}`);
