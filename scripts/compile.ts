/** The one way in which the executable is made, whatever machine it is for. */
import { dirname } from "node:path";

const home = dirname(import.meta.dir);

interface Asked {
  readonly outfile: string;

  /** As Bun names it, and a Bun for it; this machine's own unless named. */
  readonly target?: { readonly name: string; readonly runtime: string };
}

/** Throws what Bun says. */
export async function compile({ outfile, target }: Asked): Promise<void> {
  const flags = ["--compile", "--bytecode", "--format=esm", "--minify-syntax", "--minify-whitespace"];
  // What lies in the folder where a command happens to be run is nobody's to trust: root runs some of them.
  flags.push("--no-compile-autoload-dotenv", "--no-compile-autoload-bunfig");
  if (target) flags.push(`--target=${target.name}`, `--compile-executable-path=${target.runtime}`);
  const child = Bun.spawn([process.execPath, "build", ...flags, "--outfile", outfile, "src/main.ts"], {
    cwd: home,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [said, complaint] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) !== 0) throw new Error(`bun build: ${complaint || said}`);
}
